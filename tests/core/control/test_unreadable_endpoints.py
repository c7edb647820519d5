"""Endpoints that cannot be read: whoever needs them is told why, and what is known of them stays."""

from __future__ import annotations

from ako.core.base.refs import NamespacedName
from ako.core.engine.changes import Unreadable, Upserted
from ako.core.hooks.records import ENDPOINT_SLICES, EndpointSlice, Labelled, LabelledMetadata
from ako.core.model import Pool
from tests.builders import endpoints, ingress, service
from tests.core.control.echo import EchoingRig

CAUSE = "endpoints[].addresses: Expected array, got str"


def unreadable(name: str, service_name: str) -> Upserted:
    metadata = LabelledMetadata(name=name, namespace="default", labels={"kubernetes.io/service-name": service_name})
    found = Unreadable(CAUSE, Labelled(metadata=metadata))
    return Upserted(ENDPOINT_SLICES.kind, NamespacedName("default", name), {EndpointSlice: found})


def test_a_slice_that_never_could_be_read_is_told_with_its_cause_and_servers_stay() -> None:
    shop, other = ingress("shop", ("shop.com", "/", "web:80")), ingress("other", ("other.com", "/", "more:80"))
    known = (service("web"), endpoints("web", "10.0.0.1"), service("more"), endpoints("more", "10.0.0.2"))
    rig = EchoingRig(*known, shop, other)
    assert rig.news() == []
    rig.change(unreadable("web-2", "web"))
    rig.settle()
    (problem,) = rig.news()
    assert (problem.source.name, problem.reason) == ("shop", "Unreadable")
    assert problem.message == f"shop.com/: EndpointSlice default/web-2 cannot be read: {CAUSE}"
    pools = [seen.object for _, seen in rig.controller.observed.items() if isinstance(seen.object, Pool)]
    assert sorted(server.ip.addr for pool in pools for server in pool.servers) == ["10.0.0.1", "10.0.0.2"]
