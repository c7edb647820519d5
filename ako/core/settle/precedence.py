"""Who comes before whom, and by what that was decided, in the words for whoever has to wait. Pure."""

from __future__ import annotations

from ako.core.hooks.claims import has_no_age
from ako.core.settle.held import Claimant

OLDER, THERE_BEFORE, FIRST_BY_NAME = "is older", "was there before", "comes first by namespace and name"


def named_first(first: Claimant, other: Claimant) -> str:
    """Name who comes before another, with the reason: `Ingress/default/shop, which is older`."""
    return f"{first.source.key}, which {_why(first, other)}"


def _why(first: Claimant, other: Claimant) -> str:
    """Say what decided. Who has it already comes first of those without an age, if need be against the order of names.

    Where both orders agree it is the names, before anything is live as after that: nobody is told anew.
    """
    if has_no_age(other.created):
        by_name = has_no_age(first.created) and first.order[1:] <= other.order[1:]
        return FIRST_BY_NAME if by_name else THERE_BEFORE
    return FIRST_BY_NAME if first.created == other.created else OLDER
