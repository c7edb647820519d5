"""Several Services on one address: whose each port is, who is told what, and what is touched when one comes or goes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ako.core.model import L4PolicySet, NetworkSecurityPolicy, Pool, VirtualService, VsVip
from tests.builders import Manifest, endpoints
from tests.e2e.stage import Stage
from tests.plugins.loadbalancer.test_clients import lets_in
from tests.plugins.loadbalancer.worlds import HTTP, fed, one, problems, service, tree
from tests.waiting import eventually

SHARED = "ako.vmware.com/enable-shared-vip"
NAME = "my-cluster--red-blue"
DNS = {"name": "dns", "port": 53, "protocol": "UDP"}
HTTPS = {"name": "https", "port": 443}


def sharing(name: str, *ports: dict[str, Any], day: int = 1, vip: str = "blue", **spec: Any) -> Manifest:
    annotations = {SHARED: vip, **spec.pop("annotations", {})}
    made = service(*ports, name=name, annotations=annotations, **spec)
    return {**made, "metadata": {**made["metadata"], "creationTimestamp": f"2026-01-0{day}T00:00:00Z"}}


def test_services_of_one_namespace_are_one_virtual_service() -> None:
    world = fed()
    world.apply(sharing("web", HTTP), sharing("names", DNS, day=2), endpoints("web", "10.244.1.9", namespace="red"))
    items = tree(world, NAME)
    assert [repr(item.ref) for item in items] == [
        f"vsvip {NAME}",
        f"pool {NAME}-TCP-80",
        f"pool {NAME}-UDP-53",
        f"l4policyset {NAME}",
        f"virtualservice {NAME}",
    ]
    found: Any = one(items, VirtualService)
    assert [port.port for port in found.services] == [80, 53]
    assert '"namespace_svc_name":["red/web","red/names"]' in (found.service_metadata or "")
    assert one(items, VsVip).fqdns == ("web.red.com", "names.red.com")
    metadata = {item.name: str(item.service_metadata) for item in items if isinstance(item, Pool)}
    assert '"namespace_svc_name":["red/names"]' in metadata[f"{NAME}-UDP-53"]
    assert [len(item.servers) for item in items if isinstance(item, Pool)] == [1, 0]
    assert problems(world) == {}


@pytest.mark.parametrize(
    ("other", "name"), [({"vip": "green"}, "my-cluster--red-green"), ({"namespace": "amber"}, "my-cluster--amber-blue")]
)
def test_what_has_another_name_or_namespace_is_by_itself(other: dict[str, Any], name: str) -> None:
    world = fed()
    world.apply(sharing("web"), sharing("more", **other), service(name="alone"))
    assert [port.port for port in one(tree(world, NAME), VirtualService).services] == [80]
    assert tree(world, name)
    assert tree(world, "my-cluster--red-alone")


MEMBERS = {1: sharing("c", HTTP), 2: sharing("b", HTTP, HTTPS, day=2), 3: sharing("a", HTTP, HTTPS, DNS, day=3)}


@pytest.mark.parametrize("order", list(itertools.permutations(MEMBERS)), ids=str)
def test_a_port_goes_to_the_oldest_and_then_to_the_next(order: tuple[int, ...]) -> None:
    world = fed()
    for day in order:
        world.apply(MEMBERS[day])
        tree(world, NAME)
    assert owners(tree(world, NAME)) == {"TCP-80": "c", "TCP-443": "b", "UDP-53": "a"}
    assert problems(world)["PortTaken"] in {
        "port 80/TCP of the shared address blue is that of Service/red/c, which is older.",
        "port 443/TCP of the shared address blue is that of Service/red/b, which is older.",
    }
    world.delete(MEMBERS[1])
    assert owners(tree(world, NAME)) == {"TCP-80": "b", "TCP-443": "b", "UDP-53": "a"}
    world.delete(MEMBERS[2])
    assert owners(tree(world, NAME)) == {"TCP-80": "a", "TCP-443": "a", "UDP-53": "a"}
    assert problems(world) == {}
    world.delete(MEMBERS[3])
    assert tree(world, NAME) == []


def owners(items: list[Any]) -> dict[str, str]:
    """Give the Service behind each port, by what is written on its pool."""
    return {
        item.name.removeprefix(f"{NAME}-"): str(item.service_metadata).partition('["red/')[2].partition('"')[0]
        for item in items
        if isinstance(item, Pool)
    }


def test_one_number_with_two_protocols_is_shared() -> None:
    world = fed()
    world.apply(sharing("a", {"name": "dns", "port": 53}), sharing("b", DNS, day=2))
    assert owners(tree(world, NAME)) == {"TCP-53": "a", "UDP-53": "b"}
    assert problems(world) == {}


def test_who_gets_no_port_is_not_served_and_neither_is_its_name() -> None:
    world = fed()
    world.apply(sharing("a", HTTP), sharing("b", HTTP, day=2))
    items = tree(world, NAME)
    assert one(items, VsVip).fqdns == ("a.red.com",)
    assert '"namespace_svc_name":["red/a"]' in one(items, VirtualService).service_metadata


@pytest.mark.parametrize(
    ("first", "second", "expected", "is_conflict"),
    [
        ({"loadBalancerIP": "10.9.9.9"}, {}, "10.9.9.9", False),
        ({}, {"loadBalancerIP": "10.9.9.9"}, "10.9.9.9", False),
        ({"loadBalancerIP": "10.9.9.9"}, {"loadBalancerIP": "10.9.9.9"}, "10.9.9.9", False),
        ({"loadBalancerIP": "10.9.9.9"}, {"loadBalancerIP": "10.9.9.8"}, "10.9.9.9", True),
        (
            {"loadBalancerIP": "10.9.9.9", "annotations": {"ako.vmware.com/load-balancer-ip": "10.9.9.7"}},
            {},
            "10.9.9.9",
            False,
        ),
    ],
)
def test_addresses(first: dict[str, Any], second: dict[str, Any], expected: str, is_conflict: bool) -> None:
    world = fed()
    world.apply(sharing("a", HTTP, **first), sharing("b", DNS, day=2, **second))
    items = tree(world, NAME)
    assert one(items, VsVip).vip[0].ip_address.addr == expected
    assert len(one(items, VirtualService).services) == (1 if is_conflict else 2)
    assert ("AddressConflict" in problems(world)) is is_conflict


def test_those_who_share_are_one_to_all_others() -> None:
    """The address that the oldest asks for is also its companions', though somebody else is older than they."""
    world = fed()
    asking: dict[str, Any] = {"loadBalancerIP": "10.9.9.9"}
    other = service(name="other", **asking)
    other = {**other, "metadata": {**other["metadata"], "creationTimestamp": "2026-01-02T00:00:00Z"}}
    world.apply(sharing("a", HTTP, **asking), other, sharing("b", DNS, day=3, **asking))
    assert owners(tree(world, NAME)) == {"TCP-80": "a", "UDP-53": "b"}
    assert tree(world, "my-cluster--red-other") == []
    world.delete(sharing("a", HTTP))
    assert tree(world, NAME) == []
    assert tree(world, "my-cluster--red-other")


def test_each_keeps_others_out_of_its_own_ports_only() -> None:
    world = fed()
    world.apply(
        sharing("a", HTTP, HTTPS, loadBalancerSourceRanges=["10.1.0.0/16"]),
        sharing("b", DNS, day=2),
        sharing("c", {"name": "top", "port": 81}, day=3, loadBalancerSourceRanges=["10.2.0.0/16"]),
    )
    policy = one(tree(world, NAME), NetworkSecurityPolicy)
    rules = [
        (rule.index, rule.match.vs_port.ports, rule.match.client_ip.prefixes[0].ip_addr.addr) for rule in policy.rules
    ]
    assert rules == [(0, (80, 443), "10.1.0.0"), (1, (81,), "10.2.0.0")]


def test_one_number_cannot_have_two_ranges() -> None:
    world = fed()
    world.apply(
        sharing("a", {"name": "dns", "port": 53}, loadBalancerSourceRanges=["10.1.0.0/16"]),
        sharing("b", DNS, HTTP, day=2),
    )
    assert owners(tree(world, NAME)) == {"TCP-53": "a", "TCP-80": "b"}
    assert "has that number with other source ranges" in problems(world)["PortTaken"]


def test_the_same_ranges_are_the_same_however_they_are_written() -> None:
    world = fed()
    world.apply(
        sharing("a", {"name": "dns", "port": 53}, loadBalancerSourceRanges=["10.1.0.0/16", "2001:db8::/32"]),
        sharing("b", DNS, day=2, loadBalancerSourceRanges=["2001:DB8::/32", "10.1.7.0/16", "10.1.0.0/16"]),
    )
    assert owners(tree(world, NAME)) == {"TCP-53": "a", "UDP-53": "b"}
    assert problems(world) == {}


def test_affinity_is_each_ones_own() -> None:
    world = fed()
    world.apply(sharing("a", HTTP, sessionAffinity="ClientIP"), sharing("b", DNS, day=2))
    found = [bool(item.application_persistence_profile_ref) for item in tree(world, NAME) if isinstance(item, Pool)]
    assert found == [True, False]


def test_a_service_with_the_name_of_a_shared_address_does_not_share_it() -> None:
    world = fed()
    world.apply(sharing("a", HTTP), service(name="blue"))
    world.pipeline.refresh()
    found = [name for name, item in world.pipeline.trees.values() if str(name).startswith(NAME) and item.objects]
    assert len(found) == 2


# On a Controller.

C_NAME = "c--red-blue"


def statuses(stage: Stage) -> dict[str, Any]:
    lines = [line for line in stage.reported() if "status" in line and line["object"].startswith("v1/Service/")]
    return {line["object"].rpartition("/")[2]: line["status"]["loadBalancer"]["ingress"] for line in lines}


def writes(stage: Stage, mark: int) -> set[tuple[str, str, str]]:
    return {(write.method, write.model, write.name.removeprefix(C_NAME)) for write in stage.avi.writes_since(mark)}


def test_members_come_and_go(stage: Stage) -> None:
    stage.put("a", sharing("a", HTTP))
    stage.converge("--report", str(stage.report))
    address = stage.avi.named("vsvip", C_NAME)["vip"][0]["ip_address"]["addr"]

    mark = stage.avi.mark()
    stage.put("b", sharing("b", DNS, day=2))
    stage.converge("--report", str(stage.report))
    changed = {("PATCH", "l4policyset", ""), ("PATCH", "virtualservice", "")}
    assert writes(stage, mark) == {("POST", "pool", "-UDP-53"), ("PUT", "vsvip", ""), *changed}
    assert statuses(stage) == {
        "a": [{"ip": address, "hostname": "a.red.com"}],
        "b": [{"ip": address, "hostname": "b.red.com"}],
    }
    mark = stage.avi.mark()
    stage.converge()
    assert writes(stage, mark) == set()

    stage.remove("a")
    stage.converge("--report", str(stage.report))
    assert writes(stage, mark) == {("DELETE", "pool", "-TCP-80"), ("PUT", "vsvip", ""), *changed}
    assert stage.avi.named("vsvip", C_NAME)["vip"][0]["ip_address"]["addr"] == address

    stage.remove("b")
    stage.converge()
    assert not [name for name in stage.avi.ours() if C_NAME in name]


@pytest.mark.parametrize(
    "broken",
    [
        {"loadBalancerSourceRanges": ["office"]},
        {"ports": "none"},
    ],
    ids=["ranges", "unreadable"],
)
def test_one_that_cannot_be_read_after_a_restart_keeps_what_it_has_and_the_others_go_on(
    stage: Stage, broken: dict[str, Any]
) -> None:
    first = sharing("a", HTTP, loadBalancerSourceRanges=["10.7.0.0/16"])
    stage.put("a", first)
    stage.put("b", sharing("b", DNS, day=2))
    stage.converge()
    stage.put("a", {**first, "spec": {**first["spec"], **broken}})
    stage.put("b", sharing("b", HTTPS, day=2))
    stage.ako("run", "--once")
    found = stage.avi.named("virtualservice", C_NAME)
    assert {80, 443} <= {port["port"] for port in found["services"]}
    assert {"pool/c--red-blue-TCP-80", "pool/c--red-blue-TCP-443"} <= stage.avi.ours().keys()
    pools = {item["uuid"]: item["name"] for item in stage.avi.objects("pool")}
    rules = stage.avi.named("l4policyset", C_NAME)["l4_connection_policy"]["rules"]
    selected = {pools[rule["action"]["select_pool"]["pool_ref"].partition("#")[0].rpartition("/")[2]] for rule in rules}
    assert {"c--red-blue-TCP-80", "c--red-blue-TCP-443"} <= selected
    assert [lets_in(stage.avi, client, 80, C_NAME) for client in ("10.7.1.1", "8.8.8.8")] == [True, False]
    assert lets_in(stage.avi, "8.8.8.8", 443, C_NAME)


def test_one_that_is_wrong_from_the_first_harms_only_itself(stage: Stage) -> None:
    stage.put("a", sharing("a", HTTP, loadBalancerSourceRanges=["office"]))
    stage.put("b", sharing("b", DNS, day=2))
    stage.converge("--report", str(stage.report))
    assert [port["port"] for port in stage.avi.named("virtualservice", C_NAME)["services"]] == [53]
    assert statuses(stage).keys() == {"b"}


def test_all_who_share_may_be_others_after_a_restart(stage: Stage) -> None:
    """The address is that of the name they share, whoever they are."""
    stage.put("a", sharing("a", HTTP), sharing("b", DNS))
    stage.converge()
    before = {item["name"]: item["uuid"] for item in stage.avi.objects("vsvip")}
    stage.put("a", sharing("c", HTTP), sharing("d", DNS))
    stage.converge()
    assert {item["name"]: item["uuid"] for item in stage.avi.objects("vsvip")} == before


def test_an_address_is_not_taken_from_a_service_that_was_called_like_it(stage: Stage) -> None:
    stage.put("a", service(name="blue"))
    stage.converge()
    before = stage.avi.named("vsvip", C_NAME)["uuid"]
    stage.put("a", sharing("a", HTTP))
    stage.converge()
    assert before not in {item["uuid"] for item in stage.avi.objects("vsvip")}
    assert [name for name in stage.avi.ours() if name.startswith(f"vsvip/{C_NAME}")] == [f"vsvip/{C_NAME}"]


def test_a_service_that_begins_to_share_moves(stage: Stage) -> None:
    stage.put("a", service(name="a"))
    stage.put("b", sharing("b", DNS, day=2))
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: "virtualservice/c--red-a" in stage.avi.ours(), "its own")
        stage.put("a", sharing("a", HTTP))
        eventually(lambda: "virtualservice/c--red-a" not in stage.avi.ours(), "its own goes")
        eventually(lambda: len(stage.avi.named("virtualservice", C_NAME)["services"]) == 2, "the shared one")
        eventually(lambda: len(stage.avi.named("vsvip", C_NAME)["dns_info"]) == 2, "its name")


def test_who_leaves_has_no_status_and_who_stays_keeps_it(stage: Stage) -> None:
    stage.put("a", sharing("a", HTTP), sharing("b", DNS))
    with stage.start("--report", str(stage.report)) as ako:
        ako.becomes_ready()
        eventually(lambda: statuses(stage).keys() == {"a", "b"}, "both statuses")
        told = statuses(stage)
        stage.put("a", sharing("a", HTTP), service(name="b", type="ClusterIP"))
        eventually(lambda: statuses(stage)["b"] is None, "its status goes")
        eventually(
            lambda: [port["port"] for port in stage.avi.named("virtualservice", C_NAME)["services"]] == [80], "53 goes"
        )
        assert statuses(stage)["a"] == told["a"]


def test_policies_of_members_are_told_apart() -> None:
    world = fed()
    world.apply(*(sharing(name, {"name": "x", "port": 80 + day}, day=day) for day, name in enumerate("abc", 1)))
    rules = one(tree(world, NAME), L4PolicySet).l4_connection_policy.rules
    assert [rule.index for rule in rules] == [0, 1, 2]
    assert len({rule.name for rule in rules}) == 3
