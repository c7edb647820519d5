"""Claims without an age, and what only one can have, a name, an address or a shared port: who has it keeps it. Pure.

`seats` says the same of the paths of one host, where there is more to tell apart than who comes first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Set
from typing import Protocol, TypeVar

from msgspec import Struct

from ako.core.base.refs import ObjectRef
from ako.core.engine.cells import Input
from ako.core.hooks.claims import has_no_age

HELD: Input[Set[ObjectRef]] = Input("who has it on the Controller", default=frozenset())
"""What is disputed → the sources that have it.

That is a `DnsName`, an `Address`, a `SharedPort`, a `SharedVip` for its address, or a name of Avi objects, as `Needed`.
"""


class SharedPort(Struct, frozen=True):
    """A port of an address that several claims share."""

    of: Hashable
    number: int
    protocol: str


class Claimant(Protocol):
    """Whoever asks for something that only one can have."""

    @property
    def source(self) -> ObjectRef:
        """Give the object that asks."""

    @property
    def created(self) -> str:
        """Give its age, empty if it has none."""

    @property
    def order(self) -> tuple[str, ...]:
        """Give its place in the order of claims."""


C = TypeVar("C", bound=Claimant)


def first_of(claimants: Iterable[C], holders: Set[ObjectRef]) -> C | None:
    """Give who comes first: the oldest; but one without an age does not come before who has it already."""
    asking = tuple(claimants)
    is_held = any(one.source in holders for one in asking)
    return min(
        asking,
        key=lambda one: (is_held and has_no_age(one.created) and one.source not in holders, one.order),
        default=None,
    )
