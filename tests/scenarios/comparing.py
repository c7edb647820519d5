"""Comparison of what a scenario states with what was seen: only what is stated counts, and every list is a set."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Entries of a list belong together when these fields agree; they are tried in this order.
IDENTITY = ("name", "pool", "route_id", "hostname", "host", "key", "port", "ip")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One assertion that does not hold; `final` says that waiting longer cannot mend it."""

    where: str
    expected: object
    seen: object
    final: bool = False

    def __str__(self) -> str:
        return f"{self.where}\n{difference(self.expected, self.seen)}"


def difference(expected: object, seen: object) -> str:
    """Render both sides: short values side by side, long ones as a line-by-line difference."""
    left, right = readable(expected), readable(seen)
    if "\n" not in left and "\n" not in right:
        return f"  expected: {left}\n  seen:     {right}"
    lines = difflib.ndiff(left.splitlines(), right.splitlines())
    body = "\n".join(f"  {line}" for line in lines if not line.startswith("?"))
    return f"  (- expected, + seen)\n{body}"


def readable(value: object) -> str:
    """Render a value as JSON, on one line if it is short."""
    short = json.dumps(value, default=str, sort_keys=True)
    return short if len(short) <= 100 else json.dumps(value, default=str, sort_keys=True, indent=2)


def aligned(expected: Any, seen: Any) -> Any:
    """Reduce what was seen to what the expectation speaks of, in its order.

    The result equals `expected` exactly if the expectation holds. Keys that the expectation does not name are
    left out; entries of a list are paired with it, and those without a partner follow in full at the end.
    """
    if isinstance(expected, Mapping) and isinstance(seen, Mapping):
        return {key: aligned(value, seen.get(key)) for key, value in expected.items()}
    if isinstance(expected, list) and isinstance(seen, list):
        return _aligned_list(expected, seen)
    return seen


def _aligned_list(expected: list[Any], seen: list[Any]) -> list[Any]:
    left = list(seen)
    partners: dict[int, Any] = {}
    for agree in (_equal, _same_identity):
        for position, entry in enumerate(expected):
            if position in partners:
                continue
            found = next((index for index, other in enumerate(left) if agree(entry, other)), None)
            if found is not None:
                partners[position] = aligned(entry, left.pop(found))
    return [partners[position] for position in sorted(partners)] + left


def _equal(expected: Any, seen: Any) -> bool:
    return bool(expected == aligned(expected, seen))


def _same_identity(expected: Any, seen: Any) -> bool:
    if not isinstance(expected, Mapping) or not isinstance(seen, Mapping):
        return False
    field = next((field for field in IDENTITY if field in expected), None)
    return field is not None and expected[field] == seen.get(field)


def mismatches(where: str, expected: Any, seen: Any) -> Iterator[Mismatch]:
    """Give the mismatch between an expectation and what was seen, if there is one."""
    comparable = aligned(expected, seen)
    if expected != comparable:
        yield Mismatch(where, expected, comparable)
