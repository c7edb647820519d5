"""Nodes → static routes, through the real pipeline."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ako.core.assemble.pipeline import STATIC_ROUTES
from ako.core.base.refs import Kind
from ako.core.engine.changes import Availability, AvailabilityChanged
from ako.core.model import ServiceEngineGroup, VrfContext
from ako.core.plan.protection import protection_for
from tests.builders import Fed, Manifest, settings
from tests.plugins.clusterip_routes.worlds import node

NODE = Kind("", "v1", "Node")


def fed(**flags: str) -> Fed:
    return Fed("ingress", "clusterip_routes", "nodeport", using=settings(**flags))


def routes(world: Fed) -> list[tuple[str, str]] | None:
    """Give (network, next hop) pairs; None if no routes are programmed."""
    world.pipeline.refresh()
    tree = world.pipeline.trees.value(STATIC_ROUTES)
    found = [item for item in tree.objects.values() if isinstance(item, VrfContext)] if tree else []
    if not found:
        return None
    return [(f"{r.prefix.ip_addr.addr}/{r.prefix.mask}", r.next_hop.addr) for r in found[0].static_routes]


def problems(world: Fed) -> dict[str, tuple[str, str]]:
    world.pipeline.refresh()
    found = [p for _, discovery in world.pipeline.claims.values() for p in discovery.problems]
    return {problem.reason: (problem.source.name, problem.message) for problem in found}


def test_each_node_leads_to_its_pods_in_order_of_names() -> None:
    world = fed()
    world.apply(node("b", "10.244.2.0/24", addresses=("10.0.0.2",)), node("a", "10.244.1.0/24"))
    assert routes(world) == [("10.244.1.0/24", "10.0.0.1"), ("10.244.2.0/24", "10.0.0.2")]
    world.delete(node("a"))
    assert routes(world) == [("10.244.2.0/24", "10.0.0.2")]
    world.delete(node("b"))
    assert routes(world) == []


FOUR, SIX = ("10.244.1.0/24", "10.0.0.1"), ("fd00:1::/64", "fd01::1")


@pytest.mark.parametrize(("family", "expected"), [("V4", [FOUR]), ("V6", [SIX]), ("V4_V6", [FOUR, SIX]), ("", [FOUR])])
def test_each_ip_family_in_use_leads_over_an_address_of_its_own(family: str, expected: list[tuple[str, str]]) -> None:
    world = fed(AKOSettings__ipFamily=family)
    world.apply(node("a", "10.244.1.0/24", "fd00:1::/64", addresses=("10.0.0.1", "fd01::1", "10.0.0.9", "fd01::9")))
    assert routes(world) == expected
    assert problems(world) == {}


def test_a_node_without_pod_network_of_the_family_in_use_is_told() -> None:
    world = fed(AKOSettings__ipFamily="V6")
    world.apply(node("a", "10.244.1.0/24"))
    assert routes(world) == []
    assert "no static route (IPv6)" in problems(world)["NoPodNetwork"][1]


def affinity(name: str, node_name: str, state: str | None, cidr: str = "10.1.0.0/26") -> Manifest:
    found = block(name, node_name, cidr)
    return {**found, "spec": {**found["spec"], **({"state": state} if state is not None else {})}}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"a": "confirmed"}, "a"),
        ({"a": None}, "a"),
        ({"a": ""}, "a"),
        ({"a": "pending"}, ""),
        ({"a": "unheard"}, ""),
        ({"a": "pendingDeletion"}, "a"),
        ({"a": "pending", "b": "confirmed"}, "b"),
        ({"a": "pendingDeletion", "b": "confirmed"}, "b"),
        ({"a": "pendingDeletion", "b": None}, "b"),
        ({"a": "pendingDeletion", "b": "pending"}, "a"),
        ({"b": "pendingDeletion", "a": "pending"}, "b"),
    ],
)
def test_a_block_of_calico_leads_to_whom_it_is_confirmed_for(states: dict[str, str | None], expected: str) -> None:
    """Whoever gives it up has it until then, also where nothing was known before."""
    world = fed(AKOSettings__cniPlugin="calico")
    addresses = {"a": "10.0.0.1", "b": "10.0.0.2"}
    world.apply(*(node(name, addresses=(address,)) for name, address in addresses.items()))
    world.apply(*(affinity(name, name, state) for name, state in states.items()))
    assert routes(world) == ([("10.1.0.0/26", addresses[expected])] if expected else [])


def test_a_block_of_calico_moves_when_it_is_confirmed_for_another() -> None:
    world = fed(AKOSettings__cniPlugin="calico")
    world.apply(node("a"), node("b", addresses=("10.0.0.2",)), affinity("a", "a", "confirmed"))
    world.apply(affinity("a", "a", "pendingDeletion"), affinity("b", "b", "pending"))
    assert routes(world) == [("10.1.0.0/26", "10.0.0.1")]
    world.apply(affinity("b", "b", "confirmed"))
    assert routes(world) == [("10.1.0.0/26", "10.0.0.2")]
    world.delete(affinity("a", "a", "pendingDeletion"))
    assert routes(world) == [("10.1.0.0/26", "10.0.0.2")]


@pytest.mark.parametrize(
    ("faulty", "reason", "words"),
    [
        (node("z"), "NoPodNetwork", "podcidr not found"),
        (node("z", "10.244.9.0/24", addresses=()), "NodeWithoutAddress", "nodeip not found"),
        (node("z", "10.244.9.0/24", addresses=("fd01::1",)), "NodeWithoutAddress", "IPv4"),
        (node("z", "10.244.9.0/24", addresses=("z.example.org",)), "NodeWithoutAddress", "nodeip not found"),
        (node("z", "10.244.9.0/33"), "InvalidPodNetwork", "wrong podcidr: '10.244.9.0/33'"),
        (node("z", "10.244.1.0/24"), "PodNetworkOverlaps", "overlaps with one of node a"),
        (node("z", "10.244.1.128/25"), "PodNetworkOverlaps", "overlaps with one of node a"),
        (node("z", "10.244.0.0/16"), "PodNetworkOverlaps", "overlaps with one of node a"),
    ],
)
def test_a_node_that_nothing_leads_to_is_told_and_disturbs_nobody(faulty: Manifest, reason: str, words: str) -> None:
    world = fed()
    world.apply(node("a", "10.244.1.0/24", created="2025-01-01T00:00:00Z"), faulty)
    assert routes(world) == [("10.244.1.0/24", "10.0.0.1")]
    assert problems(world)[reason][0] == "z"
    assert words in problems(world)[reason][1]


def test_of_overlapping_networks_the_older_node_has_the_route() -> None:
    world = fed()
    world.apply(node("z", "10.244.1.0/24", addresses=("10.0.0.9",), created="2025-01-01T00:00:00Z"))
    world.apply(node("a", "10.244.1.0/24"))
    assert routes(world) == [("10.244.1.0/24", "10.0.0.9")]
    world.delete(node("z"))
    assert routes(world) == [("10.244.1.0/24", "10.0.0.1")]
    assert problems(world) == {}


def block(name: str, of: str, cidr: str, deleted: str = "false") -> Manifest:
    return {
        "apiVersion": "crd.projectcalico.org/v1",
        "kind": "BlockAffinity",
        "metadata": {"name": name},
        "spec": {"node": of, "cidr": cidr, "deleted": deleted},
    }


HOST_SUBNET = {
    "apiVersion": "network.openshift.io/v1",
    "kind": "HostSubnet",
    "metadata": {"name": "a"},
    "host": "a",
    "hostIP": "10.0.0.1",
    "subnet": "10.128.0.0/23",
}
CILIUM_NODE = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumNode",
    "metadata": {"name": "a"},
    "spec": {"ipam": {"podCIDRs": ["10.0.1.0/24", "fd00::/112"]}},
}


@pytest.mark.parametrize(
    ("cni", "annotations", "others", "expected"),
    [
        ("", {}, [HOST_SUBNET, CILIUM_NODE], ["10.244.1.0/24"]),
        ("flannel", {}, [], ["10.244.1.0/24"]),
        (
            "calico",
            {},
            [block("1", "a", "10.1.0.0/26"), block("2", "a", "10.1.0.64/26")],
            ["10.1.0.0/26", "10.1.0.64/26"],
        ),
        ("calico", {}, [block("1", "a", "10.1.0.0/26", "true"), block("2", "b", "10.1.0.64/26")], []),
        ("calico", {}, [block("1", "a", "10.1.0.0/26"), block("2", "a", "10.1.0.0/26")], ["10.1.0.0/26"]),
        ("openshift", {}, [HOST_SUBNET], ["10.128.0.0/23"]),
        ("openshift", {}, [], []),
        ("cilium", {}, [CILIUM_NODE], ["10.0.1.0/24"]),
        ("ovn-kubernetes", {"k8s.ovn.org/node-subnets": '{"default":"10.129.0.0/23"}'}, [], ["10.129.0.0/23"]),
        (
            "ovn-kubernetes",
            {"k8s.ovn.org/node-subnets": '{"default":["10.129.0.0/23","fd02::/64"]}'},
            [],
            ["10.129.0.0/23"],
        ),
        ("ovn-kubernetes", {"k8s.ovn.org/node-subnets": "{"}, [], []),
        ("ovn-kubernetes", {}, [], []),
        (
            "calico",
            {"ako.vmware.com/pod-cidrs": "10.5.0.0/24, 10.6.0.0/24"},
            [block("1", "a", "10.1.0.0/26")],
            ["10.5.0.0/24", "10.6.0.0/24"],
        ),
    ],
)
def test_where_each_network_plugin_keeps_pod_networks(
    cni: str, annotations: Mapping[str, str], others: list[Manifest], expected: list[str]
) -> None:
    world = fed(AKOSettings__cniPlugin=cni)
    world.apply(node("a", "10.244.1.0/24", addresses=("10.0.0.1", "fd01::1"), annotations=annotations), *others)
    assert [network for network, _ in routes(world) or ()] == expected
    assert bool(problems(world)) is not bool(expected)


@pytest.mark.parametrize(
    "flags", [{"AKOSettings__disableStaticRouteSync": "true"}, {"L7Settings__serviceType": "NodePort"}]
)
def test_where_none_are_programmed_nothing_is_wanted_or_complained_of(flags: dict[str, str]) -> None:
    world = fed(**flags)
    world.apply(node("a"), node("b", "10.244.1.0/24"))
    assert routes(world) is None
    assert problems(world) == {}


def test_the_se_group_is_labelled_with_the_routes() -> None:
    world = fed(ControllerSettings__serviceEngineGroupName="se-1", AKOSettings__clusterName="prod")
    routes(world)
    tree = world.pipeline.trees.value(STATIC_ROUTES)
    assert tree is not None
    (group,) = [item for item in tree.objects.values() if isinstance(item, ServiceEngineGroup)]
    assert (group.name, [(label.key, label.value) for label in group.labels]) == ("se-1", [("clustername", "prod")])


def test_heartbeats_and_labels_change_no_route() -> None:
    world = fed()
    world.apply(node("a", "10.244.1.0/24"))
    world.pipeline.refresh()
    world.apply(node("a", "10.244.1.0/24", annotations={"heartbeat": "2"}))
    assert world.pipeline.refresh().trees == set()


def test_routes_stay_while_nodes_cannot_be_read_and_nothing_else_is_held_back() -> None:
    world = fed()
    world.apply(node("a", "10.244.1.0/24"))
    assert routes(world) == [("10.244.1.0/24", "10.0.0.1")]
    world.pipeline.apply([AvailabilityChanged(NODE, Availability.UNKNOWN, "403")])
    assert routes(world) == [("10.244.1.0/24", "10.0.0.1")]
    assert not protection_for(world.pipeline.doubts()).everything
