"""Each criterion of a match, and that what it denies is all of it."""

from __future__ import annotations

from typing import Any

import pytest

from ako.sim.data_plane.asked import Came
from ako.sim.data_plane.matching import matches, matches_response
from ako.sim.data_plane.objects import NotModelledError
from tests.sim.data_plane.stock import Stock, get

STRINGS = {  # what a text has to be compared to, and texts that fit and do not
    "EQUALS": ("/foo", "/foo", "/foobar"),
    "BEGINS_WITH": ("/foo", "/foobar", "/a/foo"),
    "ENDS_WITH": ("bar", "/foobar", "/bar/"),
    "CONTAINS": ("oob", "/foobar", "/foo/bar"),
    "REGEX_MATCH": ("^/[a-c]+$", "/abc", "/abd"),
}
DENIALS = {
    "EQUALS": "DOES_NOT_EQUAL",
    "BEGINS_WITH": "DOES_NOT_BEGIN_WITH",
    "ENDS_WITH": "DOES_NOT_END_WITH",
    "CONTAINS": "DOES_NOT_CONTAIN",
    "REGEX_MATCH": "REGEX_DOES_NOT_MATCH",
    "EXISTS": "DOES_NOT_EXIST",
}
HEADER_STRINGS = {name: row for name, row in STRINGS.items() if name != "REGEX_MATCH"}


def said(target: dict[str, Any], *request: Any, stock: Stock | None = None, **more: Any) -> bool:
    return matches(target, get(*request, **more), (stock or Stock()).objects)


@pytest.mark.parametrize("criterion", STRINGS)
def test_paths(criterion: str) -> None:
    value, fitting, other = STRINGS[criterion]
    for name, wanted in ((criterion, True), (DENIALS[criterion], False)):
        target = {"path": {"match_criteria": name, "match_str": [value]}}
        assert said(target, fitting) is wanted
        assert said(target, other) is not wanted
        several = {"path": {"match_criteria": name, "match_str": ["nothing like it", value]}}
        assert said(several, fitting) is wanted
        assert said(several, other) is not wanted


@pytest.mark.parametrize("criterion", STRINGS)
def test_queries(criterion: str) -> None:
    value, fitting, other = STRINGS[criterion]
    for name, wanted in ((criterion, True), (DENIALS[criterion], False)):
        target = {"query": {"match_criteria": f"QUERY_MATCH_{name}", "match_str": [value]}}
        assert said(target, f"/?{fitting}") is wanted
        assert said(target, f"{fitting}?{other}") is not wanted


@pytest.mark.parametrize("criterion", HEADER_STRINGS)
@pytest.mark.parametrize("where", ["hdrs", "host_hdr", "cookie"])
def test_headers_hosts_and_cookies(where: str, criterion: str) -> None:
    value, fitting, other = STRINGS[criterion]

    def ask(name: str, text: str) -> bool:
        common: dict[str, Any] = {"match_criteria": f"HDR_{name}"}
        if where == "hdrs":
            return said({"hdrs": [{**common, "hdr": "x-a", "value": [value]}]}, "/", ("X-A", "zzz"), ("X-A", text))
        if where == "host_hdr":
            return said({"host_hdr": {**common, "value": ["zzz", value]}}, "/", ("Host", f"{text}:8080"))
        return said({"cookie": {**common, "name": "c", "value": value}}, "/", ("Cookie", f"b=1; c={text}"))

    assert ask(criterion, fitting)
    assert not ask(criterion, other)
    assert not ask(DENIALS[criterion], fitting)
    assert ask(DENIALS[criterion], other)


@pytest.mark.parametrize(
    ("target", "present", "absent"),
    [
        ({"hdrs": [{"hdr": "X-A"}]}, get("/", ("x-a", "")), get("/", ("x-b", "1"))),
        ({"host_hdr": {}}, get("/", ("Host", "a")), get("/", ("X", "1"))),
        ({"cookie": {"name": "c"}}, get("/", ("Cookie", "c=1")), get("/", ("Cookie", "C=1; cc=1"))),
        ({"query": {}}, get("/?a"), get("/")),
    ],
)
def test_what_is_there_and_what_is_not(target: dict[str, Any], present: Any, absent: Any) -> None:
    (where, wanted), objects = next(iter(target.items())), Stock().objects
    prefix = "QUERY_MATCH_" if where == "query" else "HDR_"
    for criterion, there in (("EXISTS", True), ("DOES_NOT_EXIST", False)):
        one = {"match_criteria": prefix + criterion}
        filled = {where: [{**wanted[0], **one}] if isinstance(wanted, list) else {**wanted, **one}}
        assert matches(filled, present, objects) is there
        assert matches(filled, absent, objects) is not there


def test_every_header_of_a_match_has_to_fit() -> None:
    target = {
        "hdrs": [
            {"hdr": "a", "match_criteria": "HDR_EQUALS", "value": ["1"]},
            {"hdr": "b", "match_criteria": "HDR_EQUALS", "value": ["2"]},
        ]
    }
    assert said(target, "/", ("A", "1"), ("B", "2"))
    assert not said(target, "/", ("A", "1"), ("B", "3"))


@pytest.mark.parametrize(("case", "fits"), [("SENSITIVE", False), ("INSENSITIVE", True), (None, True)])
def test_case(case: str | None, fits: bool) -> None:
    common = {} if case is None else {"match_case": case}
    assert said({"path": {"match_criteria": "EQUALS", "match_str": ["/Foo"], **common}}, "/foO") is fits
    assert said({"path": {"match_criteria": "REGEX_MATCH", "match_str": ["^/Foo$"], **common}}, "/foO") is fits
    header = {"hdr": "X-A", "match_criteria": "HDR_EQUALS", "value": ["V"], **common}
    assert said({"hdrs": [header]}, "/", ("x-a", "v")) is fits
    host = {"match_criteria": "HDR_EQUALS", "value": ["A.com"], **common}
    assert said({"host_hdr": host}, "/", ("Host", "a.COM")) is fits


def test_paths_are_compared_decoded_unless_told_otherwise() -> None:
    wanted = {"match_criteria": "EQUALS", "match_str": ["/a b/ü"]}
    assert said({"path": wanted}, "/a%20b/%C3%BC")
    assert not said({"path": {**wanted, "match_decoded_string": False}}, "/a%20b/%C3%BC")
    encoded = {"match_criteria": "EQUALS", "match_str": ["/a%20b"]}
    assert said({"path": {**encoded, "match_decoded_string": False}}, "/a%20b")
    assert not said({"path": encoded}, "/a%20b")


def test_string_groups_and_own_strings_count_alike() -> None:
    stock = Stock()
    group = stock.put("stringgroup", "g", kv=[{"key": "/x"}, {"key": "/y"}])
    target = {"path": {"match_criteria": "BEGINS_WITH", "string_group_refs": [group], "match_str": ["/z"]}}
    assert [said(target, path, stock=stock) for path in ("/x1", "/y", "/z", "/w")] == [True, True, True, False]
    denied = {"path": {**target["path"], "match_criteria": "DOES_NOT_BEGIN_WITH"}}
    assert [said(denied, path, stock=stock) for path in ("/x1", "/z", "/w")] == [False, False, True]


@pytest.mark.parametrize(
    ("target", "fitting", "other"),
    [
        ({"method": {"methods": ["HTTP_METHOD_PUT", "HTTP_METHOD_GET"]}}, get("/"), get("/", method="POST")),
        ({"version": {"versions": ["ONE_ZERO"]}}, get("/", version="1.0"), get("/")),
        ({"version": {"versions": ["ZERO_NINE", "ONE_ONE"]}}, get("/"), get("/", version="1.0")),
        ({"vs_port": {"ports": [80, 81]}}, get("/"), get("/", came=Came("", "", 443))),
        (
            {"protocol": {"protocols": "HTTPS"}},
            get("/", came=Came("1.1.1.1", "", 1, is_tls=True)),
            get("/"),
        ),
        ({"protocol": {"protocols": "HTTP"}}, get("/"), get("/", came=Came("1.1.1.1", "", 1, is_tls=True))),
    ],
)
def test_methods_versions_ports_and_protocols(target: dict[str, Any], fitting: Any, other: Any) -> None:
    (where, wanted), objects = next(iter(target.items())), Stock().objects
    for criterion, inside in (("IS_IN", True), ("IS_NOT_IN", False)):
        filled = {where: {**wanted, "match_criteria": criterion}}
        assert matches(filled, fitting, objects) is inside
        assert matches(filled, other, objects) is not inside


def address(text: str) -> dict[str, str]:
    return {"addr": text, "type": "V6" if ":" in text else "V4"}


PLACES: dict[str, dict[str, Any]] = {
    "addrs": {"addrs": [address("10.1.0.1"), address("10.1.0.2")]},
    "prefixes": {"prefixes": [{"ip_addr": address("10.1.0.0"), "mask": 30}]},
    "ranges": {"ranges": [{"begin": address("10.1.0.2"), "end": address("10.1.0.2")}]},
    "v6": {"prefixes": [{"ip_addr": address("fd00::"), "mask": 64}], "addrs": [address("10.1.0.2")]},
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("field", ["client_ip", "source_ip"])
@pytest.mark.parametrize("in_group", [False, True])
def test_addresses_of_clients(name: str, field: str, in_group: bool) -> None:
    stock, places = Stock(), PLACES[name]
    wanted = {"group_refs": [stock.put("ipaddrgroup", "g", **places)]} if in_group else places
    for criterion, inside in (("IS_IN", True), ("IS_NOT_IN", False)):
        target = {field: {**wanted, "match_criteria": criterion}}
        for client, fits in (("10.1.0.2", True), ("10.1.0.9", False), ("fd01::1", False), ("fd00::1", name == "v6")):
            assert said(target, "/", stock=stock, came=Came(client, "", 80)) is (fits is inside), (client, criterion)


def test_a_path_is_looked_for_anywhere_where_nothing_else_is_said() -> None:
    assert said({"path": {"match_str": ["/foo"]}}, "/a/foobar")
    assert not said({"path": {"match_str": ["/foo"]}}, "/fo")


def test_a_match_without_criteria_takes_everything_and_all_criteria_have_to_be_met() -> None:
    assert said({}, "/")
    both = {
        "path": {"match_criteria": "EQUALS", "match_str": ["/a"]},
        "method": {"match_criteria": "IS_IN", "methods": ["HTTP_METHOD_GET"]},
    }
    assert said(both, "/a")
    assert not said(both, "/b")
    assert not said(both, "/a", method="PUT")


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ({"geo_matches": [{}]}, "geo_matches"),
        ({"path": {"match_criteria": "LOOKS_LIKE", "match_str": ["/"]}}, "LOOKS_LIKE"),
        ({"path": {"match_criteria": "REGEX_MATCH", "match_str": ["("]}}, "regular expression '('"),
        ({"query": {"match_str": ["a"]}}, "match without 'match_criteria'"),
        ({"cookie": {"match_criteria": "HDR_EXISTS"}}, "match without 'name'"),
    ],
)
def test_what_is_not_known_is_named(target: dict[str, Any], named: str) -> None:
    with pytest.raises(NotModelledError) as told:
        said(target, "/")
    assert named in str(told.value)


@pytest.mark.parametrize(
    ("target", "status", "headers", "fits"),
    [
        ({"status": {"match_criteria": "IS_IN", "status_codes": [200, 404]}}, 404, [], True),
        ({"status": {"match_criteria": "IS_IN", "status_codes": [200, 404]}}, 500, [], False),
        ({"status": {"match_criteria": "IS_NOT_IN", "ranges": [{"begin": 500, "end": 599}]}}, 503, [], False),
        ({"status": {"match_criteria": "IS_NOT_IN", "ranges": [{"begin": 500, "end": 599}]}}, 404, [], True),
        ({"rsp_hdrs": [{"hdr": "A", "match_criteria": "HDR_EQUALS", "value": ["1"]}]}, 200, [("a", "1")], True),
        ({"rsp_hdrs": [{"hdr": "A", "match_criteria": "HDR_EQUALS", "value": ["1"]}]}, 200, [("a", "2")], False),
        ({"loc_hdr": {"match_criteria": "HDR_BEGINS_WITH", "value": ["http:"]}}, 302, [("location", "http://x")], True),
        ({"loc_hdr": {"match_criteria": "HDR_EXISTS"}}, 302, [], False),
        ({"path": {"match_criteria": "EQUALS", "match_str": ["/b"]}}, 200, [], False),
    ],
)
def test_responses(target: dict[str, Any], status: int, headers: list[tuple[str, str]], fits: bool) -> None:
    assert matches_response(target, get("/a"), status, headers, Stock().objects) is fits
