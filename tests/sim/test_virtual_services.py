"""Rules of virtual services, VsVips and policies."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ako.sim import Baseline, Simulator, SimulatorOptions
from tests.sim.client import (
    Client,
    Json,
    fixture,
    pool,
    refused,
    virtual_service,
    vsvip,
)

CERT = "System-Default-Cert"
TLS: Json = {"services": [{"port": 443, "enable_ssl": True}]}
WITH_CERT: Json = {**TLS, "ssl_key_and_certificate_refs": [f"/api/sslkeyandcertificate?name={CERT}"]}
PARENT: Json = {**WITH_CERT, "type": "VS_TYPE_VH_PARENT"}


def child(**fields: Any) -> Json:
    parent = "/api/virtualservice?name=vs1"
    body = {"name": "c", "type": "VS_TYPE_VH_CHILD", "vh_parent_vs_ref": parent, "vh_domain_name": ["a.com"]}
    return {**body, **fields}


def network(name: str, begin: str, end: str) -> Json:
    span = {"begin": {"addr": begin, "type": "V4"}, "end": {"addr": end, "type": "V4"}}
    prefix = {"ip_addr": {"addr": begin.rpartition(".")[0] + ".0", "type": "V4"}, "mask": 24}
    return {"name": name, "configured_subnets": [{"prefix": prefix, "static_ip_ranges": [{"range": span}]}]}


def test_relations_left_out_are_filled(avi: Client) -> None:
    avi.create("vsvip", vsvip())
    body = avi.create("virtualservice", virtual_service(**WITH_CERT))
    filled = {name: value.partition("#")[2] for name, value in body.items() if name.endswith("_ref")}
    assert filled == {
        "tenant_ref": "admin",
        "cloud_ref": "Default-Cloud",
        "vrf_context_ref": "global",
        "se_group_ref": "Default-Group",
        "application_profile_ref": "System-HTTP",
        "network_profile_ref": "System-TCP-Proxy",
        "analytics_profile_ref": "System-Analytics-Profile",
        "ssl_profile_ref": "System-Standard-PFS",
        "vsvip_ref": "v1",
    }
    assert body["services"][0]["port_range_end"] == 443
    assert body["cloud_type"] == "CLOUD_VCENTER"
    assert avi.read("vsvip", "v1", "&include_name")["vs_refs"][0].endswith("#vs1")


def test_a_parent_of_virtual_hosts_may_do_without_a_certificate(avi: Client) -> None:
    """AKO creates its shared virtual services so; every other one with `enable_ssl` needs a certificate."""
    avi.create("vsvip", vsvip())
    avi.create("virtualservice", virtual_service(**TLS, type="VS_TYPE_VH_PARENT"))
    refused(avi.call("POST", "/api/virtualservice", virtual_service(**TLS, name="other")), 400, "certificate")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"services": []}, "at least one service"),
        (TLS, "needs a certificate"),
        ({"services": [{"port": 80}, {"port": 79, "port_range_end": 90}]}, "is used by another service"),
        ({"pool_ref": "/api/pool?name=p1", "pool_group_ref": "/api/poolgroup?name=g"}, "one default"),
        ({"vh_parent_vs_ref": "/api/virtualservice?name=other"}, "only a VS_TYPE_VH_CHILD"),
        ({"type": "VS_TYPE_VH_CHILD"}, "needs its parent"),
        (
            {"http_policies": [{"index": 11, "http_policy_set_ref": "/api/httppolicyset?name=h"}] * 2},
            "11 is used twice",
        ),
        ({"vsvip_ref": "/api/vsvip?name=taken"}, "80 is used by other"),
    ],
)
def test_virtual_service_rules(avi: Client, fields: Json, text: str) -> None:
    avi.create("pool", pool())
    avi.create("poolgroup", {"name": "g"})
    avi.create("httppolicyset", {"name": "h"})
    avi.create("vsvip", vsvip("taken"))
    avi.create("virtualservice", virtual_service("other", "taken"))
    avi.create("vsvip", vsvip())
    refused(avi.call("POST", "/api/virtualservice", virtual_service(**fields)), 400, text)


def test_tcp_and_udp_may_share_a_port(avi: Client) -> None:
    avi.create("vsvip", vsvip())
    avi.create("virtualservice", virtual_service("tcp"))
    avi.create(
        "virtualservice", virtual_service("udp", network_profile_ref="/api/networkprofile?name=System-UDP-Fast-Path")
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"vh_domain_name": []}, "at least 1 vh_domain_name"),
        ({"vh_parent_vs_ref": "/api/virtualservice?name=plain"}, "the parent is no VS_TYPE_VH_PARENT"),
        ({"vh_parent_vs_ref": "/api/virtualservice?name=none"}, "VirtualService object not found!"),
    ],
)
def test_child_rules(avi: Client, fields: Json, text: str) -> None:
    for name in ("v1", "v2"):
        avi.create("vsvip", vsvip(name))
    avi.create("virtualservice", virtual_service(**PARENT))
    avi.create("virtualservice", virtual_service("plain", "v2"))
    assert text in avi.call("POST", "/api/virtualservice", child(**fields)).text
    avi.create("virtualservice", child())
    parent = avi.read("virtualservice", "vs1")
    refused(avi.call("DELETE", f"/api/virtualservice/{parent['uuid']}"), 403, "['VirtualService c']")


def test_enhanced_children_need_paths_and_an_enhanced_parent() -> None:
    expected = fixture("errors")["field_check"]
    matches = [{"host": "a.com", "rules": [{"name": "r", "matches": {}}]}]
    enhanced: Json = {"vh_type": "VS_TYPE_VH_ENHANCED"}
    with Simulator(SimulatorOptions(version="22.1.3")) as sim, Client(sim.url, version="22.1.3") as avi:
        avi.create("vsvip", vsvip())
        parent = avi.create("virtualservice", virtual_service(**PARENT))
        refused(
            avi.call("POST", "/api/virtualservice", child(vh_matches=matches, **enhanced)), 400, "vh_type of parent"
        )
        avi.call("PUT", f"/api/virtualservice/{parent['uuid']}", virtual_service(**PARENT, **enhanced))
        response = avi.call("POST", "/api/virtualservice", child(vh_matches=matches, **enhanced))
        assert (response.status_code, response.json()) == (expected["status"], expected["body"])


def test_virtual_service_and_pools_share_a_vrf(avi: Client) -> None:
    expected = fixture("errors")["vrf_mismatch"]
    avi.create("vrfcontext", {"name": "other"})
    avi.create("pool", pool("demo-pool", vrf_ref="/api/vrfcontext?name=other"))
    avi.create("poolgroup", {"name": "g", "members": [{"pool_ref": "/api/pool?name=demo-pool"}]})
    avi.create("vsvip", vsvip())
    for fields in ({"pool_ref": "/api/pool?name=demo-pool"}, {"pool_group_ref": "/api/poolgroup?name=g"}):
        response = avi.call("POST", "/api/virtualservice", virtual_service("demo-vs", **fields))
        assert (response.status_code, response.json()) == (expected["status"], expected["body"])


def test_type_and_placement_are_fixed(avi: Client) -> None:
    avi.create("vsvip", vsvip())
    avi.create("serviceenginegroup", {"name": "more"})
    created = avi.create("virtualservice", virtual_service())
    path = f"/api/virtualservice/{created['uuid']}"
    for fields in ({"type": "VS_TYPE_VH_PARENT"}, {"se_group_ref": "/api/serviceenginegroup?name=more"}):
        refused(avi.call("PUT", path, virtual_service(**fields)), 400, "cannot be changed after creation")


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ([{"index": 1, "name": "a"}, {"index": 1, "name": "b"}], "1 is used twice"),
        ([{"index": 1, "name": "a", "switching_action": {"action": "HTTP_SWITCHING_SELECT_POOL"}}], "needs pool_ref"),
        (
            [{"index": 1, "name": "a", "switching_action": {"action": "HTTP_SWITCHING_SELECT_POOLGROUP"}}],
            "needs pool_group_ref",
        ),
    ],
)
def test_policy_rules(avi: Client, rules: list[Json], text: str) -> None:
    body = {"name": "h", "http_request_policy": {"rules": rules}}
    refused(avi.call("POST", "/api/httppolicyset", body), 400, text)


def test_rules_need_index_and_name(avi: Client) -> None:
    body = {"name": "h", "http_request_policy": {"rules": [{"index": 1}]}}
    refused(avi.call("POST", "/api/httppolicyset", body), 500, "name")


def test_addresses_are_given_kept_and_freed() -> None:
    baseline = Baseline.of({"networks": [network("net123", "10.9.9.1", "10.9.9.2")]})
    with Simulator(SimulatorOptions(baseline=baseline)) as sim, Client(sim.url) as avi:
        one, two = avi.create("vsvip", vsvip("one")), avi.create("vsvip", vsvip("two"))
        assert [item["vip"][0]["ip_address"]["addr"] for item in (one, two)] == ["10.9.9.1", "10.9.9.2"]
        assert one["vip"][0]["vip_id"] == "0"
        expected = fixture("errors")["no_free_ip"]
        response = avi.call("POST", "/api/vsvip", vsvip("three"))
        assert (response.status_code, response.json()) == (expected["status"], expected["body"])
        assert avi.get("/api/vsvip?name=three").json()["count"] == 0
        kept = avi.call("PUT", f"/api/vsvip/{one['uuid']}", vsvip("one")).json()
        assert kept["vip"][0]["ip_address"] == one["vip"][0]["ip_address"]
        avi.call("DELETE", f"/api/vsvip/{two['uuid']}")
        assert avi.create("vsvip", vsvip("three"))["vip"][0]["ip_address"] == two["vip"][0]["ip_address"]


def test_preferred_addresses_must_be_free_and_in_range() -> None:
    def wish(address: str) -> Json:
        return vsvip(address, vip=[{"auto_allocate_ip": True, "ip_address": {"addr": address, "type": "V4"}}])

    baseline = Baseline.of({"networks": [network("net123", "10.9.9.1", "10.9.9.9")]})
    with Simulator(SimulatorOptions(baseline=baseline)) as sim, Client(sim.url) as avi:
        assert avi.create("vsvip", wish("10.9.9.5"))["vip"][0]["ip_address"]["addr"] == "10.9.9.5"
        for address in ("10.9.9.5", "10.9.9.200"):
            body = {**wish(address), "name": "x"}
            refused(avi.call("POST", "/api/vsvip", body), 400, "No available free IPs")
        static = vsvip("static", vip=[{"ip_address": {"addr": "10.9.9.200", "type": "V4"}}])
        assert avi.create("vsvip", static)["vip"][0]["ip_address"]["addr"] == "10.9.9.200"


def test_the_usual_network_lets_any_address_be_asked_for(avi: Client) -> None:
    for index, address in enumerate(("10.1.1.1", "203.0.113.7", "192.168.0.9")):
        vip = {"auto_allocate_ip": True, "ip_address": {"addr": address, "type": "V4"}}
        vip["ipam_network_subnet"] = {"network_ref": "/api/network/?name=net123"}
        assert avi.create("vsvip", vsvip(f"v{index}", vip=[vip]))["vip"][0]["ip_address"]["addr"] == address


def test_both_families(avi: Client) -> None:
    vip = avi.create("vsvip", vsvip(vip=[{"auto_allocate_ip": True, "auto_allocate_ip_type": "V4_V6"}]))["vip"][0]
    assert (vip["ip_address"]["type"], vip["ip6_address"]["type"]) == ("V4", "V6")


def test_a_cloud_without_ipam_gives_no_addresses() -> None:
    baseline = Baseline.of({"cloud": {"name": "Default-Cloud", "ipam_provider_ref": None}})
    with Simulator(SimulatorOptions(baseline=baseline)) as sim, Client(sim.url) as avi:
        assert "ipam_provider_ref" not in avi.read("cloud", "Default-Cloud")
        refused(avi.call("POST", "/api/vsvip", vsvip()), 400, "no IPAM profile")


def test_public_clouds_give_addresses_of_their_own() -> None:
    baseline = Baseline.of({"cloud": {"vtype": "CLOUD_AWS"}})
    with Simulator(SimulatorOptions(baseline=baseline)) as sim, Client(sim.url) as avi:
        vip = avi.create("vsvip", vsvip(vip=[{"auto_allocate_ip": True, "auto_allocate_floating_ip": True}]))["vip"][0]
        assert (vip["avi_allocated_vip"], vip["avi_allocated_fip"]) == (True, True)
        assert vip["floating_ip"]["addr"]


def test_vips_keep_their_identity(avi: Client) -> None:
    created = avi.create("vsvip", vsvip())
    path = f"/api/vsvip/{created['uuid']}"
    vip = created["vip"][0]
    for row, changed in (
        ("vip_id_changed", {**vip, "vip_id": "7"}),
        ("vip_ip_changed", {**vip, "ip_address": {"addr": "10.250.9.9", "type": "V4"}}),
    ):
        expected = fixture("errors")[row]
        response = avi.call("PUT", path, {**created, "vip": [changed]})
        assert (response.status_code, response.json()) == (expected["status"], expected["body"])
    added = avi.call("PUT", path, {**created, "vip": [vip, {"vip_id": "1", "auto_allocate_ip": True}]}).json()
    assert len(added["vip"]) == 2


def test_names_are_served_by_the_cloud_and_unique(avi: Client) -> None:
    created = avi.create("vsvip", vsvip(dns_info=[{"fqdn": "a.avi.internal"}, {"fqdn": "foo.com"}]))
    assert created["dns_info"][0] == {
        "fqdn": "a.avi.internal",
        "ttl": 30,
        "num_records_in_response": 1,
        "type": "DNS_RECORD_A",
        "algorithm": "DNS_RECORD_RESPONSE_CONSISTENT_HASH",
    }
    other = vsvip("v2", dns_info=[{"fqdn": "A.avi.internal"}])
    refused(avi.call("POST", "/api/vsvip", other), 400, "already used by VsVip v1")
    refused(avi.call("POST", "/api/vsvip", vsvip("v2", dns_info=[{"fqdn": "a.example.org"}])), 400, "domains")
    avi.call("DELETE", f"/api/vsvip/{created['uuid']}")
    avi.create("vsvip", other)


def test_static_routes_have_unique_ids_and_one_label(avi: Client) -> None:
    vrf = avi.read("vrfcontext", "global")
    hop = {"addr": "10.0.0.1", "type": "V4"}
    route = {"route_id": "c-1", "prefix": {"ip_addr": hop, "mask": 24}, "next_hop": hop}
    path = f"/api/vrfcontext/{vrf['uuid']}"
    assert avi.call("PATCH", path, {"add": {"static_routes": [route]}}).status_code == 200
    refused(avi.call("PATCH", path, {"add": {"static_routes": [route]}}), 400, "c-1 is used twice")
    labels = [{"key": key, "value": "v"} for key in "ab"]
    refused(avi.call("PATCH", path, {"add": {"static_routes": [{**route, "labels": labels}]}}), 400, "at most 1 labels")


def test_every_system_object_of_a_fresh_controller(avi: Client) -> None:
    names = {
        "applicationprofile": "System-HTTP System-Secure-HTTP System-L4-Application System-SSL-Application System-DNS",
        "networkprofile": "System-TCP-Proxy System-TCP-Fast-Path System-UDP-Fast-Path System-UDP-Per-Pkt",
        "healthmonitor": "System-HTTP System-HTTPS System-TCP System-UDP System-Ping System-DNS System-SCTP",
        "sslprofile": "System-Standard System-Standard-PFS System-Standard-Portal",
        "sslkeyandcertificate": "System-Default-Cert System-Default-Cert-EC System-Default-Root-CA",
        "applicationpersistenceprofile": "System-Persistence-Client-IP System-Persistence-Http-Cookie",
        "wafpolicy": "System-WAF-Policy",
        "stringgroup": "System-Compressible-Content-Types",
        "protocolparser": "Default-TLS",
        "serviceenginegroup": "Default-Group",
        "vrfcontext": "global management",
        "tenant": "admin",
        "network": "net123",
        "role": "System-Admin",
    }
    wanted = list(
        itertools.chain.from_iterable([(kind, name) for name in text.split()] for kind, text in names.items())
    )
    assert all(avi.read(kind, name)["name"] == name for kind, name in wanted)
