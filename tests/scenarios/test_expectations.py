"""The checker itself: every assertion holds in a world that fits and fails in one that does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.avi_view import AviView
from tests.scenarios.expectations import CHECKS, ENTRIES, SPECIAL, differences
from tests.scenarios.hand_made_world import (
    BARE,
    CHILD,
    CONDITION,
    L4,
    OWN_SET,
    REQUESTS,
    SHARED,
    STARTED,
    HandMadeCluster,
    world,
)
from tests.scenarios.scenario import DATA, JsonObject, load
from tests.scenarios.virtual_services import FIELDS
from tests.scenarios.world import World

WEB = {"kind": "Ingress", "namespace": "default", "name": "web"}


def server(address: str) -> JsonObject:
    return {"ip": address, "port": 8080}


PLAIN = {"name": "c--plain", "servers": [server("1.1.1.1")], "priority_label": "foo.com/bar", "ratio": 100}
SECURE = {"name": "c--secure", "servers": [server("1.1.1.2")], "ratio": 60}
TLS = {"name": "c--secure", "sni_enabled": True, "ssl_profile": "System-Standard", "pki_profile": "c--pki"}
GROUP = {"name": "c--group", "members": [{"pool": "c--secure", "ratio": 60}]}
LABELLED = {"pool": "c--plain", "priority_label": "foo.com/bar", "ratio": 100}
HOST = {"criteria": "HDR_EQUALS", "values": ["foo.com"]}
TO_HTTPS = {"protocol": "HTTPS", "port": 443, "status": "HTTP_REDIRECT_STATUS_CODE_302"}
REDIRECT_SEEN = {"name": f"{SHARED}-0", "host_match": HOST, "vs_port": [80], "redirect": TO_HTTPS}
PATH = {"criteria": "BEGINS_WITH", "case": "SENSITIVE", "values": ["/foo"]}
SWITCH_SEEN = {"name": "c--group-0", "host_match": HOST, "path_match": PATH, "switch_poolgroup": "c--group"}


def policies(name: str, rule_seen: JsonObject, **changed: Any) -> list[JsonObject]:
    return [{"name": name, "rules": [{**rule_seen, **changed}]}]


def l4_policy(**changed: Any) -> list[JsonObject]:
    return [{"name": L4, "rules": [{"port": 53, "protocol": "PROTOCOL_UDP", "pool": "c--red-svc--53", **changed}]}]


# virtual service, field, values that fit, values that do not
FIELD_CASES: list[tuple[str, str, list[Any], list[Any]]] = [
    (SHARED, "type", ["parent"], ["child", "normal"]),
    (CHILD, "type", ["child"], ["parent"]),
    (L4, "type", ["normal"], ["parent"]),
    (SHARED, "tenant", ["admin"], ["other"]),
    (
        SHARED,
        "services",
        [[{"port": 443, "ssl": True}, {"port": 80, "ssl": False}]],
        [[{"port": 80, "ssl": False}], [{"port": 443, "ssl": False}, {"port": 80, "ssl": False}], []],
    ),
    (
        SHARED,
        "pools",
        [[PLAIN], [{"name": "c--plain"}]],
        [
            [],
            [{**PLAIN, "ratio": 50}],
            [{**PLAIN, "priority_label": "foo.com/"}],
            [{**PLAIN, "servers": []}],
            [{**PLAIN, "servers": [server("1.1.1.1"), server("1.1.1.9")]}],
            [PLAIN, SECURE],
        ],
    ),
    (
        CHILD,
        "pools",
        [[SECURE], [TLS]],
        [[PLAIN], [{**TLS, "sni_enabled": False}], [{**TLS, "pki_profile": None}], [{**TLS, "ssl_profile": None}]],
    ),
    (L4, "pools", [[{"name": "c--red-svc--53", "servers": [server("1.1.1.3")]}]], [[]]),
    (
        SHARED,
        "poolgroups",
        [[{"name": SHARED, "members": [LABELLED]}]],
        [[], [{"name": SHARED, "members": []}], [{"name": SHARED, "members": [{**LABELLED, "ratio": 1}]}]],
    ),
    (CHILD, "poolgroups", [[GROUP]], [[GROUP, GROUP], [{**GROUP, "name": "c--other"}]]),
    (SHARED, "children", [[CHILD]], [[], [CHILD, "c--bar.com"]]),
    (CHILD, "parent", [SHARED], ["c--Shared-L7-1"]),
    (CHILD, "vh_domain_name", [["foo.com"]], [[], ["foo.com", "bar.com"]]),
    (CHILD, "ssl_certs", [[CHILD]], [[], ["c--bar.com"]]),
    (CHILD, "ca_certs", [["c--foo.com-cacert"]], [[], ["c--bar.com-cacert"]]),
    (
        SHARED,
        "http_policies",
        [policies(SHARED, REDIRECT_SEEN)],
        [
            [],
            policies("c--other", REDIRECT_SEEN),
            policies(SHARED, {**REDIRECT_SEEN, "name": "c--other-0"}),
            policies(SHARED, REDIRECT_SEEN, vs_port=[443]),
            policies(SHARED, REDIRECT_SEEN, redirect={**TO_HTTPS, "port": 80}),
            policies(SHARED, REDIRECT_SEEN, host_match={**HOST, "values": ["foo.com", "bar.com"]}),
        ],
    ),
    (
        CHILD,
        "http_policies",
        [policies("c--group", SWITCH_SEEN)],
        [
            policies("c--group", SWITCH_SEEN, switch_poolgroup="c--other"),
            policies("c--group", SWITCH_SEEN, path_match={**PATH, "criteria": "EQUALS"}),
            policies("c--group", SWITCH_SEEN, path_match={**PATH, "values": ["/"]}),
            policies("c--group", SWITCH_SEEN, redirect=TO_HTTPS),
        ],
    ),
    (L4, "http_policies", [[]], [policies(L4, SWITCH_SEEN)]),
    (
        L4,
        "l4_policies",
        [l4_policy()],
        [[], l4_policy(port=54), l4_policy(protocol="PROTOCOL_TCP"), l4_policy(pool="")],
    ),
    (SHARED, "datascripts", [[SHARED]], [[], ["c--other"]]),
    (SHARED, "datascript_poolgroups", [[SHARED]], [[], [SHARED, "c--group"]]),
    (SHARED, "vsvip", [SHARED], [L4]),
    (L4, "vip_requested", ["80.80.80.80"], ["80.80.80.81"]),
    (SHARED, "app_profile", ["System-HTTP"], ["System-L4-Application"]),
    (SHARED, "network_profile", ["System-TCP-Proxy"], ["System-UDP-Fast-Path"]),
    (SHARED, "fqdns", [["foo.com"], ["own.name.com", "foo.com"], []], [["bar.com"], ["foo.com", "bar.com"]]),
    (SHARED, "fqdns_absent", [["bar.com"], []], [["foo.com"], ["bar.com", "foo.com"]]),
]

ROUTE = {"prefix": "10.244.0.0/24", "next_hop": "10.1.1.2", "route_id": "c-1"}
DEFAULT_ROUTE = {"prefix": "0.0.0.0/0", "next_hop": "10.1.1.1", "route_id": "9"}


def vrf(*routes: JsonObject, **more: Any) -> list[JsonObject]:
    return [{"vrf": "global", "routes": list(routes), **more}]


def status_of(namespace: str, name: str, **entries: Any) -> list[JsonObject]:
    return [{"namespace": namespace, "name": name, **entries}]


def lb(hostname: str, address: str) -> JsonObject:
    return {"hostname": hostname, "ip": address}


def route_entry(**changed: str) -> list[JsonObject]:
    seen = {"host": "foo.com", "router_name": "ako-c", "admitted": "True", "reason": "Fine", "message": "10.0.0.1"}
    return [{**seen, **changed}]


def posts(**limits: int) -> list[JsonObject]:
    return [{"method": "POST", "model": "pool", "name": "c--secure", **limits}]


# assertion, values that fit, values that do not
CASES: list[tuple[str, list[Any], list[Any]]] = [
    ("virtualservices", [[{"name": "c--gone", "optional": True}], [{"name": L4}]], [[{"name": "c--gone"}]]),
    ("absent", [[{"type": "pool", "name": "c--gone"}]], [[{"type": "pool", "name": "c--plain"}]]),
    ("present", [[{"type": "pool", "name": "c--plain"}]], [[{"type": "pool", "name": "c--gone"}]]),
    (
        "cert_content",
        [[{"name": CHILD, "secret": "default/good"}], [{"name": CHILD, "route": "default/web"}]],
        [
            [{"name": CHILD, "secret": "default/other-key"}],
            [{"name": CHILD, "secret": "default/gone"}],
            [{"name": "c--gone", "secret": "default/good"}],
            [{"name": "c--foo.com-cacert", "secret": "default/good"}],
        ],
    ),
    (
        "ingress_status",
        [
            status_of("default", "web", load_balancer=[lb("foo.com", "10.0.0.1")]),
            status_of("default", "web", load_balancer=[lb("foo.com", f"$vip:{SHARED}")]),
        ],
        [
            status_of("default", "web", load_balancer=[]),
            status_of("default", "web", load_balancer=[lb("foo.com", f"$vip:{L4}")]),
            status_of("default", "web", load_balancer=[lb("foo.com", "$vip:c--gone")]),
            status_of("default", "web", load_balancer=[lb("foo.com", "10.0.0.1"), lb("bar.com", "10.0.0.1")]),
            status_of("default", "gone", load_balancer=[]),
        ],
    ),
    (
        "service_status",
        [status_of("red", "svc", load_balancer=[lb("svc.red.com", f"$vip:{L4}")])],
        [status_of("red", "svc", load_balancer=[]), status_of("red", "gone", load_balancer=[])],
    ),
    (
        "route_status",
        [status_of("default", "web", ingress=route_entry())],
        [
            status_of("default", "web", ingress=[]),
            status_of("default", "web", ingress=route_entry(admitted="False")),
            status_of("default", "web", ingress=route_entry(router_name="default")),
            status_of("default", "web", ingress=route_entry(message=f"$vip:{L4}")),
        ],
    ),
    (
        "static_routes",
        [
            vrf(ROUTE),
            vrf({**ROUTE, "labels": [{"key": "clustername", "value": "c"}]}),
            vrf(ROUTE, others=[DEFAULT_ROUTE]),
        ],
        [
            vrf(),
            vrf({**ROUTE, "labels": []}),
            vrf({**ROUTE, "next_hop": "10.1.1.9"}),
            vrf(ROUTE, {**ROUTE, "route_id": "c-2"}),
            vrf(ROUTE, others=[{**DEFAULT_ROUTE, "next_hop": "10.1.1.9"}]),
        ],
    ),
    (
        "serviceenginegroups",
        [[{"name": "Default-Group", "labels": [{"key": "clustername", "value": "c"}]}]],
        [[{"name": "Default-Group", "labels": []}], [{"name": "gone", "labels": []}]],
    ),
    ("statefulset_conditions", [[{**OWN_SET, **CONDITION}]], [[{**OWN_SET, **STARTED}]]),
    (
        "statefulset_conditions_seen",
        [[{**OWN_SET, **STARTED}], [{**OWN_SET, **CONDITION}]],
        [[{**OWN_SET, **STARTED, "reason": "Timeout"}]],
    ),
    ("statefulset_conditions_absent", [["Ready"]], [["Deleting"]]),
    ("requests", [posts(min=2), posts(max=2), posts(min=1, max=3)], [posts(min=3), posts(max=1)]),
    ("remember", [[{"type": "pool", "name": "c--plain"}]], [[{"type": "pool", "name": "c--gone"}]]),
    (
        "same_uuid",
        [[{"type": "pool", "name": "c--plain"}]],
        [[{"type": "pool", "name": "c--secure"}]],
    ),
    ("ako", [{"ready": True}], [{"ready": False}]),
    (
        "answers",
        [
            [{"url": "http://foo.com/bar/x", "redirect": "https", "by": SHARED}],
            [{"url": "https://foo.com/foo/x", "servers": [server("1.1.1.2")], "by": CHILD}],
            [{"url": "https://foo.com/FOO", "nothing": True}],
            [{"url": "http://unheard.of/", "nothing": True}],
        ],
        [
            [{"url": "http://foo.com/bar", "servers": [server("1.1.1.1")]}],
            [{"url": "https://foo.com/foo", "servers": [server("1.1.1.1")]}],
            [{"url": "https://foo.com/foo", "servers": [server("1.1.1.2"), server("1.1.1.1")]}],
            [{"url": "https://foo.com/other", "servers": []}],
            [{"url": "http://foo.com/", "nothing": True}],
        ],
    ),
    (
        "clients",
        [
            [{"virtualservice": L4, "ip": "10.9.9.9", "allowed": True}],
            [{"virtualservice": L4, "ip": "11.0.0.1", "allowed": False}],
            [{"virtualservice": L4, "ip": "11.0.0.1", "port": 54, "allowed": True}],
            [{"virtualservice": SHARED, "ip": "11.0.0.1", "allowed": True}],
        ],
        [
            [{"virtualservice": L4, "ip": "10.9.9.9", "allowed": False}],
            [{"virtualservice": L4, "ip": "11.0.0.1", "allowed": True}],
            [{"virtualservice": "c--gone", "ip": "11.0.0.1", "allowed": True}],
        ],
    ),
    (
        "pools_of",
        [
            [{"virtualservice": L4, "servers": [server("1.1.1.3")]}],
            [{"virtualservice": BARE, "servers": []}],
            [{"virtualservice": CHILD, "fields": {"ssl_profile_ref": "System-Standard", "unheard_of": None}}],
        ],
        [
            [{"virtualservice": L4, "servers": []}],
            [{"virtualservice": CHILD, "fields": {"ssl_profile_ref": None}}],
            [{"virtualservice": "c--gone", "servers": []}],
            [{"virtualservice": SHARED, "fields": {"ssl_profile_ref": None}, "servers": [server("1.1.1.2")]}],
            [{"virtualservice": BARE, "servers": [], "fields": {"ssl_profile_ref": None}}],
        ],
    ),
    (
        "events",
        [
            [{**WEB, "type": "Warning", "reason": "Duplicate", "message_contains": ["SOMEBODY", "else"]}],
            [{**WEB, "reason": "Served", "message_contains": ["10.0.0.1"]}],
            [{**WEB, "reason": "Gone", "none": True}],
        ],
        [
            [{**WEB, "type": "Normal", "reason": "Duplicate"}],
            [{**WEB, "reason": "Served", "message_contains": ["elsewhere"]}],
            [{**WEB, "name": "other", "reason": "Served"}],
            [{**WEB, "reason": "Served", "none": True}],
        ],
    ),
    (
        "log_count",
        [[{"contains": ["WEB", "duplicate"], "min": 1, "max": 1}], [{"contains": ["nowhere"], "max": 0}]],
        [[{"contains": ["duplicate"], "max": 0}], [{"contains": ["duplicate"], "min": 2}]],
    ),
    (
        "never_sent",
        [["SECRET"], ["KEY-PUT"], ["KEY-OF-MACRO"], ["PASSWORD"]],
        [
            *([text] for text in ("CERT", "LEAK", "MACRO", "KEY-OF-POOL", "MARKER", "ASKED", "USER", "NO JSON")),
            ["SECRET", "WRAPPED, and after it so much more that there is"],
            ["ENCODED, ~~~???"],
        ],
    ),
    (
        "log_contains",
        [[["duplicate ENTRIES", "ingress/default/web"]], [["start"], ["found"]]],
        [[["start", "found"]], [["start"], ["nowhere"]]],
    ),
]


@pytest.mark.parametrize(("name", "field", "fits", "fails"), FIELD_CASES)
def test_field_of_a_virtual_service(name: str, field: str, fits: list[Any], fails: list[Any]) -> None:
    def holds(value: object) -> bool:
        return not differences({"virtualservices": [{"name": name, field: value}]}, world())

    assert [value for value in fits if not holds(value)] == []
    assert [value for value in fails if holds(value)] == []


@pytest.mark.parametrize(("key", "fits", "fails"), CASES)
def test_assertion(key: str, fits: list[Any], fails: list[Any]) -> None:
    assert [value for value in fits if differences({key: value}, world())] == []
    assert [value for value in fails if not differences({key: value}, world())] == []


def test_no_writes_holds_without_writes_and_can_never_hold_again_after_one() -> None:
    assert differences({"no_writes": True}, world(requests_of_this_run=REQUESTS[3:])) == []
    (mismatch,) = differences({"no_writes": True}, world())
    assert mismatch.final


def test_too_many_requests_can_never_become_fewer() -> None:
    (mismatch,) = differences({"requests": posts(max=1)}, world())
    assert mismatch.final


def test_readiness_without_an_answer_is_neither_ready_nor_not() -> None:
    silent = World("c", AviView(lambda _: []), HandMadeCluster(), [], [], list, lambda: None)
    assert differences({"ako": {"ready": True}}, silent)
    assert differences({"ako": {"ready": False}}, silent)


def test_every_assertion_is_covered_by_these_tests() -> None:
    assert {key for key, _, _ in CASES} | {"no_writes", "traffic"} == set(CHECKS)
    assert {field for _, field, _, _ in FIELD_CASES} == {*FIELDS, *SPECIAL} - {"name", "optional"}


def test_every_assertion_of_the_data_has_a_check() -> None:
    expects = [step["expect"] for path in DATA.glob("*/*.json") for step in load(path).steps if "expect" in step]
    services = [service for expect in expects for service in expect.get("virtualservices", [])]
    assert {key for expect in expects for key in expect} <= set(CHECKS)
    assert {key for service in services for key in service} <= {*FIELDS, *SPECIAL}
    for key, known in ENTRIES.items():
        assert {name for expect in expects for entry in expect.get(key, ()) for name in entry} <= known


@pytest.mark.parametrize(
    "expect",
    [
        {"unheard_of": []},
        {"virtualservices": [{"name": SHARED, "unheard_of": 1}]},
        *({key: [{"unheard_of": 1}]} for key in ENTRIES),
    ],
    ids=str,
)
def test_an_assertion_without_a_check_is_an_error(expect: JsonObject) -> None:
    with pytest.raises(ValueError, match="no check for 'unheard_of'"):
        differences(expect, world())


def test_a_dangling_reference_is_seen_as_such() -> None:
    avi = AviView(lambda _: [])
    assert avi.name_of("/api/pool/pool-1") == "<dangling: /api/pool/pool-1>"
    assert avi.follow("/api/pool/?name=c--plain") is None
    assert world().avi.name_of("/api/pool?name=c--plain") == "c--plain"


def test_a_mismatch_shows_both_sides_reduced_to_what_was_stated() -> None:
    stated = {"name": SHARED, "pools": [{"name": "c--plain", "ratio": 50}]}
    (mismatch,) = differences({"virtualservices": [stated]}, world())
    assert mismatch.where == f"virtualservices[{SHARED}].pools"
    assert mismatch.seen == [{"name": "c--plain", "ratio": 100}]
    assert '"ratio": 50' in str(mismatch)
    assert '"ratio": 100' in str(mismatch)


def test_a_long_mismatch_is_shown_line_by_line() -> None:
    stated = {"name": SHARED, "pools": [{**PLAIN, "ratio": 50}]}
    (mismatch,) = differences({"virtualservices": [stated]}, world())
    lines = [line.split() for line in str(mismatch).splitlines()]
    assert ["-", '"ratio":', "50,"] in lines
    assert ["+", '"ratio":', "100,"] in lines
