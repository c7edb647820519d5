"""What a client gets, match by match."""

from __future__ import annotations

import pytest

from tests.scenarios.avi_view import AviView
from tests.scenarios.clients import Request, answer, is_let_in, matches
from tests.scenarios.hand_made_world import avi_object, avi_pool, ref, vsvip
from tests.scenarios.scenario import JsonObject

REQUEST = Request("http", "shop.com", "/Foo/bar")


def path(criteria: str, *values: str, case: str = "SENSITIVE") -> JsonObject:
    return {"path": {"match_criteria": criteria, "match_str": list(values), "match_case": case}}


def host(criteria: str, *values: str) -> JsonObject:
    return {"host_hdr": {"match_criteria": criteria, "value": list(values)}}


def header(criteria: str, *values: str) -> JsonObject:
    return {"hdrs": [{"hdr": "Host", "match_criteria": criteria, "value": list(values)}]}


@pytest.mark.parametrize(
    "match",
    [
        {},
        path("EQUALS", "/Foo/bar"),
        path("EQUALS", "/x", "/Foo/bar"),
        path("EQUALS", "/foo/BAR", case="INSENSITIVE"),
        path("BEGINS_WITH", "/Foo"),
        path("ENDS_WITH", "/bar"),
        path("CONTAINS", "oo/b"),
        path("REGEX_MATCH", "^/[A-Z]oo/"),
        path("REGEX_MATCH", r"^/f\S+/BAR$", case="INSENSITIVE"),
        path("CONTAINS", "OO/B", case="INSENSITIVE"),
        host("HDR_EQUALS", "SHOP.com"),
        host("HDR_ENDS_WITH", ".com"),
        host("HDR_BEGINS_WITH", "shop"),
        host("HDR_CONTAINS", "op"),
        host("HDR_DOES_NOT_EQUAL", "a.com", "b.com"),
        header("HDR_DOES_NOT_END_WITH", ".org"),
        {"vs_port": {"match_criteria": "IS_IN", "ports": [80]}},
        {"vs_port": {"match_criteria": "IS_NOT_IN", "ports": [443]}},
        {"method": {"match_criteria": "IS_IN", "methods": ["HTTP_METHOD_GET"]}},
        {**path("BEGINS_WITH", "/"), **host("HDR_EQUALS", "shop.com")},
    ],
)
def test_what_is_matched(match: JsonObject) -> None:
    assert matches(match, REQUEST)


@pytest.mark.parametrize(
    "match",
    [
        path("EQUALS", "/Foo"),
        path("EQUALS", "/foo/bar"),
        path("BEGINS_WITH", "/foo"),
        path("ENDS_WITH", "/Foo"),
        path("REGEX_MATCH", "^foo"),
        path("REGEX_MATCH", r"^/f\W", case="INSENSITIVE"),
        path("CONTAINS", "OO/B"),
        host("HDR_EQUALS", "a.shop.com"),
        host("HDR_ENDS_WITH", ".shop.com"),
        host("HDR_DOES_NOT_EQUAL", "a.com", "shop.com"),
        header("HDR_DOES_NOT_END_WITH", ".org", ".com"),
        header("HDR_DOES_NOT_BEGIN_WITH", "shop"),
        {"vs_port": {"match_criteria": "IS_IN", "ports": [443]}},
        {"method": {"match_criteria": "IS_IN", "methods": ["HTTP_METHOD_PUT"]}},
        {**path("BEGINS_WITH", "/"), **host("HDR_EQUALS", "other.com")},
    ],
)
def test_what_is_not(match: JsonObject) -> None:
    assert not matches(match, REQUEST)


def test_a_match_that_is_not_known_is_an_error() -> None:
    with pytest.raises(KeyError):
        matches({"cookie": {}}, REQUEST)


SCRIPT = 'avi.poolgroup.select("s", string.lower(host .. "/" .. path))'
BY_CASE = 'avi.poolgroup.select("s", string.lower(host) .. "/" .. path)'


def avi(script: str = SCRIPT, *policies: tuple[int, JsonObject]) -> AviView:
    """Give a shared virtual service with labels and policy sets; each set has one rule, which leads to one pool."""
    labels = {"a.com/": "root", "a.com/foo": "foo", "a.com/Foo": "Foo"}
    members = [{"pool_ref": ref("pool", name), "priority_label": label} for label, name in labels.items()]
    sets = [
        avi_object(
            "httppolicyset",
            f"p{number}",
            http_request_policy={
                "rules": [{"index": 0, "match": match, "switching_action": {"pool_ref": ref("pool", f"p{number}")}}]
            },
        )
        for number, match in policies
    ]
    service = avi_object(
        "virtualservice",
        "s",
        vsvip_ref=ref("vsvip", "s"),
        services=[{"port": 80}],
        vs_datascripts=[{"index": 0, "vs_datascript_set_ref": ref("vsdatascriptset", "s")}],
        http_policies=[{"index": n, "http_policy_set_ref": ref("httppolicyset", f"p{n}")} for n, _ in policies],
    )
    stored = {
        "virtualservice": [service],
        "vsvip": [vsvip("s", "10.0.0.1", "a.com", "*.b.com")],
        "vsdatascriptset": [
            avi_object("vsdatascriptset", "s", datascript=[{"script": script}], pool_group_refs=[ref("poolgroup", "s")])
        ],
        "poolgroup": [avi_object("poolgroup", "s", members=members)],
        "httppolicyset": sets,
        "pool": [
            avi_pool(name, f"10.0.0.{index}")
            for index, name in enumerate([*labels.values(), *(f"p{n}" for n, _ in policies)])
        ],
    }
    return AviView(lambda kind: stored.get(kind, []))


def asked(view: AviView, url: str) -> object:
    found = answer(view, Request.of(url))
    return found.get("redirect") or [server["ip"] for server in found.get("servers", ())] or found.get("nothing")


def test_the_longest_label_is_taken_and_the_script_says_whether_case_counts() -> None:
    assert asked(avi(), "http://a.com/foo/x") == asked(avi(), "http://a.com/FOO") == ["10.0.0.1"]
    assert asked(avi(BY_CASE), "http://A.com/Foo/x") == ["10.0.0.2"]
    assert asked(avi(BY_CASE), "http://a.com/FOO") == ["10.0.0.0"]
    assert asked(avi(), "http://c.com/foo") is True


def test_rules_are_asked_before_labels_and_sets_that_disagree_are_seen() -> None:
    first, second = (7, path("BEGINS_WITH", "/foo")), (3, path("EQUALS", "/foo"))
    assert asked(avi(SCRIPT, first), "http://a.com/foo") == ["10.0.0.3"]
    assert asked(avi(SCRIPT, first), "http://a.com/") == ["10.0.0.0"]
    both = avi(SCRIPT, first, second)
    assert asked(both, "http://a.com/foo") == ["10.0.0.4"], "the lower number"
    assert "disagreement" in answer(both, Request.of("http://a.com/foo"))
    assert "disagreement" not in answer(both, Request.of("http://a.com/foo/x"))


def test_a_name_is_under_the_longest_domain_above_it() -> None:
    view = avi(SCRIPT, (1, host("HDR_ENDS_WITH", ".b.com")))
    assert asked(view, "http://x.b.com/") == ["10.0.0.3"]
    assert asked(view, "http://x.y.b.com/") == ["10.0.0.3"], "Avi does not count labels"
    assert asked(view, "http://b.com/") is True


def secure(**more: str) -> AviView:
    """Give a parent on 443 with a child for each of these names, all of whose requests one pool answers."""
    names = {"exact": "a.com", "under": "*.com", "deeper": "*.a.com", **more}
    rules = {
        name: {"index": 0, "match": {}, "switching_action": {"pool_ref": ref("pool", name)}} for name in (*names, "s")
    }
    children = [
        avi_object(
            "virtualservice",
            name,
            type="VS_TYPE_VH_CHILD",
            vh_parent_vs_ref=ref("virtualservice", "s"),
            vh_domain_name=[domain],
            http_policies=[{"index": 0, "http_policy_set_ref": ref("httppolicyset", name)}],
        )
        for name, domain in names.items()
    ]
    parent = avi_object(
        "virtualservice",
        "s",
        type="VS_TYPE_VH_PARENT",
        vsvip_ref=ref("vsvip", "s"),
        services=[{"port": 80}, {"port": 443, "enable_ssl": True}],
        http_policies=[{"index": 0, "http_policy_set_ref": ref("httppolicyset", "s")}],
    )
    stored = {
        "virtualservice": [*children, parent],
        "vsvip": [vsvip("s", "10.0.0.1", "plain.org", *names.values())],
        "httppolicyset": [
            avi_object("httppolicyset", name, http_request_policy={"rules": [rule]}) for name, rule in rules.items()
        ],
        "pool": [avi_pool(name, name) for name in rules],
    }
    return AviView(lambda kind: stored.get(kind, []))


@pytest.mark.parametrize(
    ("url", "wins"),
    [
        ("https://a.com/", ["exact"]),
        ("https://A.com/", ["exact"]),
        ("https://b.com/", ["under"]),
        ("https://x.a.com/", ["deeper"]),
        ("http://a.com/", ["s"]),
        ("https://plain.org/", True),
    ],
)
def test_over_tls_the_child_of_the_name_answers_and_nobody_else(url: str, wins: object) -> None:
    assert asked(secure(), url) == wins


def test_past_the_labels_the_virtual_service_has_a_pool_of_its_own() -> None:
    view = avi()
    (service,) = view.all("virtualservice")
    service["pool_ref"] = ref("pool", "Foo")
    assert asked(view, "http://a.com/foo") == ["10.0.0.1"]
    (group,) = view.all("poolgroup")
    group["members"] = group["members"][1:]
    assert asked(view, "http://a.com/other") == ["10.0.0.2"]


def test_a_script_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ValueError, match="DataScript s"):
        asked(avi("return"), "http://a.com/")


def test_whom_a_network_security_policy_lets_in() -> None:
    def verdict(ip: str, **match: object) -> bool:
        rule = {"index": 0, "action": "NETWORK_SECURITY_POLICY_ACTION_TYPE_DENY", "match": match}
        stored = {"networksecuritypolicy": [avi_object("networksecuritypolicy", "n", rules=[rule])]}
        service = {"network_security_policy_ref": ref("networksecuritypolicy", "n"), "services": [{"port": 80}]}
        return is_let_in(AviView(lambda kind: stored.get(kind, [])), service, ip, None)

    within = {
        "match_criteria": "IS_IN",
        "prefixes": [{"ip_addr": {"addr": "10.0.0.0"}, "mask": 8}, {"ip_addr": {"addr": "fd00::"}, "mask": 8}],
        "addrs": [{"addr": "192.168.0.1"}],
        "ranges": [{"begin": {"addr": "172.16.0.5"}, "end": {"addr": "172.16.0.9"}}],
    }
    denied = ("10.1.1.1", "fd00::1", "192.168.0.1", "172.16.0.5", "172.16.0.9")
    others = ("11.0.0.1", "fe80::1", "192.168.0.2", "172.16.0.10", "::")
    assert [ip for ip in (*denied, *others) if not verdict(ip, client_ip=within)] == list(denied)
    outside = {**within, "match_criteria": "IS_NOT_IN"}
    assert [ip for ip in (*denied, *others) if verdict(ip, client_ip=outside)] == list(denied)
    assert verdict("10.1.1.1", client_ip=within, vs_port={"match_criteria": "IS_IN", "ports": [81]})
    assert not verdict("10.1.1.1")
    with pytest.raises(KeyError):
        verdict("10.1.1.1", microservice={})
    with pytest.raises(KeyError):
        verdict("10.1.1.1", client_ip={"match_criteria": "IS_IN", "group_refs": ["any"]})


def test_at_layer_4_the_rule_of_the_port_decides() -> None:
    def rule(index: int, port: int, protocol: str = "PROTOCOL_TCP") -> JsonObject:
        match = {
            "port": {"match_criteria": "IS_IN", "ports": [port]},
            "protocol": {"match_criteria": "IS_IN", "protocol": protocol},
        }
        return {"index": index, "match": match, "action": {"select_pool": {"pool_ref": ref("pool", f"p{index}")}}}

    rules = [rule(2, 80), rule(1, 80), rule(0, 80, "PROTOCOL_UDP"), rule(3, 8080)]
    service = avi_object(
        "virtualservice",
        "s",
        vsvip_ref=ref("vsvip", "s"),
        services=[{"port": 80}, {"port": 443}],
        l4_policies=[{"index": 0, "l4_policy_set_ref": ref("l4policyset", "s")}],
    )
    stored = {
        "virtualservice": [service],
        "vsvip": [vsvip("s", "10.0.0.1", "svc.red.com")],
        "l4policyset": [avi_object("l4policyset", "s", l4_connection_policy={"rules": rules})],
        "pool": [avi_pool(f"p{index}", f"10.0.0.{index}") for index in range(4)],
    }
    view = AviView(lambda kind: stored.get(kind, []))
    assert asked(view, "http://svc.red.com/") == ["10.0.0.1"]
    assert asked(view, "https://svc.red.com/") is True
