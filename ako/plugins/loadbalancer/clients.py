"""Whose connections a Service takes: its source ranges, and the network security policy that keeps all others out.

The policy is one rule for each Service that is choosy: deny whoever is in none of its networks. Whom no rule is about
is let in, so that Services without ranges on the same address stay open.
"""

from __future__ import annotations

import ipaddress

from msgspec import UNSET

from ako import (
    ClientMatch,
    IpAddr,
    IpPrefix,
    NetworkSecurityPolicy,
    PortClaim,
    PortMatch,
    SecurityMatch,
    SecurityRule,
    Site,
)
from ako.plugins.loadbalancer.records import SOURCE_RANGES, BalancedService


def client_networks(service: BalancedService) -> tuple[str, ...]:
    """Give the networks whose clients a Service takes, each once and ordered, however they are written.

    There are none if it takes everybody.

    Raises:
        ValueError: one is no network.
    """
    networks = {_network(text) for text in service.source_ranges}
    return tuple(map(str, sorted(networks, key=lambda network: (network.version, network))))


def ranges_fault(service: BalancedService) -> str:
    """Say which source range is no network, and where it is written; empty if all are."""
    is_in_spec = bool(service.spec.load_balancer_source_ranges)
    field = "spec.loadBalancerSourceRanges" if is_in_spec else f"annotation {SOURCE_RANGES}"
    for text in service.source_ranges:
        try:
            _network(text)
        except ValueError:
            return f"{field}: {text[:80]!r} is no network."
    return ""


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Read `<address>/<length>` as Kubernetes does, or an address alone.

    A netmask instead of a length is refused: with one zero too many it would let in everybody.
    """
    address, slash, length = text.partition("/")
    if "%" in address or (slash and not length.isdigit()):
        raise ValueError(text)
    return ipaddress.ip_network(text, strict=False)


def security_policy(claim: PortClaim, name: str, here: Site) -> NetworkSecurityPolicy | None:
    """Build the policy that lets in whom the Services of a claim take; None if they take everybody."""
    choosy = (member for member in claim.claims if member.clients and member.ports)
    rules = tuple(
        SecurityRule(
            name=f"{name}-{member.source.name}",
            index=index,
            match=SecurityMatch(
                ClientMatch(tuple(map(_prefix, member.clients))),
                PortMatch(tuple(sorted({port.number for port in member.ports}))) if claim.shares else UNSET,
            ),
        )
        for index, member in enumerate(choosy)
    )
    return NetworkSecurityPolicy(name=name, created_by=here.names.created_by, rules=rules) if rules else None


def _prefix(network: str) -> IpPrefix:
    address, _, length = network.partition("/")
    return IpPrefix(IpAddr.of(address), int(length))
