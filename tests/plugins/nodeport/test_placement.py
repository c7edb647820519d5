"""Pools of node ports: the nodes that pass the selector, at the node port of the Service, through the real pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import Struct

from ako.core.base.refs import NamespacedName
from ako.core.engine.changes import Unreadable, Upserted
from ako.core.hooks.records import ENDPOINT_SLICES, EndpointSlice
from ako.core.model import Pool, PoolServer
from ako.core.settings import Settings
from tests.builders import Fed, Manifest, endpoints, ingress, settings

PLUGINS = ("ingress", "clusterip_routes", "nodeport")


def node(name: str, *addresses: str, labels: Mapping[str, str] | None = None) -> Manifest:
    listed = [{"type": "InternalIP", "address": address} for address in addresses]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"podCIDR": "10.244.0.0/24", "unschedulable": True},
        "status": {"addresses": [{"type": "Hostname", "address": name}, *listed]},
    }


def service(name: str, *ports: Mapping[str, Any], type: str = "NodePort") -> Manifest:  # noqa: A002 - the field's word
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"type": type, "ports": list(ports)},
    }


HTTP = {"name": "http", "port": 80, "nodePort": 31080}
ADMIN = {"name": "admin", "port": 81, "nodePort": 31081}


def fed(using: Settings | None = None) -> Fed:
    return Fed(*PLUGINS, using=using or settings(L7Settings__serviceType="NodePort"))


def pools(world: Fed) -> dict[str, Pool]:
    world.pipeline.refresh()
    items = [item for _, tree in world.pipeline.trees.values() for item in tree.objects.values()]
    return {item.name.rpartition("-")[2]: item for item in items if isinstance(item, Pool)}


def servers(world: Fed, name: str = "shop") -> list[tuple[str, int]]:
    return [(server.ip.addr, server.port) for server in pools(world)[name].servers]


def problems(world: Fed) -> dict[str, str]:
    world.pipeline.refresh()
    return {p.reason: p.message for _, host in world.pipeline.hosts.values() for p in host.problems}


def test_every_node_serves_at_its_internal_address() -> None:
    world = fed()
    world.apply(node("b", "10.0.0.2"), node("a", "10.0.0.1"), service("web", HTTP))
    world.apply(ingress("shop", ("shop.com", "/", "web:80")))
    assert servers(world) == [("10.0.0.1", 31080), ("10.0.0.2", 31080)]
    assert problems(world) == {}


def test_nodes_come_go_and_change() -> None:
    world = fed(settings(L7Settings__serviceType="NodePort", nodePortSelector__key="role", nodePortSelector__value="w"))
    world.apply(service("web", HTTP), ingress("shop", ("shop.com", "/", "web:http")))
    assert servers(world) == []
    world.apply(node("a", "10.0.0.1", labels={"role": "w"}), node("m", "10.0.0.9", labels={"role": "master"}))
    assert servers(world) == [("10.0.0.1", 31080)]
    world.apply(node("m", "10.0.0.9", labels={"role": "w"}))
    assert servers(world) == [("10.0.0.1", 31080), ("10.0.0.9", 31080)]
    world.apply(node("a", "10.0.0.8", labels={"role": "w"}))
    assert servers(world) == [("10.0.0.8", 31080), ("10.0.0.9", 31080)]
    world.apply(node("m", "10.0.0.9"))
    world.delete(node("a"))
    assert servers(world) == []


@pytest.mark.parametrize(
    ("labels", "is_taken"),
    [({"role": "app"}, True), ({"role": "App"}, False), ({"role": ""}, False), ({"app": "role"}, False), ({}, False)],
)
def test_the_selector_takes_the_exact_label(labels: dict[str, str], is_taken: bool) -> None:
    world = fed(
        settings(L7Settings__serviceType="NodePort", nodePortSelector__key="role", nodePortSelector__value="app")
    )
    world.apply(node("a", "10.0.0.1", labels=labels), service("web", HTTP))
    world.apply(ingress("shop", ("shop.com", "/", "web:80")))
    assert servers(world) == ([("10.0.0.1", 31080)] if is_taken else [])
    assert ("no node has the label role=app" in problems(world).get("NoNodeSelected", "")) is not is_taken


def test_a_selector_without_value_wants_the_label_empty() -> None:
    world = fed(settings(L7Settings__serviceType="NodePort", nodePortSelector__key="worker"))
    world.apply(node("a", "10.0.0.1", labels={"worker": ""}), node("b", "10.0.0.2", labels={"worker": "yes"}))
    world.apply(service("web", HTTP), ingress("shop", ("shop.com", "/", "web:80")))
    assert servers(world) == [("10.0.0.1", 31080)]


def test_a_node_without_address_is_left_out_and_said() -> None:
    world = fed()
    world.apply(node("a", "10.0.0.1"), node("dark0", "dark0.example.org"), *(node(f"dark{i}") for i in range(1, 5)))
    world.apply(service("web", HTTP))
    world.apply(ingress("shop", ("shop.com", "/", "web:80")))
    assert servers(world) == [("10.0.0.1", 31080)]
    assert "nodes dark0, dark1, dark2 and 2 more" in problems(world)["NodeWithoutAddress"]


@pytest.mark.parametrize(
    ("ports", "wanted", "expected"),
    [
        ((HTTP, ADMIN), "web:81", 31081),
        ((HTTP, ADMIN), "web:admin", 31081),
        ((HTTP, ADMIN), "web:http", 31080),
        ((ADMIN,), "web:81", 31081),
    ],
)
def test_a_port_is_found_through_the_service(ports: tuple[Manifest, ...], wanted: str, expected: int) -> None:
    world = fed()
    world.apply(node("a", "10.0.0.1"), service("web", *ports), ingress("shop", ("shop.com", "/", wanted)))
    assert servers(world) == [("10.0.0.1", expected)]


@pytest.mark.parametrize(
    ("backing", "reason", "words"),
    [
        (service("web", {"name": "http", "port": 80}, type="ClusterIP"), "NoNodePort", "is of type ClusterIP"),
        (service("web", {"name": "http", "port": 80}, type="LoadBalancer"), "NoNodePort", "no node port for port 80"),
        (
            service("web", ADMIN),
            "PortNotFound",
            "shop.com/: service default/web has no TCP port 80; it has admin:81",
        ),
        (service("web", type="ExternalName"), "ExternalNameBackend", "ExternalName"),
        (service("other", HTTP), "BackendNotFound", "default/web does not exist"),
    ],
)
def test_a_backend_without_node_port_gives_an_empty_pool_and_says_why(
    backing: Manifest, reason: str, words: str
) -> None:
    world = fed()
    world.apply(node("a", "10.0.0.1"), backing, ingress("shop", ("shop.com", "/", "web:80")))
    assert servers(world) == []
    assert words in problems(world)[reason]


def test_a_service_of_type_loadbalancer_is_served_by_its_node_ports() -> None:
    world = fed()
    world.apply(node("a", "10.0.0.1"), service("web", HTTP, type="LoadBalancer"))
    world.apply(ingress("shop", ("shop.com", "/", "web:80")))
    assert servers(world) == [("10.0.0.1", 31080)]


def test_pools_of_one_node_port_share_their_servers() -> None:
    world = fed()
    world.apply(node("a", "10.0.0.1"), node("b", "10.0.0.2"), service("web", HTTP))
    world.apply(*(ingress(f"s{i}", (f"s{i}.com", "/", port)) for i, port in enumerate(("web:80", "web:http"))))
    assert pools(world)["s0"].servers is pools(world)["s1"].servers


def test_a_change_of_what_no_server_is_made_of_touches_no_pool() -> None:
    world = fed()
    world.apply(node("a", "10.0.0.1"), service("web", HTTP), ingress("shop", ("shop.com", "/", "web:80")))
    world.pipeline.refresh()
    world.apply(node("a", "10.0.0.1", labels={"touched": "yes"}))
    refreshed = world.pipeline.refresh()
    assert (refreshed.hosts, refreshed.trees) == (set(), set())


def test_nodes_take_nothing_where_pools_are_made_of_pods() -> None:
    world = fed(Settings())
    world.apply(node("a", "10.0.0.1"), service("web", HTTP), ingress("shop", ("shop.com", "/", "web:80")))
    assert servers(world) == []


@pytest.mark.parametrize(
    ("family", "expected"),
    [("V4", ["10.0.0.2"]), ("V6", ["fd00::1", "fd00::2"]), ("V4_V6", ["fd00::1", "10.0.0.2"])],
)
def test_a_node_is_one_server_at_an_address_of_the_families_in_use(family: str, expected: list[str]) -> None:
    world = fed(settings(L7Settings__serviceType="NodePort", AKOSettings__ipFamily=family))
    world.apply(node("a", "fd00::1"), node("b", "10.0.0.2", "fd00::2"), service("web", HTTP))
    world.apply(ingress("shop", ("shop.com", "/", "web:80")))
    assert pools(world)["shop"].servers == tuple(PoolServer.at(address, 31080) for address in expected)
    told = problems(world).get("NodeWithoutAddress", "")
    assert ("have no InternalIP of IPv4: nodes a" in told) is (family == "V4")


def local(*ports: Mapping[str, Any], policy: str = "Local", kind: str = "LoadBalancer") -> Manifest:
    found = service("web", *(ports or (HTTP,)), type=kind)
    return {**found, "spec": {**found["spec"], "externalTrafficPolicy": policy}}


def piece(name: str, *found: tuple[str, str, Mapping[str, bool]], port: str = "http", family: str = "IPv4") -> Manifest:
    """Build an EndpointSlice from address, node and conditions."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": family,
        "endpoints": [{"addresses": [a], "nodeName": n, "conditions": c} for a, n, c in found],
        "ports": [{"name": port, "port": 8080}],
    }


READY = {"ready": True}
GOING = {"ready": False, "serving": True, "terminating": True}
DOWN = {"ready": False, "serving": False}
NODES = (node("a", "10.9.0.1"), node("b", "10.9.0.2"), node("c", "10.9.0.3"))


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        ([("10.1.1.1", "b", READY)], "b"),
        ([("10.1.1.1", "b", READY), ("10.1.1.2", "b", READY), ("10.1.1.3", "c", READY)], "bc"),
        ([("10.1.1.1", "b", READY), ("10.1.1.2", "a", DOWN)], "b"),
        ([("10.1.1.1", "b", READY), ("10.1.1.2", "a", GOING)], "b"),
        ([("10.1.1.1", "a", GOING), ("10.1.1.2", "c", GOING)], "ac"),
        ([("10.1.1.1", "a", GOING), ("10.1.1.2", "c", DOWN)], "a"),
        ([], ""),
        ([("10.1.1.1", "unheard", READY)], ""),
    ],
)
@pytest.mark.parametrize("kind", ["LoadBalancer", "NodePort"])
def test_with_traffic_policy_local_only_nodes_with_an_endpoint_serve(
    endpoints: list[tuple[str, str, Mapping[str, bool]]], expected: str, kind: str
) -> None:
    world = fed()
    world.apply(*NODES, local(kind=kind), piece("web-1", *endpoints), ingress("shop", ("shop.com", "/", "web:80")))
    addresses = {"a": "10.9.0.1", "b": "10.9.0.2", "c": "10.9.0.3"}
    assert servers(world) == [(addresses[name], 31080) for name in expected]
    world.apply(local(policy="Cluster", kind=kind))
    assert len(servers(world)) == 3


def test_each_port_has_its_own_nodes() -> None:
    world = fed()
    world.apply(*NODES, local(HTTP, ADMIN), piece("web-1", ("10.1.1.1", "a", READY)))
    world.apply(piece("web-2", ("10.1.1.2", "b", READY), port="admin"))
    world.apply(ingress("shop", ("shop.com", "/", "web:80")), ingress("back", ("back.com", "/", "web:81")))
    assert servers(world, "shop") == [("10.9.0.1", 31080)]
    assert servers(world, "back") == [("10.9.0.2", 31081)]


def test_the_family_of_an_endpoint_does_not_matter_for_its_node_and_the_selector_does() -> None:
    world = fed(settings(L7Settings__serviceType="NodePort", nodePortSelector__key="role", nodePortSelector__value="w"))
    world.apply(node("a", "10.9.0.1", labels={"role": "w"}), node("b", "10.9.0.2"), local())
    world.apply(piece("web-1", ("fd00::1", "a", READY), ("fd00::2", "b", READY), family="IPv6"))
    world.apply(ingress("shop", ("shop.com", "/", "web:80")))
    assert servers(world) == [("10.9.0.1", 31080)]


def test_endpoints_touch_no_pool_without_that_policy() -> None:
    world = fed()
    world.apply(*NODES, local(policy="Cluster"), ingress("shop", ("shop.com", "/", "web:80")))
    world.pipeline.refresh()
    world.apply(piece("web-1", ("10.1.1.1", "a", READY)))
    refreshed = world.pipeline.refresh()
    assert (refreshed.hosts, refreshed.trees) == (set(), set())


@pytest.mark.parametrize(("policy", "is_told"), [("Local", True), ("Cluster", False)])
def test_endpoints_of_before_are_told_where_servers_are_found_by_them(policy: str, *, is_told: bool) -> None:
    world = fed()
    web = service("web", HTTP)
    web["spec"]["externalTrafficPolicy"] = policy
    found = endpoints("web", "10.244.0.9")
    found["endpoints"][0]["nodeName"] = "n1"
    world.apply(node("n1", "10.0.0.1"), web, found, ingress("shop", ("shop.com", "/", "web:80")))
    assert problems(world) == {}
    broken: dict[type[Struct], Unreadable] = {EndpointSlice: Unreadable("broken")}
    world.pipeline.apply([Upserted(ENDPOINT_SLICES.kind, NamespacedName("default", "web-1"), broken)])
    expected = {"Unreadable": "shop.com/: EndpointSlice default/web-1 cannot be read: broken"} if is_told else {}
    assert problems(world) == expected
    assert [server.ip.addr for pool in pools(world).values() for server in pool.servers] == ["10.0.0.1"]
