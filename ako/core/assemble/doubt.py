"""What is not known, and whose it may be."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from msgspec import Struct

from ako.core.base.refs import NO_TREE, ObjectRef, TreeName
from ako.core.hooks.claims import Claim, HostKey, SharedVip


class Doubt(Struct, frozen=True, order=True):
    """Something that could not be computed and never could: whose it is, and why.

    With a source alone it is all that this object may own, with a host alone all of that host, with both what the one
    claims of the other, with a tree all that is there of it; without any of them it may be anything.
    """

    reason: str
    source: ObjectRef | None = None
    host: str = ""
    tree: TreeName = NO_TREE


def doubts_of(row: Hashable, reason: str, claims: Iterable[Claim]) -> Iterator[Doubt]:
    """Give what is in doubt while a host, or what is served on ports, cannot be worked out; `claims` are for it."""
    if isinstance(row, SharedVip):
        yield from (Doubt(reason, source=claim.source) for claim in claims)
    else:
        yield Doubt(reason, source=row) if isinstance(row, ObjectRef) else Doubt(reason, host=str(row))


def doubt_of_claim(source: ObjectRef, key: HostKey, reason: str) -> Doubt:
    """Give what is in doubt while it cannot be judged what an object claims: of a host, or all that it asks for."""
    return Doubt(reason, source=source, host=key if isinstance(key, str) else "")
