"""Services of type LoadBalancer, through the real pipeline: each gets a tree of its own."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from msgspec import UNSET

from ako.core.hooks.site import CloudFacts
from ako.core.model import IpAddr, L4PolicySet, Pool, VirtualService, VsVip
from tests.builders import endpoints, ingress, settings
from tests.plugins.loadbalancer.worlds import HTTP, fed, one, problems, service, tree


def test_a_service_gets_everything_of_its_own() -> None:
    world = fed()
    world.apply(service(HTTP, {"name": "admin", "port": 81}), endpoints("web", "10.244.1.9", namespace="red"))
    items = tree(world)
    assert [repr(item.ref) for item in items] == [
        "vsvip my-cluster--red-web",
        "pool my-cluster--red-web-TCP-80",
        "pool my-cluster--red-web-TCP-81",
        "l4policyset my-cluster--red-web",
        "virtualservice my-cluster--red-web",
    ]
    virtual_service = one(items, VirtualService)
    assert virtual_service.vs_type == "VS_TYPE_NORMAL"
    assert [port.port for port in virtual_service.services] == [80, 81]
    assert virtual_service.application_profile_ref.name == "System-L4-Application"
    assert virtual_service.network_profile_ref.name == "System-TCP-Fast-Path"
    assert virtual_service.remove_listening_port_on_vs_down is True
    assert '"namespace_svc_name":["red/web"]' in virtual_service.service_metadata
    assert '"hostnames":["web.red.com"]' in virtual_service.service_metadata
    rules = one(items, L4PolicySet).l4_connection_policy.rules
    assert [(rule.name, rule.index, rule.match.port.ports) for rule in rules] == [
        ("my-cluster--red-web-TCP-80", 0, (80,)),
        ("my-cluster--red-web-TCP-81", 1, (81,)),
    ]
    servers = {item.name: item.servers for item in items if isinstance(item, Pool)}
    assert [server.ip.addr for server in servers["my-cluster--red-web-TCP-80"]] == ["10.244.1.9"]
    assert servers["my-cluster--red-web-TCP-81"] == ()


@pytest.mark.parametrize(
    ("protocols", "network_profile", "overrides"),
    [
        (("TCP",), "System-TCP-Fast-Path", [None]),
        (("UDP",), "System-UDP-Fast-Path", [None]),
        (("SCTP",), "System-SCTP-Proxy", [None]),
        (("UDP", "TCP"), "System-TCP-Fast-Path", ["System-UDP-Fast-Path", None]),
        (("UDP", "SCTP"), "System-UDP-Fast-Path", [None, "System-SCTP-Proxy"]),
    ],
)
def test_protocols_may_be_mixed(protocols: tuple[str, ...], network_profile: str, overrides: list[str | None]) -> None:
    world = fed()
    world.apply(service(*({"name": p.lower(), "port": 50 + i, "protocol": p} for i, p in enumerate(protocols))))
    items = tree(world)
    virtual_service = one(items, VirtualService)
    assert virtual_service.network_profile_ref.name == network_profile
    found = [port.override_network_profile_ref for port in virtual_service.services]
    assert [None if ref is UNSET else ref.name for ref in found] == overrides
    rules = one(items, L4PolicySet).l4_connection_policy.rules
    assert [rule.match.protocol.protocol for rule in rules] == [f"PROTOCOL_{p}" for p in protocols]
    monitors = [item.health_monitor_refs[0].name for item in items if isinstance(item, Pool)]
    assert monitors == [f"System-{p}" for p in protocols]


@pytest.mark.parametrize("order", [("TCP", "UDP"), ("UDP", "TCP")])
def test_one_number_may_have_two_protocols(order: tuple[str, str]) -> None:
    world = fed()
    world.apply(service(*({"name": p.lower(), "port": 53, "protocol": p} for p in order)))
    rules = one(tree(world), L4PolicySet).l4_connection_policy.rules
    names = {rule.match.protocol.protocol: (rule.name, rule.action.select_pool.pool_ref.name) for rule in rules}
    assert names == {
        "PROTOCOL_TCP": ("my-cluster--red-web-TCP-53", "my-cluster--red-web-TCP-53"),
        "PROTOCOL_UDP": ("my-cluster--red-web-UDP-53", "my-cluster--red-web-UDP-53"),
    }


def test_a_port_of_an_unknown_protocol_is_left_out_and_said() -> None:
    world = fed()
    world.apply(service(HTTP, {"name": "odd", "port": 81, "protocol": "QUIC"}))
    assert [port.port for port in one(tree(world), VirtualService).services] == [80]
    assert "port 81 has the protocol QUIC" in problems(world)["UnknownProtocol"]


@pytest.mark.parametrize(
    ("flags", "spec", "is_served"),
    [
        ({}, {}, True),
        ({}, {"loadBalancerClass": "ako.vmware.com/avi-lb"}, True),
        ({}, {"loadBalancerClass": "metallb.io/metallb"}, False),
        ({"L4Settings__defaultLBController": "false"}, {}, False),
        ({"L4Settings__defaultLBController": "false"}, {"loadBalancerClass": "ako.vmware.com/avi-lb"}, True),
        ({"AKOSettings__layer7Only": "true"}, {"loadBalancerClass": "ako.vmware.com/avi-lb"}, False),
        ({}, {"type": "NodePort"}, False),
        ({"ako__sources": "Ingress"}, {}, True),
    ],
)
def test_which_services_are_ours(flags: dict[str, str], spec: dict[str, Any], is_served: bool) -> None:
    world = fed(settings(**flags))
    world.apply(service(**spec))
    assert bool(tree(world)) is is_served


def test_type_changes_take_the_tree_away_and_bring_it_back() -> None:
    world = fed()
    world.apply(service())
    assert len(tree(world)) == 4
    world.apply(service(type="ClusterIP"))
    assert tree(world) == []
    world.apply(service())
    assert len(tree(world)) == 4
    world.delete(service())
    assert tree(world) == []


@pytest.mark.parametrize(
    ("annotation", "field", "expected"),
    [
        (None, "80.80.80.80", IpAddr("80.80.80.80", "V4")),
        ("80.80.80.81", None, IpAddr("80.80.80.81", "V4")),
        ("80.80.80.81", "80.80.80.80", IpAddr("80.80.80.80", "V4")),
        (None, None, UNSET),
    ],
)
def test_an_address_may_be_asked_for(annotation: str | None, field: str | None, expected: object) -> None:
    world = fed()
    annotations = {"ako.vmware.com/load-balancer-ip": annotation} if annotation else None
    world.apply(service(annotations=annotations, loadBalancerIP=field))
    assert one(tree(world), VsVip).vip[0].ip_address == expected
    assert one(tree(world), VsVip).vip[0].auto_allocate_ip is True


@pytest.mark.parametrize(
    ("family", "kind", "address"),
    [
        *(("V4", "IPv4", address) for address in ("80.80.80", "fd00::1", "any")),
        ("V6", "IPv6", "80.80.80.80"),
        ("V6", "IPv6", "fe80::1%eth0"),
        ("V4_V6", "IP", "any"),
    ],
)
@pytest.mark.parametrize("field", ["spec.loadBalancerIP", "annotation ako.vmware.com/load-balancer-ip"])
def test_what_is_no_address_is_refused(family: str, kind: str, address: str, field: str) -> None:
    world = fed(settings(AKOSettings__ipFamily=family))
    key = field.removeprefix("annotation ")
    world.apply(
        service(loadBalancerIP=address) if key == "spec.loadBalancerIP" else service(annotations={key: address})
    )
    assert tree(world) == []
    assert problems(world)["InvalidAddress"] == f"{field} asks for '{address}', which is no {kind} address."


@pytest.mark.parametrize(
    ("family", "address", "expected"),
    [
        ("V4", "", (UNSET, UNSET, UNSET)),
        ("V6", "", ("V6_ONLY", UNSET, UNSET)),
        ("V4_V6", "", ("V4_V6", UNSET, UNSET)),
        ("V6", "FD00:0::1", ("V6_ONLY", UNSET, IpAddr("fd00::1", "V6"))),
        ("V4_V6", "80.80.80.80", ("V4_V6", IpAddr("80.80.80.80"), UNSET)),
        ("V4_V6", "fd00::1", ("V4_V6", UNSET, IpAddr("fd00::1", "V6"))),
    ],
)
def test_addresses_are_of_the_families_in_use(family: str, address: str, expected: tuple[object, ...]) -> None:
    world = fed(settings(AKOSettings__ipFamily=family))
    world.apply(service(loadBalancerIP=address or None))
    vip = one(tree(world), VsVip).vip[0]
    assert (vip.auto_allocate_ip_type, vip.ip_address, vip.ip6_address) == expected


@pytest.mark.parametrize(
    ("family", "subnets"), [("V4", ("10.1.0.0", None)), ("V6", (None, "fd01::")), ("V4_V6", ("10.1.0.0", "fd01::"))]
)
def test_subnets_are_of_the_families_in_use(family: str, subnets: tuple[str | None, str | None]) -> None:
    network = {"networkName": "net", "cidr": "10.1.0.0/24", "v6cidr": "fd01::/64"}
    world = fed(settings(AKOSettings__ipFamily=family, NetworkSettings__vipNetworkList=[network]))
    world.apply(service())
    found = one(tree(world), VsVip).vip[0].ipam_network_subnet
    given = [subnet and subnet.ip_addr.addr for subnet in (found.subnet, found.subnet6)]
    assert [address or None for address in given] == list(subnets)


def test_a_generated_name_that_dns_cannot_hold_is_said() -> None:
    world = fed(settings(L4Settings__autoFQDN="flat"))
    world.apply(service(name="s" * 40, namespace="n" * 40))
    assert one(tree(world, f"my-cluster--{'n' * 40}-{'s' * 40}"), VsVip).fqdns == ()
    assert "is longer than 63 characters" in problems(world)["DnsNameTooLong"]


def test_a_port_that_is_written_twice_is_served_once() -> None:
    world = fed()
    world.apply(service(HTTP, {"name": "again", "port": 80}))
    assert [port.port for port in one(tree(world), VirtualService).services] == [80]


@pytest.mark.parametrize(
    ("flags", "hostname", "expected"),
    [
        ({}, None, ["web.red.com"]),
        ({"NetworkSettings__defaultDomain": "avi.internal"}, None, ["web.red.avi.internal"]),
        ({"NetworkSettings__defaultDomain": "elsewhere.org"}, None, ["web.red.com"]),
        ({"L4Settings__autoFQDN": "flat"}, None, ["web-red.com"]),
        ({"L4Settings__autoFQDN": "disabled"}, None, []),
        ({"L4Settings__autoFQDN": "disabled"}, "shop.avi.internal", ["shop.avi.internal"]),
        ({}, "shop.com, www.shop.com.", ["shop.com", "www.shop.com"]),
        ({}, "shop.elsewhere.org", []),
    ],
)
def test_dns_names(flags: dict[str, str], hostname: str | None, expected: list[str]) -> None:
    world = fed(settings(**flags))
    annotations = {"external-dns.alpha.kubernetes.io/hostname": hostname} if hostname else None
    world.apply(service(annotations=annotations))
    assert list(one(tree(world), VsVip).fqdns) == expected
    assert ("HostOutsideDomains" in problems(world)) is (hostname == "shop.elsewhere.org")


def test_what_is_no_dns_name_is_left_out_and_said() -> None:
    world = fed()
    world.apply(service(annotations={"external-dns.alpha.kubernetes.io/hostname": "bad_host..com,-x.com,good.com"}))
    assert one(tree(world), VsVip).fqdns == ("good.com",)
    assert problems(world)["InvalidHost"] == (
        "annotation external-dns.alpha.kubernetes.io/hostname: '-x.com' is not a host name (RFC 1123)."
    )


def test_without_domains_there_is_no_name_and_all_the_rest() -> None:
    world = fed(cloud=CloudFacts(type="CLOUD_VCENTER"))
    world.apply(service())
    assert one(tree(world), VsVip).fqdns == ()
    assert '"hostnames":null' in one(tree(world), VirtualService).service_metadata


def test_two_services_that_would_have_one_name_do_not_share_it() -> None:
    world = fed()
    world.apply(service(name="c", namespace="a-b"), service(name="b-c", namespace="a"))
    other = hashlib.sha1(b"a-b/Service/c//c", usedforsecurity=False).hexdigest()[:8]
    for name, owner in (("my-cluster--a-b-c", "a/b-c"), (f"my-cluster--a-b-c-{other}", "a-b/c")):
        items = tree(world, name)
        assert len(items) == 4
        assert f'"namespace_svc_name":["{owner}"]' in one(items, VirtualService).service_metadata
        assert one(items, VirtualService).vsvip_ref == one(items, VsVip).ref


def test_a_host_with_the_name_of_a_service_meets_nobody() -> None:
    world = fed()
    world.apply(service(), ingress("shop", ("v1/Service/red/web", "/", "web:80")))
    assert len(tree(world)) == 4


def test_an_ingress_to_it_keeps_its_pool_without_servers_and_is_told() -> None:
    world = fed()
    world.apply(service(namespace="default"), endpoints("web", "10.244.1.9"))
    world.apply(ingress("shop", ("shop.com", "/", "web:80")))
    world.pipeline.refresh()
    pools = {item.name: item for _, t in world.pipeline.trees.values() for item in t.objects.values()}
    shared, own = pools["my-cluster--shop.com_-default-shop"], pools["my-cluster--default-web-TCP-80"]
    assert isinstance(shared, Pool)
    assert isinstance(own, Pool)
    assert (shared.servers, len(own.servers)) == ((), 1)
    assert "is of type LoadBalancer" in problems(world)["LoadBalancerBackend"]


def test_node_ports_serve_it_in_that_mode() -> None:
    world = fed(settings(L7Settings__serviceType="NodePort"))
    node = {"type": "InternalIP", "address": "10.0.0.1"}
    world.apply(
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}, "status": {"addresses": [node]}},
        service({"name": "http", "port": 80, "nodePort": 31080}, {"name": "admin", "port": 81, "nodePort": 31081}),
    )
    servers = [server for item in tree(world) if isinstance(item, Pool) for server in item.servers]
    assert [(server.ip.addr, server.port) for server in servers] == [("10.0.0.1", 31080), ("10.0.0.1", 31081)]
