"""Services of type LoadBalancer on an Avi Controller: what is created, changed, refused, taken away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Manifest, endpoints, ingress
from tests.e2e.stage import Stage
from tests.plugins.loadbalancer.worlds import HTTP, service
from tests.waiting import eventually

NAME = "c--red-direct"
ADMIN = {"name": "admin", "port": 81}


def status(stage: Stage) -> Any:
    """Give the last status of the Service that went to Kubernetes."""
    lines = [line for line in stage.reported() if line["object"] == "v1/Service/red/direct" and "status" in line]
    return lines[-1]["status"]["loadBalancer"]["ingress"] if lines else None


def events(stage: Stage) -> dict[str, str]:
    lines = [line["event"] for line in stage.reported() if "event" in line]
    return {event["reason"]: event["message"] for event in lines}


def run(stage: Stage) -> int:
    return stage.ako("run", "--once", "--report", str(stage.report)).returncode


def ours(stage: Stage) -> set[str]:
    found = set(stage.avi.ours()) | {f"l4policyset/{item['name']}" for item in stage.avi.objects("l4policyset")}
    return {name for name in found if NAME in name}


def test_it_comes_changes_and_goes(stage: Stage) -> None:
    stage.put("direct", service(name="direct"), endpoints("direct", "10.244.1.9", namespace="red"))
    assert run(stage) == 0
    address = stage.avi.named("vsvip", NAME)["vip"][0]["ip_address"]["addr"]
    assert status(stage) == [{"ip": address, "hostname": "direct.red.com"}]
    assert ours(stage) == {
        f"virtualservice/{NAME}",
        f"vsvip/{NAME}",
        f"l4policyset/{NAME}",
        f"pool/{NAME}-TCP-80",
    }

    mixed = service(HTTP, ADMIN, {"name": "dns", "port": 53, "protocol": "UDP"}, name="direct")
    stage.put("direct", mixed, endpoints("direct", "10.244.1.9", namespace="red"))
    assert run(stage) == 0
    found = stage.avi.named("virtualservice", NAME)
    ports = {port["port"]: "override_network_profile_ref" in port for port in found["services"]}
    assert ports == {80: False, 81: False, 53: True}
    assert stage.avi.named("vsvip", NAME)["vip"][0]["ip_address"]["addr"] == address

    mark = stage.avi.mark()
    stage.converge()
    assert stage.avi.writes_since(mark) == []

    stage.put("direct", service(name="direct", type="ClusterIP"))
    assert run(stage) == 0
    assert ours(stage) == set()


def test_an_address_that_is_asked_for_is_given_and_cannot_be_changed(stage: Stage) -> None:
    stage.put("direct", service(name="direct", loadBalancerIP="10.79.168.77"))
    assert run(stage) == 0
    assert status(stage) == [{"ip": "10.79.168.77", "hostname": "direct.red.com"}]
    stage.put("direct", service(name="direct", loadBalancerIP="10.79.168.78"))
    assert run(stage) == 0
    assert status(stage) == [{"ip": "10.79.168.77", "hostname": "direct.red.com"}]
    assert "asks for the address 10.79.168.78, but has 10.79.168.77" in events(stage)["AddressInUse"]


def test_what_the_controller_refuses_is_told_and_harms_nobody(stage: Stage) -> None:
    taken = {"vip_id": "0", "auto_allocate_ip": True, "ip_address": {"addr": "10.79.168.77", "type": "V4"}}
    stage.avi.create("vsvip", {"name": "theirs", "cloud_ref": "/api/cloud/?name=Default-Cloud", "vip": [taken]})
    stage.put("first", service(name="first"))
    stage.put("direct", service(name="direct", loadBalancerIP="10.79.168.77"))
    assert run(stage) == 1
    assert "the Avi Controller refused vsvip c--red-direct" in events(stage)["Rejected"]
    assert status(stage) is None
    assert ours(stage) <= {f"pool/{NAME}-TCP-80", f"l4policyset/{NAME}"}
    assert "virtualservice/c--red-first" in stage.avi.ours()


def named(name: str, hostname: str) -> dict[str, Any]:
    """Build a Service that asks for a DNS name."""
    made = service(name=name)
    annotations = {"external-dns.alpha.kubernetes.io/hostname": hostname}
    return {**made, "metadata": {**made["metadata"], "annotations": annotations}}


def names(stage: Stage) -> dict[str, list[str]]:
    """Give the DNS names by VsVip."""
    return {
        item["name"].removeprefix("c--red-"): [info["fqdn"] for info in item.get("dns_info", ())]
        for item in stage.avi.objects("vsvip")
        if item["name"].startswith("c--red-")
    }


def test_a_service_may_have_the_name_of_one_that_goes(stage: Stage) -> None:
    """Also while nobody was looking: then all of it is one plan."""
    stage.put("old", named("old", "app.com"))
    assert run(stage) == 0
    stage.put("old")
    stage.put("new", named("new", "app.com"))
    assert run(stage) == 0
    assert names(stage) == {"new": ["app.com"]}
    mark = stage.avi.mark()
    assert run(stage) == 0
    assert stage.avi.writes_since(mark) == []


def test_names_may_go_round(stage: Stage) -> None:
    stage.put("all", named("a", "x.com"), named("b", "y.com"), named("c", "z.com"))
    with stage.start() as ako:
        ako.becomes_ready()
        stage.comes_in_line()
        assert names(stage) == {"a": ["x.com"], "b": ["y.com"], "c": ["z.com"]}
        mark = stage.avi.mark()
        stage.put("all", named("a", "y.com"), named("b", "z.com"), named("c", "x.com"))
        eventually(lambda: names(stage) == {"a": ["y.com"], "b": ["z.com"], "c": ["x.com"]}, "the names")
        assert {write.status for write in stage.avi.writes_since(mark)} == {200}


def test_a_service_may_have_the_address_of_one_that_goes(stage: Stage) -> None:
    """The Controller refuses it while the other has it; when that is gone it is tried again, without a full sync."""
    stage.put("old", aged(service(name="old", loadBalancerIP="10.79.168.77"), "2025-01-01T00:00:00Z"))
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: "vsvip/c--red-old" in stage.avi.ours(), "the old one")
        stage.put("new", aged(service(name="direct", loadBalancerIP="10.79.168.77"), "2026-01-01T00:00:00Z"))
        ako.says("the address 10.79.168.77 is that of Service/red/old, which is older")
        stage.put("old")
        eventually(lambda: f"virtualservice/{NAME}" in stage.avi.ours(), "the new one")


def test_every_service_has_an_address_even_without_dns(stage: Stage) -> None:
    cloud = next(item for item in stage.avi.objects("cloud") if item["name"] == "Default-Cloud")
    assert cloud["dns_provider_ref"]
    stage.avi.edit("cloud", "Default-Cloud", dns_provider_ref=None)
    stage.put("direct", service(name="direct"))
    assert run(stage) == 0
    address = stage.avi.named("vsvip", NAME)["vip"][0]["ip_address"]["addr"]
    assert status(stage) == [{"ip": address}]


def test_one_that_cannot_be_read_after_a_restart_keeps_what_it_has(stage: Stage) -> None:
    stage.put("direct", service(name="direct"))
    assert run(stage) == 0
    before = ours(stage)
    assert before
    stage.put("direct", {**service(name="direct"), "spec": {"type": "LoadBalancer", "ports": "none"}})
    run(stage)
    assert ours(stage) == before


def aged(manifest: Manifest, created: str) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "creationTimestamp": created}}


def names_on(stage: Stage, vsvip: str) -> list[str]:
    return [info["fqdn"] for info in stage.avi.named("vsvip", vsvip).get("dns_info", ())]


def test_a_dns_name_goes_to_the_oldest_of_all_who_ask_for_it(stage: Stage) -> None:
    """One that is not there from the first takes it over, and its place is in the status."""
    stage.put(
        "young",
        aged(named("direct", "api.com,own.com"), "2026-01-03T00:00:00Z"),
        endpoints("direct", "10.244.1.9", namespace="red"),
    )
    stage.converge()
    assert names_on(stage, NAME) == ["api.com", "own.com"]

    stage.put("host", ingress("api", ("api.com", "/", "web:80"), created="2026-01-02T00:00:00Z"))
    assert run(stage) == 0
    assert names_on(stage, NAME) == ["own.com"]
    assert [entry["hostname"] for entry in status(stage)] == ["own.com"]
    assert events(stage)["DnsNameTaken"].startswith(
        "the DNS name api.com is that of Ingress/default/api, which is older"
    )
    assert stage.avi.pool_of("api.com")

    stage.put(
        "old", aged(named("old", "api.com"), "2026-01-01T00:00:00Z"), endpoints("old", "10.244.1.9", namespace="red")
    )
    assert run(stage) == 0
    assert names_on(stage, "c--red-old") == ["api.com"]
    assert stage.avi.pool_of("api.com") is None
    assert events(stage)["DnsNameTaken"].startswith("host api.com is the DNS name of Service/red/old, which is older")

    stage.remove("old")
    stage.remove("host")
    assert run(stage) == 0
    assert names_on(stage, NAME) == ["api.com", "own.com"]


def test_a_pool_under_its_name_of_before_is_replaced_without_a_gap(stage: Stage) -> None:
    stage.put("direct", service(HTTP, ADMIN, name="direct"), endpoints("direct", "10.244.1.9", namespace="red"))
    stage.converge()
    address = stage.avi.named("vsvip", NAME)["vip"][0]["ip_address"]["addr"]
    for number in (80, 81):
        stage.avi.edit("pool", f"{NAME}-TCP-{number}", name=f"{NAME}--{number}")
    before = {item["name"]: item["uuid"] for kind in ("virtualservice", "vsvip") for item in stage.avi.objects(kind)}

    mark = stage.avi.mark()
    stage.converge()
    sent = [(write.method, write.model) for write in stage.avi.writes_since(mark)]
    assert sent == [("POST", "pool")] * 2 + [("PATCH", "l4policyset")] + [("DELETE", "pool")] * 2
    assert {write.status for write in stage.avi.writes_since(mark)} <= {200, 201, 204}, "no pool goes that is in use"
    assert {name for name in ours(stage) if name.startswith("pool/")} == {f"pool/{NAME}-TCP-80", f"pool/{NAME}-TCP-81"}
    after = {item["name"]: item["uuid"] for kind in ("virtualservice", "vsvip") for item in stage.avi.objects(kind)}
    assert after == before
    assert stage.avi.named("vsvip", NAME)["vip"][0]["ip_address"]["addr"] == address


@pytest.mark.parametrize(("family", "fields"), [("V6", ["ip6_address"]), ("V4_V6", ["ip_address", "ip6_address"])])
def test_addresses_of_each_family_in_use_are_in_the_status(stage: Stage, family: str, fields: list[str]) -> None:
    stage.configure(AKOSettings={"ipFamily": family})
    stage.put("direct", service(name="direct"))
    assert run(stage) == 0
    vip = stage.avi.named("vsvip", NAME)["vip"][0]
    addresses = [vip[field]["addr"] for field in ("ip_address", "ip6_address") if field in vip]
    assert [field for field in ("ip_address", "ip6_address") if field in vip] == fields
    assert status(stage) == [{"ip": address, "hostname": "direct.red.com"} for address in addresses]
    mark = stage.avi.mark()
    assert run(stage) == 0
    assert stage.avi.writes_since(mark) == []
