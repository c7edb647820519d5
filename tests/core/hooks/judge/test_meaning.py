"""What the values of an answer mean is judged, hook by hook: whose source, whose name, which servers, whether JSON."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from msgspec.structs import replace

from ako import (
    Backend,
    ClaimedPort,
    Discovery,
    HostClaim,
    IpAddr,
    IpPrefix,
    Kind,
    Label,
    Moment,
    NamespacedName,
    ObjectRef,
    PathRule,
    PathType,
    Placement,
    PlacementFault,
    PoolServer,
    PortClaim,
    Problem,
    SourceObject,
    Termination,
    Tls,
    static_route,
)
from ako.core.hooks.judge import judge
from ako.core.hooks.judge.patches import MOST_TEXT, MOST_VALUES

THING = Kind("things.test", "v1", "Thing")
ONE, OTHER = ObjectRef(THING, "default", "one"), ObjectRef(THING, "default", "two")
FOREIGN = replace(Problem(ONE, "Odd", "is odd"), source=ObjectRef(Kind("", "v1", "Service"), "default", "one"))
BACKEND = Backend("default", "web")
CLAIM = HostClaim(ONE, "", "one.test", (PathRule("/", PathType.PREFIX, (BACKEND,)),))
PORTS = PortClaim(ONE, "", (ClaimedPort(53, BACKEND),), "10.0.0.1", ("one.test",), clients=("10.0.0.0/8", "::/0"))
ROUTE = static_route("10.1.0.0/16", "192.0.2.1")


def claims(*found: Any) -> Discovery:
    return Discovery(found)


def with_path(path: str) -> Discovery:
    return claims(replace(CLAIM, rules=(PathRule(path, PathType.PREFIX, ()),)))


DISCOVERED: dict[str, tuple[object, str]] = {
    "hosts and ports": (Discovery((CLAIM, CLAIM, PORTS), (Problem(ONE, "Odd", "is odd"),)), ""),
    "a strange host is for the user to be told": (claims(replace(CLAIM, host=" ü/..%00\u202e")), ""),
    "another object of its kind": (claims(replace(CLAIM, source=OTHER)), "claims[0].source is 'things.test/v1/Thing/"),
    "another kind's object": (Discovery(problems=(FOREIGN,)), "not Thing/default/one, which was asked about"),
    "two claims of ports": (claims(PORTS, PORTS), "claims[1] is a second PortClaim; an object has one at most"),
    "members": (claims(replace(PORTS, members=(PORTS,))), "claims[0].members is for the core to fill in"),
    "problems of ports": (claims(replace(PORTS, problems=(FOREIGN,))), "claims[0].problems is for the core to fill"),
    "no address": (claims(replace(PORTS, address="one.test")), "claims[0].address is 'one.test', which is no IP"),
    "no network": (
        claims(replace(PORTS, clients=("10.0.0.1/8",))),
        "claims[0].clients[0] is '10.0.0.1/8', which is no",
    ),
    "a network of one": (claims(replace(PORTS, clients=("10.0.0.1",))), "a network without its length"),
    "a name of a shared address": (
        claims(replace(PORTS, shares="a\nb")),
        "claims[0].shares is 'a\\nb', with a control",
    ),
    "a path over two lines": (with_path("/a\nb"), "claims[0].rules[0].path is '/a\\nb', with a control character"),
    "a path with a zero": (with_path("/\x00"), "control character"),
    "a host over two lines": (claims(replace(CLAIM, host="a\u2028b")), "claims[0].host is"),
    "a Service over two lines": (
        claims(replace(CLAIM, rules=(PathRule("/", PathType.EXACT, (Backend("default", "a\nb"),)),))),
        "claims[0].rules[0].backends[0].service is",
    ),
    "a Secret over two lines": (
        claims(replace(CLAIM, tls=Tls(Termination.EDGE, NamespacedName("default", "a\nb")))),
        "claims[0].tls.certificate.name is",
    ),
    "a sentence for a reason": (
        Discovery(problems=(Problem(ONE, "not a word", "is odd"),)),
        "problems[0].reason is 'not a word', not a word such as SecretNotFound",
    ),
    "a problem without words": (Discovery(problems=(Problem(ONE, "Odd", ""),)), "problems[0].message is empty"),
}


@pytest.mark.parametrize(("answer", "words"), DISCOVERED.values(), ids=DISCOVERED)
def test_what_is_discovered_is_of_the_object_that_was_asked_about(answer: object, words: str) -> None:
    told = judge("ako_discover", answer, {"source": SourceObject(ONE, BACKEND)})
    assert words in told
    assert bool(told) is bool(words)
    assert told.isprintable()


ELSEWHERE = Backend("other", "web")
CROSSING = {
    "a Service of a path": (
        replace(CLAIM, rules=(PathRule("/", PathType.PREFIX, (BACKEND, ELSEWHERE)),)),
        "claims[0].rules[0].backends[1] is 'other/web', in another namespace than",
    ),
    "a Secret": (
        replace(CLAIM, tls=Tls(Termination.EDGE, NamespacedName("other", "tls"))),
        "claims[0].tls.certificate is 'other/tls', in another namespace than Thing/default/one",
    ),
    "a Service of a port": (
        replace(PORTS, ports=(ClaimedPort(53, BACKEND), ClaimedPort(54, ELSEWHERE))),
        "claims[0].ports[1].backend is 'other/web', in another namespace than",
    ),
}


@pytest.mark.parametrize(("claim", "words"), CROSSING.values(), ids=CROSSING)
def test_what_is_of_another_namespace_is_named_by_declaration_only(claim: Any, words: str) -> None:
    asked = {"source": SourceObject(ONE, BACKEND)}
    assert judge("ako_discover", claims(claim), asked).startswith(words)
    assert judge("ako_discover", claims(claim), asked, crosses=True) == ""
    of_all = ObjectRef(THING, "", "one")
    assert judge("ako_discover", claims(replace(claim, source=of_all)), {"source": SourceObject(of_all, BACKEND)}) == ""


def servers(*addresses: str) -> Placement:
    return Placement(tuple(PoolServer.at(address, 80, f"node-{n}") for n, address in enumerate(addresses)))


PLACED: dict[str, tuple[object, str]] = {
    "servers": (servers("10.0.0.1", "::1"), ""),
    "nobody": (Placement(faults=(PlacementFault("BackendNotFound", "there is none"),)), ""),
    "one twice": (servers("10.0.0.1", "10.0.0.2", "10.0.0.1"), "servers[2] is 10.0.0.1:80, as servers[0] is"),
    "an address of a zone": (servers("fe80::1%eth0"), "servers[0].ip is 'fe80::1%eth0', which is no IP address"),
    "no reason": (Placement(faults=(PlacementFault("", "there is none"),)), "faults[0].reason is ''"),
    "a list": ([], "it is a list, not a Placement"),
}


@pytest.mark.parametrize(("answer", "words"), PLACED.values(), ids=PLACED)
def test_servers_are_addresses_each_once(answer: object, words: str) -> None:
    told = judge("ako_place_backend", answer, {"backend": BACKEND})
    assert words in told
    assert bool(told) is bool(words)


ROUTED: dict[str, tuple[object, str]] = {
    "a list of routes": ([ROUTE, static_route("10.2.0.0/16", "192.0.2.1")], ""),
    "none": ((), ""),
    "no network": (
        [replace(ROUTE, prefix=IpPrefix(IpAddr("10.1.0.1"), 16))],
        "[0].prefix is '10.1.0.1/16', which is no",
    ),
    "longer than an address": ([replace(ROUTE, prefix=IpPrefix(IpAddr("10.1.0.1"), 33))], "[0].prefix is 10.1.0.1/33"),
    "over another family": ([replace(ROUTE, next_hop=IpAddr.of("::1"))], "[0].next_hop is ::1, of another family"),
    "over a name": ([replace(ROUTE, next_hop=IpAddr("gateway"))], "[0].next_hop is 'gateway', which is no IP address"),
    "with a number": ([replace(ROUTE, route_id="1")], "[0] has a route_id, which is for the core to fill in"),
    "with a label": ([replace(ROUTE, labels=(Label("clustername", "prod"),))], "[0] has labels, which is for the core"),
    "one twice": ([ROUTE, ROUTE], "[1] is to 10.1.0.0/16, as [0] is"),
    "a set": ({ROUTE}, "it is a set, not a tuple or a list of StaticRoute"),
    "texts": (["10.1.0.0/16"], "[0] is a str, not a StaticRoute"),
}


@pytest.mark.parametrize(("answer", "words"), ROUTED.values(), ids=ROUTED)
def test_routes_are_networks_and_next_hops(answer: object, words: str) -> None:
    told = judge("ako_static_routes", answer, {})
    assert words in told
    assert bool(told) is bool(words)


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels else []


class Status(dict[str, object]):
    """A mapping that may be anything else tomorrow."""


REPORTED: dict[str, tuple[object, str]] = {
    "JSON": ({"a": [1, 2.5, None, True, ("x", {"b": {}})], "since": Moment.OF_WRITING}, ""),
    "not a number": ({"a": [0, float("nan")]}, "a[1] is no finite number"),
    "a number of any size": ({"a": -(2**64)}, "a is a number of more than 64 bits"),
    "bytes": ({"a": {"b-c": b"x"}}, "a['b-c'] is a bytes, which JSON does not have"),
    "a record": ({"a": (BACKEND,)}, "a[0] is a Backend, which JSON does not have"),
    "a number for a key": ({"a": {1: "x"}}, "a has an int as a key, not a text"),
    "half a character": ({"a": "\udc00"}, "a holds half of a character"),
    "half a character as key": ({"a": {"\udc00": 1}}, "a has a key that holds half of a character"),
    "a mapping of another type": (Status(a=1), "it is a Status, not a dict"),
    "a view of a mapping": (MappingProxyType({"a": 1}), "it is a mappingproxy, not a dict"),
    "a list": ([], "it is a list, not a dict"),
    "too deep": ({"a": nested(100)}, "is deeper than 64 values in each other"),
    "too many": ({"a": [0] * (MOST_VALUES + 1)}, "is one value too many: an answer has 100,000 at most"),
    "too long": ({"a": "x" * (MOST_TEXT + 1)}, "a is too long: an answer has 1 MiB of text at most"),
}


@pytest.mark.parametrize(("answer", "words"), REPORTED.values(), ids=REPORTED)
def test_a_status_patch_is_json_all_the_way_down(answer: object, words: str) -> None:
    told = judge("ako_report", answer, {"source": SourceObject(ONE, BACKEND)})
    assert words in told
    assert bool(told) is bool(words)


def test_a_status_patch_that_holds_itself_is_no_end() -> None:
    patch: dict[str, object] = {}
    patch["again"] = patch
    assert "deeper than 64" in judge("ako_report", patch, {})


def test_what_cannot_be_looked_at_is_told_on_one_short_line() -> None:
    told = judge("ako_discover", with_path("/" + "a\n" * 10_000), {"source": SourceObject(ONE, BACKEND)})
    assert told.isprintable()
    assert len(told) < 700
    assert judge("ako_discover", claims(), {}).startswith("it cannot be looked at: KeyError")
