"""What a client gets, match by match."""

from __future__ import annotations

import pytest

from tests.scenarios.avi_view import AviView
from tests.scenarios.clients import Request, answer, matches
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


def test_a_name_under_a_domain_is_one_label_longer() -> None:
    view = avi(SCRIPT, (1, host("HDR_ENDS_WITH", ".b.com")))
    assert asked(view, "http://x.b.com/") == ["10.0.0.3"]
    assert asked(view, "http://x.y.b.com/") is True
