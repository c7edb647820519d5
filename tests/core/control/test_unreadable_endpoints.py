"""Endpoints that cannot be read: whoever needs them is told why, and what is known of them stays."""

from __future__ import annotations

from ako.core.base.refs import NamespacedName
from ako.core.engine.changes import Unreadable, Upserted
from ako.core.hooks.records import ENDPOINT_SLICES, EndpointSlice, Labelled, LabelledMetadata
from ako.core.model import Pool
from tests.builders import Manifest, endpoints, ingress, service
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


def a_slice(number: int, address: str) -> Manifest:
    """Build one of several slices of the Service `web`."""
    made = endpoints("web", address)
    return {**made, "metadata": {**made["metadata"], "name": f"web-{number}"}}


def served(rig: EchoingRig) -> list[str]:
    pools = [seen.object for _, seen in rig.controller.observed.items() if isinstance(seen.object, Pool)]
    return sorted(server.ip.addr for pool in pools for server in pool.servers)


def test_one_that_was_read_before_is_told_as_long_as_it_cannot_be_read_and_its_servers_stay() -> None:
    shop, other = ingress("shop", ("shop.com", "/", "web:80")), ingress("other", ("other.com", "/", "more:80"))
    slices = endpoints("web", "10.0.0.1"), a_slice(2, "10.0.0.3")
    rig = EchoingRig(service("web"), *slices, service("more"), endpoints("more", "10.0.0.2"), shop, other)
    assert rig.news() == []
    writes = len(rig.writes)
    rig.change(unreadable("web-2", "web"))
    rig.settle()
    (problem,) = rig.news()
    assert (problem.source.name, problem.reason) == ("shop", "Unreadable")
    assert problem.message == f"shop.com/: EndpointSlice default/web-2 cannot be read: {CAUSE}"
    assert len(rig.writes) == writes
    rig.apply(endpoints("web", "10.0.0.4"))
    rig.settle()
    assert served(rig) == ["10.0.0.2", "10.0.0.3", "10.0.0.4"], "those of the others follow"
    assert rig.news() == []
    rig.apply(slices[1])
    rig.settle()
    assert not any(rig.desk.standing.values())
    rig.change(unreadable("web-2", "web"))
    rig.settle()
    assert [problem.source.name for problem in rig.news()] == ["shop"]
    rig.delete(slices[1])
    rig.settle()
    assert not any(rig.desk.standing.values())
    assert served(rig) == ["10.0.0.2", "10.0.0.4"]


def test_many_of_one_service_are_one_problem() -> None:
    slices = [a_slice(n, f"10.0.0.{n}") for n in range(1, 4)]
    rig = EchoingRig(service("web"), *slices, ingress("shop", ("shop.com", "/", "web:80")))
    rig.change(*(unreadable(f"web-{n}", "web") for n in range(1, 4)))
    rig.settle()
    (problem,) = rig.news()
    told = f"EndpointSlice default/web-1 cannot be read: {CAUSE} (and 2 more of this Service)"
    assert problem.message == f"shop.com/: {told}"
    assert served(rig) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
