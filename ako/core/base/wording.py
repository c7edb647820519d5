"""Texts for people: how many names are named, which one was meant, and what several say alike."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

TRIED_AGAIN = "Tried again when the object changes and at each full sync."
"""What becomes of what the Controller refused."""


def with_remedy(message: str, remedy: str) -> str:
    """Give what is wrong and what to do about it as one text."""
    ends = message.endswith((".", "?", "!")) or not remedy
    return f"{message}{'' if ends else '.'} {remedy}".strip()


def some_of(names: Iterable[str], most: int = 3) -> str:
    """Name some of many, each once, and say how many more there are: `a, b, c and 5 more`."""
    distinct = tuple(dict.fromkeys(names))
    more = f" and {len(distinct) - most} more" if len(distinct) > most else ""
    return f"{', '.join(distinct[:most])}{more}"


def nearest(name: str, known: Iterable[str], likeness: float = 0.75) -> str:
    """Give the known name that is closest to one that is not, whatever the case; empty if none is close.

    Args:
        name: as somebody wrote it.
        known: what there is.
        likeness: how close it has to be, from 0 to 1, as `difflib` has it.
    """
    lowered = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), lowered, n=1, cutoff=likeness)
    return lowered[found[0]] if found else ""


def meant(name: str) -> str:
    """Ask whether a name was meant, as the end of a sentence; empty where there is none."""
    return f"; did you mean {name}?" if name else ""
