"""A preview as lines for people: all of them in a pipe; at a terminal what fits it, and how to see the rest."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator

from ako.cli.plan.blocks import ACTIONS, Block, Part, Row, blocks_of
from ako.cli.screen import Screen, Style, Words
from ako.core.base.wording import some_of
from ako.core.control.confirmation import why_apart, why_held
from ako.core.control.preview import Preview
from ako.core.explain.causes import is_of_ports
from ako.core.observe.assignment import told

MOVES_AT_MOST = 3
"""How many moves and the like are listed where there is no room."""

_REPORTED = "a controller that runs leaves of these what others changed, one that starts does what is planned."


def show(preview: Preview, screen: Screen, *, with_fields: bool = False, is_whole: bool = False) -> None:
    """Print a preview.

    Args:
        preview: what is to be told.
        screen: where to.
        with_fields: creations are shown field by field.
        is_whole: at a terminal nothing is left out for want of room.
    """
    if not screen.is_terminal:
        # At once: what is printed is looked through for secrets, which takes as long for a line as for thousands.
        gathered = io.StringIO()
        _print(Screen(gathered), (row for block in blocks_of(preview, with_fields=with_fields) for row in _full(block)))
        _print(Screen(gathered), summary(preview))
        screen.lines(gathered.getvalue())
        return
    blocks = tuple(blocks_of(preview, with_fields=with_fields))
    rows = [row for block in blocks for row in _full(block)]
    ending = tuple(summary(preview))
    if is_whole or _lines_of((*rows, *ending), screen.width) < screen.height:
        _print(screen, rows)
    else:
        ending = tuple(summary(preview, MOVES_AT_MOST))
        _print(screen, _folded(blocks, screen.height - _lines_of(ending, screen.width) - 1))
    _print(screen, ending)


def _lines_of(rows: Iterable[Row], width: int) -> int:
    """Say how many lines rows take where those that are too long are folded."""
    lengths = ((sum(len(_text(part)) for part in row.parts), width - row.indent) for row in rows)
    return sum(max(1, -(-length // max(room, 1))) for length, room in lengths)


def _text(part: Part) -> str:
    return part.text if isinstance(part, Words) else part


def _print(screen: Screen, rows: Iterable[Row]) -> None:
    for row in rows:
        screen.line(*row.parts, indent=row.indent)


def _full(block: Block) -> Iterator[Row]:
    yield Row(block.heading)
    yield from block.rows


def _folded(blocks: tuple[Block, ...], room: int) -> Iterator[Row]:
    """Give a line a block, the last ones, which are few, always; of hosts as many as there is room for."""
    hosts = [block for block in blocks if block.host]
    others = [block for block in blocks if not block.host]
    left = max(room - len(others) - 1, 1)
    yield from (Row((*block.heading, f": {block.count}")) for block in hosts[:left])
    hidden = [block.host for block in hosts[left:]]
    more = f"and {_numbered(hidden, 'more ')}; " if hidden else ""
    yield from (Row((*block.heading, f": {block.count}")) for block in others)
    yield Row((Words(f"{more}--all shows every line, a pipe too", Style.FAINT),))


def summary(preview: Preview, most: int | None = None) -> Iterator[Row]:
    """Give the lines at the end: what is done, how much of it, for how many; what waits, what moves, what is wrong.

    Args:
        preview: what is to be told.
        most: of what moves and the like so many are listed; None: all.
    """
    plan = preview.plan
    if plan:
        counts = ", ".join(f"{len(plan.of(kind))} to {word}" for word, kind in ACTIONS.items())
        yield Row((Words(f"plan {plan.id}", Style.STRONG), f": {counts}"))
        yield from _counts(preview)
    elif not preview.held:
        yield Row((Words("nothing to do", Style.GOOD),))
    else:
        yield Row((Words("nothing to do before that is confirmed", Style.WARNING),))
    if preview.held:
        yield _line("would wait", why_held(preview.held))
    yield from (Row((why_apart(namesake),)) for namesake in preview.namesakes)
    yield from (Row((text,)) for text in preview.tenants)
    yield from _moving(preview, most)
    if preview.reported:
        yield Row((f"ako.drift.policy is report for {', '.join(preview.reported)}: {_REPORTED}",))
    if preview.problems:
        reasons = Counter(fault.reason for fault in dict.fromkeys(preview.problems))
        listed = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
        yield _line("wrong", listed, Style.BAD)


def _numbered(names: Iterable[str], more: str = "") -> str:
    """Say how many there are of what operations are for: hosts, and addresses of Services beside them."""
    counts = Counter(map(is_of_ports, names))
    words = {False: ("host", "hosts"), True: ("address of Services", "addresses of Services")}
    return " and ".join(f"{count:,} {more}{words[ports][count > 1]}" for ports, count in sorted(counts.items()))


def _counts(preview: Preview) -> Iterator[Row]:
    for word, kind in ACTIONS.items():
        types = Counter(operation.ref.type for operation in preview.plan.of(kind))
        if types:
            yield Row((f"{word}: {', '.join(f'{count:,} {name}' for name, count in sorted(types.items()))}",), 2)
    served = sorted({name for cause in preview.causes.values() for name in cause.hosts})
    for names in ([name for name in served if not is_of_ports(name)], [name for name in served if is_of_ports(name)]):
        if names:
            yield Row((f"for {_numbered(names)}: {some_of(names)}",), 2)


def _moving(preview: Preview, most: int | None) -> Iterator[Row]:
    """Give the lines about hosts that move, those that do not although they could, and other names."""
    for word, listed in (
        ("setting", preview.settings),
        ("moves", preview.moves),
        ("has another name", preview.renamings),
    ):
        texts = tuple(map(str, listed))
        yield from (_line(word, text) for text in texts[:most])
        if most is not None and len(texts) > most:
            yield _line(word, f"and {len(texts) - most:,} more")
    if preview.elsewhere:
        yield Row((told(preview.elsewhere),))


def _line(label: str, text: str, style: Style = Style.WARNING) -> Row:
    parts: tuple[Part, ...] = (Words(label, style), f": {text}")
    return Row(parts)
