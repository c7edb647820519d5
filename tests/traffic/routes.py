"""Routes → claims, as ours and as Go AKO read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.traffic.claims import Claim, Match, Tls, World
from tests.traffic.promise import own_certificate
from tests.traffic.reading import (
    Thing,
    Who,
    asks_for_elsewhere,
    is_synced,
    namespace,
    order,
    path_of,
    secret_certificate,
    spec,
)
from tests.traffic.servers import Backend

SHARED_SECRET = "avi-system/router-certs-default"
"""What Go AKO takes for Routes without a certificate."""


def route_claims(world: World, who: Who) -> Iterator[Claim]:
    """Give what all Routes ask for, one path of one host each."""
    for route in world.cluster.of("Route"):
        if host := _host(route, world, who):
            yield _claim(route, host, world, who)


def _claim(route: Thing, host: str, world: World, who: Who) -> Claim:
    wanted = spec(route).get("tls") or {}
    tls = {"edge": Tls.EDGE, "reencrypt": Tls.EDGE, "passthrough": Tls.PASSTHROUGH}.get(
        wanted.get("termination") or "", Tls.NONE
    )
    certificate = _certificate(wanted, world, who) if tls is Tls.EDGE else ""
    insecure = wanted.get("insecureEdgeTerminationPolicy") or ""
    if insecure == "None" or (tls is Tls.PASSTHROUGH and insecure == "Allow"):
        insecure = ""
    refused = _refusal(route, host, world, who)
    if not refused and tls is Tls.EDGE and not certificate:
        refused = "it has no certificate"
    path = "" if tls is Tls.PASSTHROUGH else str(spec(route).get("path") or "")
    match = Match.ELEMENTS if world.setup.matches_elements else Match.TEXT
    targets = _backends(route)
    key = (*order(route), 0)
    return Claim(host, path, match, targets, path_of(route), key, tls, insecure, certificate, refused)


def _host(route: Thing, world: World, who: Who) -> str:
    host = str(spec(route).get("host") or "")
    if who is Who.THEIRS:
        return host
    host = host.removesuffix(".").lower()
    if host and spec(route).get("wildcardPolicy") == "Subdomain":
        return f"*.{host.partition('.')[2]}"
    subdomain, domain = str(spec(route).get("subdomain") or "").lower(), _domain(world)
    return host or (f"{subdomain}.{domain}" if subdomain and domain else "")


def _domain(world: World) -> str:
    wanted = world.setup.value("NetworkSettings", "defaultDomain")
    return wanted if wanted and world.setup.covers(wanted, Who.OURS) else world.setup.first_domain


def _backends(route: Thing) -> tuple[Backend, ...]:
    target = (spec(route).get("port") or {}).get("targetPort")
    port = int(target) if isinstance(target, str) and target.isdecimal() else target or None
    return tuple(
        Backend(namespace(route), one.get("name") or "", port, _weight(one), is_target=True) for one in _targets(route)
    )


def _targets(route: Thing) -> Sequence[Thing]:
    return [spec(route).get("to") or {}, *(spec(route).get("alternateBackends") or ())]


def _weight(target: Thing) -> int:
    weight = target.get("weight")
    return 100 if weight is None else int(weight)


def _certificate(tls: Thing, world: World, who: Who) -> str:
    if tls.get("certificate") and tls.get("key"):
        return own_certificate(str(tls["certificate"]))
    if tls.get("externalCertificate"):
        return ""
    shared = world.setup.value("L7Settings", "defaultRouteCertificate") if who is Who.OURS else SHARED_SECRET
    its_namespace, slash, its_name = shared.partition("/")
    return secret_certificate(world.cluster, its_namespace, its_name) if slash else ""


def _refusal(route: Thing, host: str, world: World, who: Who) -> str:
    names = [one.get("name") for one in _targets(route)]
    if not is_synced(route, world.cluster, world.setup):
        return "its namespace is not looked at"
    if len(set(names)) < len(names):
        return "it names a Service twice"
    if not world.setup.covers(host, who):
        return "its host is in no DNS domain"
    if who is Who.THEIRS:
        return ""
    if asks_for_elsewhere(route, world.cluster, world.setup):
        return "it asks for another network or tenant"
    return _fault_of_ours(route)


def _fault_of_ours(route: Thing) -> str:
    passes = (spec(route).get("tls") or {}).get("termination") == "passthrough"
    if passes and (spec(route).get("path") or spec(route).get("wildcardPolicy") == "Subdomain"):
        return "passthrough sees host names only"
    if any(one.get("kind") not in {None, "", "Service"} for one in _targets(route)):
        return "a backend is no Service"
    return ""
