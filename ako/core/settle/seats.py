"""Claims without an age: whoever has a host already keeps it.

Manifests in a folder have no creationTimestamp. Were they told apart by their names alone, a new one whose name comes
first would take live paths from another. So an object that holds something of a host comes before one that wants it, as
if it were older. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import NamespacedName
from ako.core.engine.cells import Input
from ako.core.hooks.claims import YOUNGER, HostClaim
from ako.core.model.names import Names
from ako.core.settle.secured import Secured


class Seats(Struct, frozen=True):
    """What is live of a host, by the objects that it was made for.

    Attributes:
        pools: object → the names of its pools.
        order: objects whose order is written on the Controller, the oldest first.
    """

    pools: tuple[tuple[NamespacedName, tuple[str, ...]], ...] = ()
    order: tuple[NamespacedName, ...] = ()


SEATS: Input[Seats] = Input("who has a host", default=Seats())
"""host → who has it on the Controller; set for hosts of which several claims are, and one has no age."""


def seated(judged: Sequence[Secured], seats: Seats, names: Names) -> tuple[Secured, ...]:
    """Give claims without an age one that puts them after those who have what they want."""
    if not seats.pools or all(one.claim.created for one in judged):
        return tuple(judged)
    ages = _Seating([one.claim for one in judged], seats, names).ages()
    return tuple(replace(one, claim=replace(one.claim, created=ages[one.claim])) for one in judged)


class _Seating:
    """Works out the ages of the claims of one host."""

    def __init__(self, claims: Iterable[HostClaim], seats: Seats, names: Names) -> None:
        self._claims = sorted(claims, key=lambda claim: claim.order)
        self._pools: Mapping[NamespacedName, tuple[str, ...]] = dict(seats.pools)
        self._rank = {owner: number for number, owner in enumerate(seats.order)}
        self._names = names

    def ages(self) -> dict[HostClaim, str]:
        """Give the age of each claim: its own, or just younger than all that come before it."""
        ages = {claim: claim.created for claim in self._claims if claim.created}
        waiting = {
            claim: {other for other in self._claims if other != claim and self._comes_before(other, claim)}
            for claim in self._claims
            if not claim.created
        }
        while waiting:
            # Of those that wait for each other the first goes.
            first = next(
                (claim for claim, before in waiting.items() if not before & waiting.keys()), next(iter(waiting))
            )
            before = [ages[other] for other in waiting.pop(first) if other in ages]
            ages[first] = f"{max(before)}{YOUNGER}" if before else ""
        return ages

    def _comes_before(self, one: HostClaim, other: HostClaim) -> bool:
        here, there = one.source.namespaced_name, other.source.namespaced_name
        if here == there or here not in self._pools:
            return False
        if there not in self._pools:
            return True
        if any(self._holds(one, path) and not self._holds(other, path) for path in _paths(other)):
            return True
        return here in self._rank and there in self._rank and self._rank[here] < self._rank[there]

    def _holds(self, claim: HostClaim, path: str) -> bool:
        """Say whether a claim is live on a path: one of its pools is called as it would be, or with more at the end."""
        owner = claim.source.namespaced_name
        stems = (self._names.insecure_pool(claim.host, path, owner), self._names.secure_path(claim.host, path, owner))
        pools = self._pools.get(owner, ())
        return any(pool == stem or pool.startswith(f"{stem}-") for pool in pools for stem in stems)


def _paths(claim: HostClaim) -> Iterator[str]:
    return (rule.path for rule in claim.rules)
