"""How many things are named in one text for people: the first of them, and how many more there are."""

from __future__ import annotations

from collections.abc import Iterable


def some_of(names: Iterable[str], most: int = 3) -> str:
    """Name some of many, each once, and say how many more there are: `a, b, c and 5 more`."""
    distinct = tuple(dict.fromkeys(names))
    more = f" and {len(distinct) - most} more" if len(distinct) > most else ""
    return f"{', '.join(distinct[:most])}{more}"
