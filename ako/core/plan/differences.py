"""What differs between two states that are mostly the same objects in the same order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, count
from operator import is_not

from ako.core.base.refs import AviRef
from ako.core.model import AviObject
from ako.core.plan.plan import Desired


def differences(before: Desired, now: Desired) -> tuple[list[AviRef], list[AviRef]]:
    """Give what is new, or another object than before, and what is gone.

    Looked up by name is only what lies between the first and the last place where something came or went: for large
    trees, of which one host changes, names are what costs.
    """
    if before is now:
        return [], []
    names, others = list(before), list(now)
    old, new = list(before.values()), list(now.values())
    changed, first = _until_moved(names, others, old, new)
    for of_one in (names, others, old, new):
        del of_one[:first]
        of_one.reverse()
    more, last = _until_moved(names, others, old, new)
    left, right = dict(zip(names[last:], old[last:], strict=True)), dict(zip(others[last:], new[last:], strict=True))
    changed += (*more, *(ref for ref, item in right.items() if left.get(ref) is not item))
    return changed, [ref for ref in left if ref not in right]


def _until_moved(
    names: Sequence[AviRef], others: Sequence[AviRef], old: Sequence[AviObject], new: Sequence[AviObject]
) -> tuple[list[AviRef], int]:
    """Give what is another object, as far as names stand side by side, and how far that is."""
    changed: list[AviRef] = []
    for place in compress(count(), map(is_not, old, new)):
        if names[place] != others[place]:
            return changed, place
        changed.append(others[place])
    return changed, min(len(old), len(new))
