"""Claims without an age of every kind: a newcomer whose name comes first takes from nobody who is live what he has.

`zeta` is there first, then `alpha` comes and wants the same; a restart that knows nothing but what is on the Controller
leaves it at that, and when `zeta` goes, `alpha` gets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest
from msgspec import Struct

from ako.core.model import Pool, VirtualService, VsVip
from ako.core.observe.served import owners_of
from ako.core.plan.plan import Update
from tests.builders import Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.echo import EchoingRig
from tests.plugins.openshift_route import worlds as routes
from tests.plugins.openshift_route.worlds import edge, passthrough

PLUGINS = ("ingress", "openshift_route", "clusterip_routes", "loadbalancer")
BASE = (
    service("web"),
    endpoints("web", "10.0.0.1"),
    service("web", namespace="z"),
    endpoints("web", "10.0.0.1", namespace="z"),
)
SECURE, THROUGH = edge("shop.com"), passthrough()
QUEUE = "q.avi.internal"


def route(name: str, tls: Mapping[str, Any] | None = None) -> Manifest:
    return routes.route(name, "shop.com", tls=tls, **({} if tls else {"path": "/"}))


def shop(name: str, host: str = "shop.com", path: str = "/", namespace: str = "default") -> Manifest:
    return ingress(name, (host, path, "web:80"), namespace=namespace)


def balanced(name: str, *ports: int, share: str = "", dns: str = "", address: str = "") -> Manifest:
    given = {"ako.vmware.com/enable-shared-vip": share, "external-dns.alpha.kubernetes.io/hostname": dns}
    built: Any = service(name, type="LoadBalancer", annotations={key: value for key, value in given.items() if value})
    built["spec"]["ports"] = [{"name": f"p{port}", "port": port} for port in ports or (5672,)]
    built["spec"].update({"loadBalancerIP": address} if address else {})
    return cast("Manifest", built)


class Shape(Struct, frozen=True):
    """A dispute.

    Attributes:
        zeta: has it.
        alpha: wants it.
        reason: what `alpha` is told.
        before: `alpha` as it was before it wanted that, if it was there.
    """

    zeta: Manifest
    alpha: Manifest
    reason: str
    before: Manifest | None = None


SHAPES = {
    "path of a Route": Shape(route("zeta"), route("alpha"), "DuplicateHostPath"),
    "path of a Route over TLS": Shape(route("zeta", SECURE), route("alpha", SECURE), "DuplicateHostPath"),
    "host that is passed through": Shape(route("zeta", THROUGH), route("alpha", THROUGH), "DuplicateHostPath"),
    "host, not to be passed through": Shape(route("zeta", THROUGH), route("alpha", SECURE), "HostConflict"),
    "host, to be passed through": Shape(route("zeta", SECURE), route("alpha", THROUGH), "HostConflict"),
    "path of an Ingress, for a Route": Shape(shop("zeta"), route("alpha"), "DuplicateHostPath"),
    "path of a Route, for an Ingress": Shape(route("zeta"), shop("alpha"), "DuplicateHostPath"),
    "path, for who has another": Shape(
        route("zeta"), shop("alpha"), "DuplicateHostPath", before=shop("alpha", path="/a")
    ),
    "wildcard": Shape(shop("zeta", "*.shop.com"), shop("alpha", "*.shop.com"), "DuplicateHostPath"),
    "host of another namespace": Shape(shop("zeta", namespace="z"), shop("alpha", path="/a"), "HostOfOtherNamespace"),
    "shared port": Shape(balanced("zeta", share="s"), balanced("alpha", share="s"), "PortTaken"),
    "shared port, for who has another": Shape(
        balanced("zeta", share="s"),
        balanced("alpha", 80, 5672, share="s"),
        "PortTaken",
        before=balanced("alpha", 80, share="s"),
    ),
    "address of shared ports": Shape(
        balanced("zeta", share="s", address="10.9.9.9"),
        balanced("alpha", 80, share="s", address="10.9.9.8"),
        "AddressConflict",
    ),
    "address": Shape(balanced("zeta", address="10.9.9.9"), balanced("alpha", address="10.9.9.9"), "AddressTaken"),
    "name of a Service": Shape(balanced("zeta", dns=QUEUE), balanced("alpha", dns=QUEUE), "DnsNameTaken"),
    "name of a Service, for who is live": Shape(
        balanced("zeta", dns=QUEUE), balanced("alpha", dns=QUEUE), "DnsNameTaken", before=balanced("alpha")
    ),
    "name of a Service, for a host": Shape(balanced("zeta", dns=QUEUE), shop("alpha", QUEUE), "DnsNameTaken"),
    "host, as the name of a Service": Shape(shop("zeta", QUEUE), balanced("alpha", dns=QUEUE), "DnsNameTaken"),
}


def rig_of(shape: str, *manifests: Manifest | None, after: EchoingRig | None = None) -> EchoingRig:
    """Build a rig; `after` another one it has its Controller, and knows nothing else."""
    flags: dict[str, Any] = {"L7Settings__shardVSSize": "SMALL", "ako__sources": "ingress,openshift_route"}
    if shape == "host of another namespace":
        flags["L7Settings__fqdnReusePolicy"] = "Strict"
    there = [manifest for manifest in manifests if manifest is not None]
    controller = after.controller if after is not None else None
    rig = EchoingRig(*BASE, *there, controller=controller, plugins=PLUGINS, **flags)
    rig.settle()
    return rig


def live_of_zeta(rig: EchoingRig) -> set[tuple[str, ...]]:
    """Give what `zeta` has: its pools, and the names and addresses of what is there for it alone or with others."""
    seen = [one.object for _, one in rig.controller.observed.items()]
    mine = [item for item in seen if "zeta" in {owner.name for owner in owners_of(item)}]
    trees = {item.vsvip_ref.name for item in mine if isinstance(item, VirtualService) and item.vsvip_ref}
    reached = [item for item in seen if isinstance(item, VsVip) and item.name in trees]
    pools = {("pool", item.name) for item in mine if isinstance(item, Pool)}
    return pools | {(item.name, *sorted(item.fqdns), *item.addresses) for item in reached}


@pytest.mark.parametrize("shape", SHAPES)
def test_who_is_live_keeps_what_it_has(shape: str) -> None:
    zeta, alpha, before = SHAPES[shape].zeta, SHAPES[shape].alpha, SHAPES[shape].before
    rig = rig_of(shape, zeta, before)
    live = live_of_zeta(rig)
    assert live
    rig.news()
    rig.apply(alpha)
    rig.settle()
    assert {(told.source.name, told.reason) for told in rig.news()} == {("alpha", SHAPES[shape].reason)}
    assert live_of_zeta(rig) == live
    again = rig_of(shape, zeta, alpha, after=rig)
    assert live_of_zeta(again) == live
    assert {(told.source.name, told.reason) for told in again.news()} == {("alpha", SHAPES[shape].reason)}
    again.delete(zeta)
    again.settle()
    assert not any(again.desk.standing.values())
    assert live_of_zeta(again) == set()


@pytest.mark.parametrize("kind", ["Service", "Ingress"])
def test_who_has_the_names_of_avi_objects_keeps_them(kind: str) -> None:
    """Else a Service would get another address, as its objects would be made anew under another name."""

    secrets = [tls_secret("cert", "*.com", namespace=namespace) for namespace in ("team", "team-app")]

    def one(namespace: str, rest: str) -> Manifest:
        if kind == "Service":
            return service(rest, namespace=namespace, type="LoadBalancer")
        host = f"{rest}.com"
        return ingress("web", (host, "/", "web:80"), namespace=namespace, tls={host: "cert"})

    first, second = one("team-app", "shop"), one("team", "app-shop")
    rig = rig_of("", *secrets, first)
    before = set(rig.controller.observed)
    rig.forget_writes()
    rig.apply(second)
    rig.settle()
    assert {type(one) for one in rig.sent if one.ref in before} <= {Update}
    assert before < set(rig.controller.observed)
    again = rig_of("", *secrets, first, second, after=rig)
    assert again.writes == []
    again.delete(first)
    again.settle()
    assert len(again.controller.observed) == len(before)
