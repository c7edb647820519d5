"""Names that are like one that is not there: whoever mistypes is helped. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LISTED_AT_MOST = 5
_LOOKED_AT_CLOSELY = 40
_ALIKE = 0.6
_LONGEST = 600


def near_names(wanted: str, names: Iterable[str]) -> tuple[str, ...]:
    """Give the names that are most like the wanted one, the nearest first.

    Comparing all in full takes too long where there are many: only those that have most pieces in common are. What is
    longer than any name is like none.
    """
    if len(wanted) > _LONGEST:
        return ()
    asked = _pieces(wanted)
    counted = ((sum(map(name.__contains__, asked)), name) for name in set(names))
    best = sorted(((common, name) for common, name in counted if common), reverse=True)[:_LOOKED_AT_CLOSELY]
    return tuple(difflib.get_close_matches(wanted, [name for _, name in best], LISTED_AT_MOST, _ALIKE))


def _pieces(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))
