"""The lines of a plan, in blocks: one for each host, one for what hosts share, one for the rest, one for problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from ako.cli.plan.essence import essence
from ako.cli.plan.values import change_lines, field_lines, shown
from ako.cli.screen import Style, Words
from ako.core.avi import codec
from ako.core.base.log import told
from ako.core.base.wording import some_of
from ako.core.control.preview import Preview
from ako.core.explain.answer import Fault
from ako.core.explain.causes import Cause, Share, is_of_ports
from ako.core.plan.plan import Create, Delete, Operation, Update

HOSTS_AT_MOST = 3
"""How many hosts and sources of a shared object a line names."""

Part = str | Words


class Row(Struct, frozen=True):
    """A line: what it says, and how far it is indented."""

    parts: tuple[Part, ...]
    indent: int = 0


class Block(Struct, frozen=True):
    """Lines that belong together.

    Attributes:
        heading: what they are about.
        count: how many things that are, for where only the heading is shown.
        rows: the lines.
        host: which host the block is for, or ports of which Service; empty if it is for none alone.
    """

    heading: tuple[Part, ...]
    count: str
    rows: tuple[Row, ...]
    host: str = ""


def blocks_of(preview: Preview, *, with_fields: bool = False) -> Iterator[Block]:
    """Give the blocks of a preview: hosts by name, what they share, the rest, problems; each in the order of doing.

    Args:
        preview: what is to be told.
        with_fields: creations are shown field by field.
    """
    by_host: dict[str, list[Operation]] = {}
    by_share: dict[Share, list[Operation]] = {Share.SEVERAL: [], Share.NONE: []}
    for operation in preview.plan.operations:
        cause = preview.causes[operation.ref]
        if cause.share is Share.ONE and cause.hosts:
            by_host.setdefault(cause.hosts[0], []).append(operation)
        else:
            by_share[cause.share if cause.share is Share.SEVERAL else Share.NONE].append(operation)
    for host in sorted(by_host, key=lambda name: (is_of_ports(name), name)):
        sources = sorted({name for operation in by_host[host] for name in preview.causes[operation.ref].sources})
        heading = (_title(host, sources),)
        yield _block(heading, host, by_host[host], preview, tuple(sources), with_fields=with_fields)
    for share, words in ((Share.SEVERAL, "shared by hosts"), (Share.NONE, "of no host alone")):
        if by_share[share]:
            yield _block((Words(words, Style.STRONG),), "", by_share[share], preview, (), with_fields=with_fields)
    if preview.problems:
        yield problems_block(preview.problems)


def _title(host: str, sources: list[str]) -> Words:
    """Give the heading of a host; what ports are called is what asks for them."""
    name = host if is_of_ports(host) else f"host {host}"
    asking = f" ({some_of(sources)})" if sources and sources != [host] else ""
    return Words(f"{name}{asking}", Style.STRONG)


def problems_block(problems: Iterable[Fault]) -> Block:
    """Give the block of what owners of source objects are told, in the words in which they are."""
    listed = sorted(dict.fromkeys(problems), key=lambda fault: (fault.about, fault.reason, fault.message))
    rows = tuple(
        Row((Words("! ", Style.BAD), f"{fault.about}: {told(fault.reason, fault.message, fault.remedy)}"), 2)
        for fault in listed
    )
    heading = (Words("problems", Style.STRONG),)
    return Block(heading, f"{len(listed):,} of {len({fault.about for fault in listed}):,} objects", rows)


def counted(operations: Iterable[Operation]) -> str:
    """Say how many operations of each kind there are."""
    counts = Counter(type(operation) for operation in operations)
    return ", ".join(f"{counts[kind]:,} to {word}" for word, kind in ACTIONS.items() if counts[kind])


ACTIONS: dict[str, type[Operation]] = {"create": Create, "update": Update, "delete": Delete}
_SIGNS: dict[type[Operation], tuple[str, Style]] = {
    Create: ("+ create", Style.ADDED),
    Update: ("~ update", Style.CHANGED),
    Delete: ("- delete", Style.REMOVED),
}


def _block(
    heading: tuple[Part, ...],
    host: str,
    operations: list[Operation],
    preview: Preview,
    sources: tuple[str, ...],
    *,
    with_fields: bool,
) -> Block:
    rows = (row for op in operations for row in _rows(op, preview.causes[op.ref], sources, with_fields=with_fields))
    return Block(heading, counted(operations), tuple(rows), host)


def _rows(operation: Operation, cause: Cause, told_above: tuple[str, ...], *, with_fields: bool) -> Iterator[Row]:
    sign, style = _SIGNS[type(operation)]
    what = essence(operation.object) if isinstance(operation, Create) else ""
    details = "; ".join(filter(None, (what, cause.why, *_whom(cause, told_above))))
    yield Row((Words(sign, style), f" {operation.ref!r}{': ' if details else ''}{details}"), 2)
    if isinstance(operation, Update):
        secret = operation.object.write_only
        for change in operation.changes:
            old, new = (shown(value, is_secret=change.field in secret) for value in (change.old, change.new))
            yield from _indented(change_lines(change.field, old, new))
    elif with_fields and isinstance(operation, Create):
        secret = operation.object.write_only
        for field, value in codec.fields_of(operation.object).items():
            yield from _indented(field_lines(field, shown(value, is_secret=field in secret)))


def _indented(lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
    styles = {"+ ": Style.ADDED, "- ": Style.REMOVED}
    for depth, text in lines:
        style = styles.get(text[:2]) if depth else None
        yield Row((Words(text, style) if style else text,), 6 + 2 * depth)


def _whom(cause: Cause, told_above: tuple[str, ...]) -> Iterator[str]:
    """Say for whom an operation is, as far as the heading does not."""
    if cause.share is Share.ONE:
        if cause.sources != told_above and cause.hosts:
            yield f"for {some_of(cause.sources)}"
        return
    if len(cause.hosts) > HOSTS_AT_MOST:
        yield f"for {len(cause.hosts):,} hosts: {some_of(cause.hosts, HOSTS_AT_MOST)}"
    elif cause.hosts:
        sources = f" ({some_of(cause.sources)})" if cause.sources else ""
        yield f"for {', '.join(cause.hosts)}{sources}"
    elif cause.sources:
        yield f"because of {some_of(cause.sources)}"
