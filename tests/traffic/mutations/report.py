"""What a campaign found, as tables for people."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set

from tests.traffic.mutations.judging import Verdict
from tests.traffic.mutations.reasons import ELSEWHERE

EXAMPLE = 110
"""Characters of an example that are shown."""


def lines(verdicts: Sequence[Verdict], *, is_whole: bool = False) -> Iterator[str]:
    """Give the lines of the report."""
    yield from _table(verdicts)
    yield ""
    yield from _reasons([one for one in verdicts if not one.by and one.reason])
    yield from _unexplained(unexplained(verdicts, is_whole=is_whole))
    caught = sum(bool(one.by) for one in verdicts)
    left = len(unexplained(verdicts, is_whole=is_whole))
    yield ""
    kept = len(verdicts) - caught - left
    yield f"{len(verdicts)} mutations: {caught} caught, {kept} that none can, {left} unexplained"


def unexplained(verdicts: Iterable[Verdict], *, is_whole: bool = False) -> list[Verdict]:
    """Give mutations that nobody noticed without a known reason.

    With all states at hand (`is_whole`), that something shows elsewhere is a reason only if it was noticed elsewhere.
    """
    tried = list(verdicts)
    noticed = {_said(one) for one in tried if one.by}
    return [one for one in tried if not one.by and (not one.reason or (is_whole and _is_hollow(one, noticed)))]


def _is_hollow(verdict: Verdict, noticed: Set[tuple[str, ...]]) -> bool:
    return verdict.reason == ELSEWHERE and _said(verdict) not in noticed


def _said(verdict: Verdict) -> tuple[str, ...]:
    """Give what was done to a script, whatever the virtual service is called."""
    return (verdict.deed, re.sub(r'"[^"]*--[^"]*"', '"…"', verdict.detail))


def _table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    rows: dict[tuple[str, str, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        rows[verdict.row].append(verdict)
    yield f"{'tried':>6} {'caught':>6} {'by':>4}  object, field, what was done: an example, and who noticed it first"
    for (kind, path, deed), found in sorted(rows.items()):
        caught = [one for one in found if one.by]
        requests = {(one.state, one.by) for one in caught}
        counts = f"{len(found):>6} {len(caught):>6} {len(requests):>4}"
        yield f"{counts}  {kind} {path or '(object)'} {deed}{_example(caught)}"


def _example(caught: Sequence[Verdict]) -> str:
    if not caught:
        return ""
    common, _ = Counter(one.by for one in caught).most_common(1)[0]
    shown = next(one for one in caught if one.by == common)
    return f": {shown.detail[:EXAMPLE]} | {shown.by[:EXAMPLE]}: {shown.fault[:EXAMPLE]}"


def _reasons(kept: Sequence[Verdict]) -> Iterator[str]:
    by_reason: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in kept:
        by_reason[verdict.reason].append(verdict)
    yield "What no request can catch, and why (in brackets: how many of them no request has the data plane look at)"
    for reason, found in sorted(by_reason.items(), key=lambda pair: -len(pair[1])):
        unread = sum(not one.is_read for one in found)
        yield f"{len(found):>6} ({unread})  {reason}"
        fields: dict[str, set[str]] = defaultdict(set)
        for one in found:
            fields[one.kind].add(one.path or "(object)")
        for kind, paths in sorted(fields.items()):
            yield f"{'':15} {kind}: {', '.join(sorted(paths))}"


def _unexplained(left: Sequence[Verdict]) -> Iterator[str]:
    if left:
        yield ""
        yield "What nobody noticed, and no reason is known for"
    for verdict in left:
        yield f"  {verdict}{'' if verdict.is_read else ' (not looked at)'}"
