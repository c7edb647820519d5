"""Whom a Service lets in: source ranges, as an Avi Controller gets them and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from ako.core.model import NetworkSecurityPolicy, Pool, VirtualService
from tests.builders import endpoints
from tests.e2e.stage import AviControl, Stage
from tests.plugins.loadbalancer.test_against_simulator import NAME, events, run, status
from tests.plugins.loadbalancer.worlds import HTTP, fed, one, problems, service, tree
from tests.waiting import eventually

OLD_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"


def lets_in(avi: AviControl, client: str, port: int = 80, name: str = NAME) -> bool:
    """Follow a connection through the policy of a virtual service, as a Service Engine does."""
    found = avi.named("virtualservice", name)
    if "network_security_policy_ref" not in found:
        return True
    policies = {item["uuid"]: item for item in avi.objects("networksecuritypolicy")}
    policy = policies[found["network_security_policy_ref"].partition("#")[0].rpartition("/")[2]]
    for rule in sorted(policy["rules"], key=lambda rule: rule["index"]):
        ports = rule["match"].get("vs_port")
        if (
            rule["enable"]
            and (ports is None or port in ports["ports"])
            and _is_about(rule["match"]["client_ip"], client)
        ):
            return bool(rule["action"] == "NETWORK_SECURITY_POLICY_ACTION_TYPE_ALLOW")
    return True


def _is_about(match: dict[str, Any], client: str) -> bool:
    networks = [ip_network(f"{entry['ip_addr']['addr']}/{entry['mask']}") for entry in match["prefixes"]]
    return any(ip_address(client) in network for network in networks) is (match["match_criteria"] == "IS_IN")


def policies(stage: Stage) -> list[str]:
    return [item["name"] for item in stage.avi.objects("networksecuritypolicy")]


def test_only_clients_of_the_ranges_are_let_in(stage: Stage) -> None:
    ranges = ["10.7.0.0/16", " 192.168.7.9/32", "2001:db8::/32"]
    stage.put("direct", service(name="direct", loadBalancerSourceRanges=ranges))
    assert run(stage) == 0
    told = {"10.7.3.4": True, "192.168.7.9": True, "192.168.7.10": False, "8.8.8.8": False}
    told |= {"2001:db8::1": True, "2001:db9::1": False}
    assert {client: lets_in(stage.avi, client) for client in told} == told
    mark = stage.avi.mark()
    stage.converge()
    assert stage.avi.writes_since(mark) == []

    stage.put("direct", service(name="direct", loadBalancerSourceRanges=["8.8.8.0/24"]))
    assert run(stage) == 0
    assert (lets_in(stage.avi, "8.8.8.8"), lets_in(stage.avi, "10.7.3.4")) == (True, False)

    stage.put("direct", service(name="direct"))
    assert run(stage) == 0
    assert lets_in(stage.avi, "10.7.3.4")
    assert policies(stage) == []

    stage.put("direct", service(name="direct", annotations={OLD_ANNOTATION: "10.7.0.0/16, 10.9.0.0/16"}))
    assert run(stage) == 0
    assert (lets_in(stage.avi, "10.9.3.4"), lets_in(stage.avi, "10.8.3.4")) == (True, False)
    stage.put("direct")
    assert run(stage) == 0
    assert policies(stage) == []


@pytest.mark.parametrize(
    ("annotation", "ranges", "expected"),
    [
        (None, None, ()),
        (None, [], ()),
        (" ", None, ()),
        ("10.0.0.0/8", [], ("10.0.0.0/8",)),
        ("10.0.0.0/8", ["11.0.0.0/8"], ("11.0.0.0/8",)),
        (None, ["10.1.2.3/8", "10.0.0.0/8"], ("10.0.0.0/8",)),
        (None, ["0.0.0.0/0"], ("0.0.0.0/0",)),
        (None, ["10.1.2.3", "2001:DB8::1"], ("10.1.2.3/32", "2001:db8::1/128")),
        (
            None,
            ["2001:db8::/32", "11.0.0.0/8", "10.0.0.0/8", "2001:DB8::/32"],
            ("10.0.0.0/8", "11.0.0.0/8", "2001:db8::/32"),
        ),
    ],
)
def test_where_ranges_are_written(annotation: str | None, ranges: list[str] | None, expected: tuple[str, ...]) -> None:
    world = fed()
    world.apply(
        service(annotations={OLD_ANNOTATION: annotation} if annotation else None, loadBalancerSourceRanges=ranges)
    )
    items = tree(world)
    rules = [rule for item in items if isinstance(item, NetworkSecurityPolicy) for rule in item.rules]
    assert tuple(f"{p.ip_addr.addr}/{p.mask}" for rule in rules for p in rule.match.client_ip.prefixes) == expected
    assert bool(one(items, VirtualService).network_security_policy_ref) is bool(expected)


@pytest.mark.parametrize(
    "text",
    ["10.0.0.0/0.0.0.0", "10.0.0.0/255.0.0.0", "10.0.0.0/", "fe80::1%eth0/64", "10.0.0.0/8/8", "10.0.0.0/33", "0"],
)
def test_what_is_no_network_to_kubernetes_is_none_here(text: str) -> None:
    world = fed()
    world.apply(service(loadBalancerSourceRanges=["10.7.0.0/16", text]))
    assert tree(world) == []
    assert repr(text) in problems(world)["InvalidSourceRange"]


class Rehearsed:
    """What the Controller had been sent, write by write."""

    def __init__(self, stage: Stage, mark: int) -> None:
        self._writes = [(write.method, write.model, write.name) for write in stage.avi.writes_since(mark)]

    def at(self, method: str, model: str) -> int:
        return self._writes.index((method, model, NAME))


def test_a_new_service_is_made_after_its_policy(stage: Stage) -> None:
    mark = stage.avi.mark()
    stage.put("direct", service(name="direct", loadBalancerSourceRanges=["10.7.0.0/16"]))
    assert run(stage) == 0
    sent = Rehearsed(stage, mark)
    assert sent.at("POST", "networksecuritypolicy") < sent.at("POST", "virtualservice")


def test_a_policy_is_made_and_attached_before_more_is_opened(stage: Stage) -> None:
    """Also one that is there already changes first."""
    stage.put("direct", service(name="direct"))
    assert run(stage) == 0
    mark = stage.avi.mark()
    more: list[Mapping[str, object]] = [HTTP, {"name": "admin", "port": 81}]
    stage.put("direct", service(*more, name="direct", loadBalancerSourceRanges=["10.7.0.0/16"]))
    assert run(stage) == 0
    sent = Rehearsed(stage, mark)
    opened = sent.at("PATCH", "virtualservice")
    assert sent.at("POST", "networksecuritypolicy") < opened < sent.at("PATCH", "l4policyset")

    mark = stage.avi.mark()
    more.append({"name": "top", "port": 82})
    stage.put("direct", service(*more, name="direct", loadBalancerSourceRanges=["10.7.7.0/24"]))
    assert run(stage) == 0
    sent = Rehearsed(stage, mark)
    assert sent.at("PATCH", "networksecuritypolicy") < sent.at("PATCH", "virtualservice")


def refuse(stage: Stage, **match: str) -> None:
    stage.avi.misbehave({"match": {"model": "networksecuritypolicy", **match}, "status": 403, "body": {"error": "no"}})


def test_while_its_policy_is_refused_a_service_is_not_served_and_one_that_lives_stays_as_it_is(stage: Stage) -> None:
    refuse(stage, method="POST")
    stage.put("direct", service(name="direct", loadBalancerSourceRanges=["10.7.0.0/16"]))
    run(stage)
    assert f"virtualservice/{NAME}" not in stage.avi.ours()
    assert status(stage) is None
    stage.avi.misbehave(None)
    stage.put("direct", service(name="direct"))
    assert run(stage) == 0
    before = stage.avi.named("virtualservice", NAME)["uuid"]
    refuse(stage, method="POST")
    stage.put(
        "direct", service(HTTP, {"name": "admin", "port": 81}, name="direct", loadBalancerSourceRanges=["9.0.0.0/8"])
    )
    run(stage)
    found = stage.avi.named("virtualservice", NAME)
    assert found["uuid"] == before
    assert [port["port"] for port in found["services"]] == [80]


def test_while_its_policy_cannot_be_changed_nothing_more_is_opened(stage: Stage) -> None:
    stage.put("direct", service(name="direct", loadBalancerSourceRanges=["10.0.0.0/8"]))
    assert run(stage) == 0
    refuse(stage, method="PATCH")
    admin = {"name": "admin", "port": 81}
    narrower = service(HTTP, admin, name="direct", loadBalancerSourceRanges=["10.7.0.0/16"])
    stage.put("direct", narrower)
    with stage.start() as ako:
        ako.says("the Avi Controller refused networksecuritypolicy c--red-direct")
        stage.put("other", service(name="other"))
        eventually(lambda: "virtualservice/c--red-other" in stage.avi.ours(), "what comes after")
        assert [port["port"] for port in stage.avi.named("virtualservice", NAME)["services"]] == [80]
        assert f"pool/{NAME}-TCP-80" in stage.avi.ours()
    stage.avi.misbehave(None)
    stage.converge()
    assert [port["port"] for port in stage.avi.named("virtualservice", NAME)["services"]] == [80, 81]
    assert (lets_in(stage.avi, "10.7.3.4", 81), lets_in(stage.avi, "10.8.3.4", 81)) == (True, False)


GARBAGE = ["10.7.0.0/16", "office"]


def test_ranges_that_cannot_be_read_keep_a_new_service_out_and_a_live_one_as_it_is(stage: Stage) -> None:
    stage.put("direct", service(name="direct", loadBalancerSourceRanges=GARBAGE), service(name="other"))
    assert run(stage) == 0
    assert f"virtualservice/{NAME}" not in stage.avi.ours()
    assert "virtualservice/c--red-other" in stage.avi.ours()
    assert events(stage)["InvalidSourceRange"].startswith("spec.loadBalancerSourceRanges: 'office' is no network.")
    assert status(stage) is None

    stage.put("direct", service(name="direct", loadBalancerSourceRanges=["10.7.0.0/16"]), service(name="other"))
    assert run(stage) == 0
    before = {name: item for name, item in stage.avi.ours().items() if NAME in name}
    told = status(stage)
    stage.put("direct", service(name="direct", loadBalancerSourceRanges=GARBAGE))
    assert run(stage) == 0
    assert {name: item for name, item in stage.avi.ours().items() if NAME in name} == before, "after a restart"
    assert status(stage) == told
    assert "virtualservice/c--red-other" not in stage.avi.ours()


def test_they_keep_a_running_service_as_it_is_too(stage: Stage) -> None:
    stage.put("direct", service(name="direct", loadBalancerSourceRanges=["10.7.0.0/16"]))
    with stage.start() as ako:
        eventually(lambda: f"virtualservice/{NAME}" in stage.avi.ours(), "the Service")
        broken = service(HTTP, {"name": "admin", "port": 81}, name="direct", annotations={OLD_ANNOTATION: "here"})
        stage.put("direct", broken, endpoints("direct", "10.244.1.9", namespace="red"))
        ako.says("is no network")
        eventually(
            lambda: stage.avi.named("pool", f"{NAME}-TCP-80").get("servers"), "endpoints, which change all the same"
        )
        assert [port["port"] for port in stage.avi.named("virtualservice", NAME)["services"]] == [80]
        assert (lets_in(stage.avi, "10.7.3.4"), lets_in(stage.avi, "8.8.8.8")) == (True, False)


def test_one_that_was_none_before_is_new(stage: Stage) -> None:
    world = fed()
    world.apply(service(type="ClusterIP"))
    assert tree(world) == []
    world.apply(service(loadBalancerSourceRanges=GARBAGE))
    assert tree(world) == []
    assert "InvalidSourceRange" in problems(world)


def test_the_policy_of_an_operator_stays(stage: Stage) -> None:
    stage.put("direct", service(name="direct"))
    assert run(stage) == 0
    stage.avi.create("networksecuritypolicy", {"name": "theirs", "rules": []})
    stage.avi.edit("virtualservice", NAME, network_security_policy_ref="/api/networksecuritypolicy/?name=theirs")
    stage.put("direct", service(HTTP, {"name": "admin", "port": 81}, name="direct"))
    assert run(stage) == 0
    assert "network_security_policy_ref" in stage.avi.named("virtualservice", NAME)
    assert policies(stage) == ["theirs"]


@pytest.mark.parametrize(("affinity", "expected"), [("ClientIP", "System-Persistence-Client-IP"), ("None", None)])
def test_session_affinity(affinity: str | None, expected: str | None) -> None:
    world = fed()
    world.apply(service(HTTP, {"name": "admin", "port": 81}, sessionAffinity=affinity or "None"))
    profiles = [item.application_persistence_profile_ref for item in tree(world) if isinstance(item, Pool)]
    assert [profile.name if profile else profile for profile in profiles] == [expected, expected]


def test_session_affinity_comes_and_goes(stage: Stage) -> None:
    for affinity, is_there in (("ClientIP", True), ("None", False)):
        stage.put("direct", service(name="direct", sessionAffinity=affinity))
        assert run(stage) == 0
        assert ("application_persistence_profile_ref" in stage.avi.named("pool", f"{NAME}-TCP-80")) is is_there
