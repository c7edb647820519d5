"""Placement on pod addresses: which port, which endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ako.core.hooks.claims import Backend, BackendPort, Placement
from ako.plugins.clusterip_routes.place import place_on_endpoints
from tests.builders import Fed, Manifest, settings

Port = Mapping[str, Any]
PORT_80 = BackendPort(number=80)


def web(*ports: Port, kind: str = "ClusterIP") -> Manifest:
    metadata = {"name": "web", "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"type": kind, "ports": list(ports)}}


def endpoint(
    address: str, *, ready: bool | None = True, node: str | None = None, pod: str = "", **conditions: Any
) -> dict[str, Any]:
    target = {"kind": "Pod", "name": pod, "uid": pod} if pod else None
    return {
        "addresses": [address],
        "conditions": {"ready": ready, **conditions},
        "nodeName": node,
        "targetRef": target,
    }


def piece(name: str, ports: Sequence[Port], *found: dict[str, Any], family: str = "IPv4") -> Manifest:
    metadata = {"name": name, "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata,
        "addressType": family,
        "ports": list(ports),
        "endpoints": list(found),
    }


def older(*subsets: Mapping[str, Any]) -> Manifest:
    metadata = {"name": "web", "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, "subsets": list(subsets)}


def placed(*manifests: Manifest, port: BackendPort, is_own: bool = False, family: str = "V4") -> Placement:
    fed = Fed(using=settings(AKOSettings__ipFamily=family))
    fed.apply(*manifests)
    backend = Backend("default", "web", port, is_own=is_own)

    def place(view: Any) -> Placement:
        return place_on_endpoints(backend, view)

    return fed.pipeline.engine.ask(place)


def servers(*manifests: Manifest, port: BackendPort = PORT_80) -> list[tuple[str, int]]:
    return [(server.ip.addr, server.port) for server in placed(*manifests, port=port).servers]


HTTP: Port = {"name": "http", "port": 80, "targetPort": 8080}
DNS: Port = {"name": "dns", "port": 53, "protocol": "UDP"}
TARGET_5353 = BackendPort(number=5353, is_target=True)
ADMIN: Port = {"name": "admin", "port": 81, "targetPort": "adm"}
BARE: Port = {"port": 80}
BOTH = [{"name": "http", "port": 8080}, {"name": "admin", "port": 9090}]
ONE = endpoint("10.0.0.1")


@pytest.mark.parametrize(
    ("service_ports", "slice_ports", "wanted", "found"),
    [
        ([HTTP, ADMIN], BOTH, BackendPort(number=80), 8080),
        ([HTTP, ADMIN], BOTH, BackendPort(number=81), 9090),
        ([HTTP, ADMIN], BOTH, BackendPort(name="http"), 8080),
        ([HTTP, ADMIN], BOTH, BackendPort(name="admin"), 9090),
        ([HTTP, ADMIN], BOTH, BackendPort(), 8080),
        ([HTTP, ADMIN], BOTH, BackendPort(number=8080), None),
        ([HTTP, ADMIN], BOTH, BackendPort(name="nope"), None),
        ([HTTP, ADMIN], BOTH, BackendPort(number=8080, is_target=True), 8080),
        ([HTTP, ADMIN], BOTH, BackendPort(name="adm", is_target=True), 9090),
        ([HTTP, ADMIN], BOTH, BackendPort(number=9090, is_target=True), 9090),
        ([HTTP, ADMIN], BOTH, BackendPort(number=7070, is_target=True), None),
        ([ADMIN], [{"name": "admin", "port": 9090}], BackendPort(number=9090, is_target=True), 9090),
        ([ADMIN], [{"name": "admin", "port": 9090}], BackendPort(name="other", is_target=True), 9090),
        ([HTTP], [{"name": "other", "port": 8080}], BackendPort(number=80), 8080),
        ([BARE], [{"name": "", "port": 8080}], BackendPort(number=80), 8080),
        ([BARE], [{"port": 8080}], BackendPort(number=80), 8080),
        ([HTTP], BOTH, BackendPort(number=80), 8080),
        ([HTTP, ADMIN], [{"name": "other", "port": 8080}], BackendPort(number=80), None),
        ([HTTP], [], BackendPort(number=80), None),
        ([HTTP], [{"name": "http"}], BackendPort(number=80), None),
    ],
)
def test_the_port(service_ports: list[Port], slice_ports: list[Port], wanted: BackendPort, found: int | None) -> None:
    result = servers(web(*service_ports), piece("web-1", slice_ports, ONE), port=wanted)
    assert result == ([("10.0.0.1", found)] if found else [])


@pytest.mark.parametrize(("ready", "counts"), [(True, True), (None, True), (False, False)])
def test_readiness(ready: bool | None, counts: bool) -> None:
    """Absent counts as ready: the rule of the EndpointSlice API."""
    assert bool(servers(web(HTTP), piece("web-1", BOTH, endpoint("10.0.0.1", ready=ready)))) is counts


def test_all_slices_count_and_an_address_once() -> None:
    one = piece("web-1", BOTH, endpoint("10.0.0.2"), endpoint("10.0.0.1"))
    two = piece("web-2", BOTH, endpoint("10.0.0.3"), endpoint("10.0.0.1"))
    assert servers(web(HTTP), one, two) == [("10.0.0.1", 8080), ("10.0.0.2", 8080), ("10.0.0.3", 8080)]


FOUR, SIX = ("10.0.0.1", "V4"), ("2001:db8::1", "V6")


@pytest.mark.parametrize(("family", "expected"), [("V4", [FOUR]), ("V6", [SIX]), ("V4_V6", [FOUR, SIX])])
def test_the_address_families_in_use_are_served(family: str, expected: list[tuple[str, str]]) -> None:
    four = piece("web-4", BOTH, endpoint("10.0.0.1"))
    six = piece("web-6", BOTH, endpoint("2001:db8::1"), family="IPv6")
    found = placed(web(HTTP), four, six, port=PORT_80, family=family)
    assert [(server.ip.addr, server.ip.type) for server in found.servers] == expected
    assert found.faults == ()


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("V4", ["10.0.0.1", "10.0.0.3"]),
        ("V6", ["2001:db8::1", "2001:db8::2"]),
        ("V4_V6", ["10.0.0.1", "10.0.0.3", "2001:db8::2"]),
    ],
)
def test_a_pod_with_an_address_of_each_family_is_one_server(family: str, expected: list[str]) -> None:
    four = piece("web-4", BOTH, endpoint("10.0.0.1", pod="one"), endpoint("10.0.0.3", pod="three"))
    six = piece("web-6", BOTH, endpoint("2001:db8::1", pod="one"), endpoint("2001:db8::2", pod="two"), family="IPv6")
    found = placed(web(HTTP), six, four, port=PORT_80, family=family).servers
    assert [server.ip.addr for server in found] == expected


def test_endpoints_of_another_family_than_the_one_in_use_are_told() -> None:
    six = piece("web-6", BOTH, endpoint("2001:db8::1"), family="IPv6")
    found = placed(web(HTTP), six, port=PORT_80)
    assert found.servers == ()
    assert [fault.reason for fault in found.faults] == ["EndpointsOfOtherFamily"]


GOING: dict[str, Any] = {"ready": False, "serving": True, "terminating": True}
GONE = {"ready": False, "serving": False, "terminating": True}
STARTING = {"ready": False, "serving": False, "terminating": False}


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([GOING, GOING], [0, 1]),
        ([GOING, GONE], [0]),
        ([GOING, STARTING], [0]),
        ([GOING, {"ready": True, "serving": True, "terminating": False}], [1]),
        ([GOING, {"ready": None}], [1]),
        ([GONE, STARTING], []),
        ([{"ready": False, "serving": True, "terminating": False}], []),
        ([{"ready": False, "terminating": True}], []),
        ([{"ready": True, "serving": True, "terminating": True}], [0]),
    ],
)
def test_endpoints_that_go_serve_while_there_is_no_other(conditions: list[dict[str, Any]], expected: list[int]) -> None:
    found = [endpoint(f"10.0.0.{number}", **given) for number, given in enumerate(conditions)]
    slices = [piece(f"web-{number}", BOTH, one) for number, one in enumerate(found)]
    assert servers(web(HTTP), *slices) == [(f"10.0.0.{number}", 8080) for number in expected]


def test_each_port_has_its_own_last_endpoints() -> None:
    """One port's ready endpoints are no reason to leave another without any."""
    ready = piece("web-1", [{"name": "dns", "port": 5353, "protocol": "UDP"}], endpoint("10.0.0.1"))
    going = piece("web-2", [{"name": "http", "port": 8080}], endpoint("10.0.0.2", **GOING))
    assert servers(web(HTTP, DNS), ready, going) == [("10.0.0.2", 8080)]


def test_names_in_the_place_of_addresses_are_left_out_and_said() -> None:
    """A pool is made of addresses: one that is none would make the Controller refuse all of it."""
    named = piece("web-n", BOTH, endpoint("pod.example.org"), family="FQDN")
    found = placed(web(HTTP), piece("web-1", BOTH, ONE, endpoint("nonsense")), named, port=PORT_80)
    assert [server.ip.addr for server in found.servers] == ["10.0.0.1"]
    assert [fault.reason for fault in found.faults] == ["EndpointsWithoutAddress"]
    assert "web-n of service web is of addressType FQDN" in found.faults[0].message


def test_the_node_is_told() -> None:
    found = placed(web(HTTP), piece("web-1", BOTH, endpoint("10.0.0.1", node="n1")), port=BackendPort(number=80))
    assert [server.server_node for server in found.servers] == ["n1"]


def test_endpoints_serve_where_there_are_no_slices() -> None:
    subsets = (
        {"addresses": [{"ip": "10.0.0.1", "nodeName": "n1"}], "ports": [{"name": "http", "port": 8080}]},
        {"addresses": [{"ip": "10.0.0.2"}], "ports": [{"name": "admin", "port": 9090}]},
        {"notReadyAddresses": [{"ip": "10.0.0.3"}], "ports": [{"name": "http", "port": 8080}]},
    )
    assert servers(web(HTTP, ADMIN), older(*subsets)) == [("10.0.0.1", 8080)]


def test_endpoints_are_not_looked_at_where_there_are_slices() -> None:
    subset = {"addresses": [{"ip": "10.0.0.9"}], "ports": [{"name": "http", "port": 8080}]}
    assert servers(web(HTTP), piece("web-1", BOTH, ONE), older(subset)) == [("10.0.0.1", 8080)]


@pytest.mark.parametrize(
    ("manifests", "wanted", "reason"),
    [
        ((), BackendPort(number=80), "BackendNotFound"),
        ((web(HTTP),), BackendPort(number=99), "PortNotFound"),
        ((web(HTTP),), BackendPort(name="nope"), "PortNotFound"),
        ((web(),), BackendPort(), "PortNotFound"),
        ((web(DNS),), BackendPort(number=53), "PortNotFound"),
        ((web(DNS),), BackendPort(), "PortNotFound"),
        ((web(DNS), piece("web-1", [{**DNS, "port": 5353}], endpoint("10.0.0.1"))), TARGET_5353, "PortNotFound"),
        ((web(HTTP, ADMIN), piece("web-1", [{"name": "htp", "port": 8080}], ONE)), PORT_80, "EndpointPortNotFound"),
        ((web(HTTP, kind="ExternalName"),), BackendPort(number=80), "ExternalNameBackend"),
        ((web(HTTP, kind="LoadBalancer"),), BackendPort(number=80), "LoadBalancerBackend"),
    ],
)
def test_what_cannot_be_placed_is_said(manifests: Sequence[Manifest], wanted: BackendPort, reason: str) -> None:
    found = placed(*manifests, port=wanted)
    assert found.servers == ()
    assert [fault.reason for fault in found.faults] == [reason]


def test_the_fault_names_the_ports_that_endpoints_have() -> None:
    manifests = (web(HTTP, ADMIN), piece("web-1", [{"name": "htp", "port": 8080}], ONE), piece("web-2", [{"port": 9}]))
    assert [fault.message for fault in placed(*manifests, port=PORT_80).faults] == [
        "the endpoints of service default/web have no port http; they have htp:8080/TCP."
    ]


def test_a_port_of_the_endpoints_that_is_not_there_is_told_with_those_that_are() -> None:
    found = placed(web(HTTP, ADMIN), port=BackendPort(number=81, is_target=True))
    assert [fault.message for fault in found.faults] == [
        "service default/web has no TCP port 81 behind it (targetPort); it has http:8080/TCP, admin:adm/TCP."
    ]


def test_a_port_that_is_not_named_is_the_first_and_that_is_said() -> None:
    found = placed(web(HTTP, ADMIN), piece("web-1", BOTH, ONE), port=BackendPort())
    assert [(server.ip.addr, server.port) for server in found.servers] == [("10.0.0.1", 8080)]
    assert [fault.message for fault in found.faults] == [
        "service default/web has several ports (http:80/TCP, admin:81/TCP) and none is named; http:80/TCP is served."
    ]
    assert placed(web(HTTP), piece("web-1", BOTH, ONE), port=BackendPort()).faults == ()


def test_a_load_balancer_serves_itself() -> None:
    manifests = (web(HTTP, kind="LoadBalancer"), piece("web-1", BOTH, ONE))
    assert len(placed(*manifests, port=BackendPort(number=80), is_own=True).servers) == 1


def test_a_service_without_endpoints_is_placed_nowhere_and_that_is_no_fault() -> None:
    assert placed(web(HTTP), port=BackendPort(number=80)) == Placement()
