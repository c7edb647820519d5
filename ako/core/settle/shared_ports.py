"""Claims of ports that share one address → one claim of them all: whose each port is, what the others are told. Pure.

The order of claims is age, then namespace, name, kind, as for hosts. A claim that gets no port is not served, and its
DNS names do not lead there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence, Set

from msgspec.structs import replace

from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import ClaimedPort, PortClaim, Problem
from ako.core.settle.held import SharedPort, first_of
from ako.core.settle.precedence import named_first

Held = Callable[[Hashable], Set[ObjectRef]]
"""What is disputed → the sources that have it on the Controller."""


def share(claims: Iterable[PortClaim], held: Held) -> PortClaim:
    """Settle claims that share an address: the oldest that asks for a port, or for a certain address, has it.

    `held` says who has one already, which counts where a claim has no age.
    """
    claims = sorted(claims, key=lambda claim: claim.order)
    wanted = first_of((claim for claim in claims if claim.address and claim.ports), held(claims[0].key))
    holders = _live(claims, held)
    members: list[PortClaim] = []
    for claim in claims:
        if wanted is not None and claim.ports and claim.address not in {"", wanted.address}:
            members.append(_left_out(claim, _other_address(claim, wanted)))
        else:
            members.append(_with_free_ports(claim, holders))
    served = [member for member in members if member.ports]
    return replace(
        members[0],
        ports=tuple(port for member in served for port in member.ports),
        address=wanted.address if wanted is not None else "",
        fqdns=tuple(dict.fromkeys(fqdn for member in served for fqdn in member.fqdns)),
        problems=tuple(problem for member in members for problem in member.problems),
        clients=(),
        keeps_client=False,
        doubt="",
        members=tuple(members),
    )


def _live(claims: Sequence[PortClaim], held: Held) -> dict[int, dict[str, PortClaim]]:
    """Give the claims of those ports that stay with who has them, though another comes first by its name."""
    asking: dict[SharedPort, list[PortClaim]] = {}
    for claim in claims:
        for port in claim.ports:
            asking.setdefault(SharedPort(claim.key, port.number, port.backend.protocol), []).append(claim)
    live: dict[int, dict[str, PortClaim]] = {}
    for shared, wanting in asking.items():
        holder = first_of(wanting, held(shared))
        if holder is not None and holder is not wanting[0]:
            live.setdefault(shared.number, {})[shared.protocol] = holder
    return live


def _with_free_ports(claim: PortClaim, holders: dict[int, dict[str, PortClaim]]) -> PortClaim:
    """Take the ports of a claim that no older one has; note that they are taken."""
    left: list[ClaimedPort] = []
    problems: list[Problem] = []
    for port in claim.ports:
        there = holders.setdefault(port.number, {})
        protocol = port.backend.protocol
        holder = there.get(protocol)
        stranger = next((other for other in there.values() if other.clients != claim.clients), None)
        if (holder is None and stranger is None) or holder is claim:
            there[protocol] = claim
            left.append(port)
        elif holder is not None:
            problems.append(_taken(claim, port, holder))
        elif stranger is not None:
            problems.append(_of_other_clients(claim, port, stranger))
    names = claim.fqdns if left or claim.doubt else ()
    return replace(claim, ports=tuple(left), fqdns=names, problems=(*claim.problems, *problems))


def _left_out(claim: PortClaim, problem: Problem) -> PortClaim:
    return replace(claim, ports=(), fqdns=(), problems=(*claim.problems, problem))


def _taken(claim: PortClaim, port: ClaimedPort, holder: PortClaim) -> Problem:
    message = (
        f"port {port.number}/{port.backend.protocol} of the shared address {claim.shares} is that of "
        f"{named_first(holder, claim)}."
    )
    remedy = "Use another port or another address; this one is served as soon as the port is free."
    return Problem(claim.source, "PortTaken", message, remedy)


def _of_other_clients(claim: PortClaim, port: ClaimedPort, holder: PortClaim) -> Problem:
    """Say that one number cannot be open to these clients by one protocol, and to those by another."""
    message = (
        f"port {port.number}/{port.backend.protocol} of the shared address {claim.shares} is not served: "
        f"{named_first(holder, claim)}, has that number with other source ranges."
    )
    return Problem(claim.source, "PortTaken", message, "Give both the same source ranges, or use another port.")


def _other_address(claim: PortClaim, holder: PortClaim) -> Problem:
    message = (
        f"asks for the address {claim.address}, but shares {claim.shares}, for which "
        f"{named_first(holder, claim)}, asks for {holder.address}."
    )
    return Problem(claim.source, "AddressConflict", message, "Ask for the same address or for none, or share another.")
