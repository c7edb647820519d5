"""The records that hooks are given and give, with sensible defaults: for tests that call a plugin's functions directly.

host = virtual_host("shop.test", backend("web"), path="/cart")
assert translate(host, rehearsal.view).objects
"""

from __future__ import annotations

from collections.abc import Mapping

from ako.core.base.refs import Kind, ObjectRef
from ako.core.hooks.claims import (
    Backend,
    BackendPort,
    ClaimedPort,
    HostClaim,
    PathRule,
    PathType,
    PortClaim,
    ServedRule,
    VirtualHost,
)
from ako.core.hooks.outcome import HostOutcome, HostState, Outcome
from ako.core.hooks.tls import Certificate, Termination, Tls
from ako.testing.certificates import self_signed

SOURCE = ObjectRef(Kind("example.org", "v1", "Site"), "default", "shop")
"""Who claims, where a builder is not told: Site/default/shop."""
VIP = "192.0.2.1"


def backend(service: str = "web", port: int = 80, *, namespace: str = "default", weight: int = 100) -> Backend:
    """Build a backend: a port of a Service, by its number."""
    return Backend(namespace, service, BackendPort(number=port), weight)


def host_claim(
    host: str = "shop.test",
    *backends: Backend,
    path: str = "/",
    source: ObjectRef = SOURCE,
    created: str = "",
    tls: Tls | None = None,
) -> HostClaim:
    """Build the claim of one path of a host, to Service `web` if there is no backend."""
    rule = PathRule(path, PathType.PREFIX, backends or (backend(),))
    return HostClaim(source, created, host, (rule,), tls)


def port_claim(*ports: int, source: ObjectRef = SOURCE, service: str = "web", created: str = "") -> PortClaim:
    """Build the claim of ports of an address of its own (80 if there is none), each to that port of a Service."""
    claimed = tuple(ClaimedPort(port, backend(service, port, namespace=source.namespace)) for port in ports or (80,))
    return PortClaim(source, created, claimed)


def virtual_host(
    host: str = "shop.test",
    *backends: Backend,
    path: str = "/",
    source: ObjectRef = SOURCE,
    is_secure: bool = False,
) -> VirtualHost:
    """Build a settled host with one path: on plain HTTP, or over TLS that ends here, with a certificate for it."""
    if not is_secure:
        claim = host_claim(host, *backends, path=path, source=source)
        return VirtualHost(host, (claim,), insecure=(ServedRule(claim, claim.rules[0]),))
    claim = host_claim(host, *backends, path=path, source=source, tls=Tls(Termination.EDGE))
    certificate = Certificate(*self_signed(host))
    return VirtualHost(host, (claim,), secure=(ServedRule(claim, claim.rules[0]),), certificate=certificate)


def live(*hosts: str, address: str = VIP) -> Outcome:
    """Build the outcome of a source object whose hosts are all served at an address."""
    return Outcome(
        hosts=tuple(HostOutcome(host, HostState.LIVE, (address,)) for host in hosts), our_addresses=frozenset({address})
    )


def rejected(reasons: Mapping[str, str]) -> Outcome:
    """Build the outcome of a source object of which nothing is served: host → why not."""
    return Outcome(hosts=tuple(HostOutcome(host, HostState.REJECTED, reason=why) for host, why in reasons.items()))
