"""Who has what only one can have, a DNS name or an address: the oldest claim, of a host or of ports. Pure.

A name leads to one address only: the Controller takes it on one VsVip. Claims of a host are filed under it anyway,
those of ports under the object that claims them, or the address that several share, and for rivals to find them under
their names and address too. Who shares an address is nobody's rival there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import HostClaim, HostKey, PortClaim, Problem, VirtualHost
from ako.core.settle.held import first_of
from ako.core.settle.precedence import named_first

REASON = "DnsNameTaken"


class DnsName(Struct, frozen=True):
    """What claims of ports are filed under beside their own key: a DNS name, which no host is equal to."""

    name: str


class Address(Struct, frozen=True):
    """What claims of ports are filed under beside their own key: the address they ask for."""

    text: str


class Asker(Struct, frozen=True):
    """A claim of ports that asks for a DNS name or an address, and its place in the order of claims."""

    order: tuple[str, ...]
    source: ObjectRef
    key: HostKey

    @property
    def created(self) -> str:
        """Give the age of the claim, empty if it has none."""
        return self.order[0]


def askers(claim: PortClaim) -> Iterator[tuple[DnsName | Address, Asker]]:
    """File a claim of ports under each of its DNS names, and under the address that it asks for."""
    asker = Asker(claim.order, claim.source, claim.key)
    yield from ((DnsName(fqdn), asker) for fqdn in dict.fromkeys(claim.fqdns))
    if claim.address:
        yield Address(claim.address), asker


def address_taken(claim: PortClaim, askers: Iterable[Asker], held: Set[ObjectRef]) -> Problem | None:
    """Say that an older claim of ports asks for the same address, None if there is none, of all who ask for it."""
    holder = first_of(askers, held)
    if holder is None or holder.key == claim.key:
        return None
    message = f"the address {claim.address} is that of {named_first(holder, claim)}."
    remedy = "Ask for another or for none; this one is served as soon as the address is free."
    return Problem(claim.source, "AddressTaken", message, remedy)


def host_taken(
    host: str, claims: Iterable[HostClaim], rivals: Iterable[Asker], held: Set[ObjectRef]
) -> VirtualHost | None:
    """Give a host of which nothing is served because an older claim of ports has its name, None if there is none."""
    claims = tuple(sorted(claims, key=lambda claim: claim.order))
    askers: tuple[HostClaim | Asker, ...] = (*claims, *rivals)
    holder = first_of(askers, held)
    if not isinstance(holder, Asker):
        return None
    remedy = "Use another host, or give that object another name; this host is served as soon as the name is free."
    told = ((claim, f"host {host} is the DNS name of {named_first(holder, claim)}.") for claim in claims)
    problems = tuple(Problem(claim.source, REASON, message, remedy) for claim, message in told)
    return VirtualHost(host, claims, problems=problems)


def names_left(
    claim: PortClaim, askers: Mapping[str, Sequence[HostClaim | Asker]], held: Callable[[DnsName], Set[ObjectRef]]
) -> PortClaim:
    """Give a claim of ports with those of its names that no older claim has, and with problems for the others."""
    problems: list[Problem] = []
    left: list[str] = []
    for fqdn in claim.fqdns:
        holder = first_of(askers[fqdn], held(DnsName(fqdn)))
        if holder is None or holder.key == claim.key:
            left.append(fqdn)
        else:
            message = f"the DNS name {fqdn} is that of {named_first(holder, claim)}; all else is served."
            problems.append(Problem(claim.source, REASON, message, "Ask for another; it gets this one when that goes."))
    return replace(claim, fqdns=tuple(left), problems=tuple(problems)) if problems else claim
