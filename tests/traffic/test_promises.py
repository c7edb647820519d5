"""What is promised for small clusters, by hand: as the decisions say, and where Go AKO has it otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from tests.traffic.asking import Answer, Asked, Scheme
from tests.traffic.clusters import Thing, edge, ingress, pem, route, secret, service, thing
from tests.traffic.promise import NO_ROW, Expected, Promise, own_certificate
from tests.traffic.promises import promises

DOMAINS = ("avi.internal", ".com")
CLASS = thing("IngressClass", "avi-lb", spec={"controller": "ako.vmware.com/avi-lb"})
ONE, TWO = service("one", "10.1.0.1"), service("two", "10.1.0.2")
BASE = [CLASS, *ONE, *TWO, secret("cert", "first"), secret("cert2", "second")]
AT_ONE, AT_TWO = frozenset({"10.1.0.1:8080"}), frozenset({"10.1.0.2:8080"})


@dataclass(frozen=True)
class Told:
    """The promises of a cluster."""

    found: list[Promise]

    def about(self, url: str, **more: Any) -> Promise:
        scheme, _, rest = url.partition("://")
        spoken = msgspec.convert(scheme, Scheme)
        host, _, path = rest.partition("/")
        name, _, port = host.partition(":")
        number = int(port or {"http": 80, "https": 443}[scheme])
        asked = Asked(name, spoken, f"/{path}", port=number, **more)
        return next(one for one in self.found if one.asked == asked)

    def got(self, url: str, **more: Any) -> str:
        return short(self.about(url, **more).ours)

    def theirs(self, url: str) -> str:
        expected = self.about(url).theirs
        return short(expected) if expected else "unknown"


def told(*things: Thing, config: Mapping[str, Any] | None = None, base: Sequence[Thing] = BASE) -> Told:
    return Told(promises([*base, *things], config or {}, DOMAINS))


def short(expected: Expected) -> str:
    """Write down what is expected in one word: servers by their last digit, or the status, or the redirect."""
    words = sorted(server.partition(":")[0].rpartition(".")[2] for server in expected.servers)
    words += ["redirect"] if expected.location else []
    words += [str(status) for status in sorted(expected.statuses)]
    words += ["closed"] if expected.may_close and not expected.may_be_unknown else []
    return " ".join(words) if not (expected.may_close and expected.may_be_unknown) else "nobody"


PATHS = [ingress("a", ("foo.com", "/foo", "one"), ("foo.com", "/foo/bar", "two"))]


@pytest.mark.parametrize(
    ("url", "answers"),
    [
        ("http://foo.com/foo", "1"),
        ("http://foo.com/foox", "1"),
        ("http://foo.com/FOO", "1"),
        ("http://foo.com/foo/bar", "2"),
        ("http://foo.com/foo/barx", "2"),
        ("http://foo.com/FOO/BAR", "2"),
        ("http://foo.com/", "404"),
        ("http://foo.com/nothing-here", "404"),
        ("https://foo.com/foo", "nobody"),
    ],
)
def test_plain_http_the_longest_text_wins_whatever_its_case(url: str, answers: str) -> None:
    assert told(*PATHS).got(url) == answers
    assert told(*reversed(PATHS)).got(url) == answers


@pytest.mark.parametrize(
    ("url", "answers"),
    [
        ("https://foo.com/foo", "1"),
        ("https://foo.com/foo/", "404"),
        ("https://foo.com/foox", "404"),
        ("https://foo.com/FOO", "404"),
        ("https://foo.com/bar", "2"),
        ("https://foo.com/barx", "2"),
        ("https://foo.com/BAR", "404"),
        ("http://foo.com/bar", "redirect"),
        ("http://foo.com/nothing-here", "redirect"),
    ],
)
def test_over_tls_exact_is_exact_and_case_counts(url: str, answers: str) -> None:
    found = told(ingress("a", ("foo.com", "=/foo", "one"), ("foo.com", "/bar", "two"), secret="cert"))
    assert found.got(url) == answers
    assert found.about(url).decision is None
    assert found.about("https://foo.com/bar").ours.certificates == {own_certificate(pem("first"))}
    assert found.about("http://foo.com/foo?a=b&c=%2F").ours.location == "https://foo.com/foo?a=b&c=%2F"


def test_exact_on_plain_http_is_a_prefix_unless_one_stands_beside_it() -> None:
    alone = told(ingress("a", ("foo.com", "=/foo", "one")))
    assert [alone.got("http://foo.com/foo/x"), alone.theirs("http://foo.com/foo/x")] == ["1", "1"]
    beside = told(ingress("a", ("foo.com", "=/foo", "one"), ("foo.com", "/foo", "two")))
    assert [beside.got("http://foo.com/foo"), beside.got("http://foo.com/foo/x")] == ["1", "2"]
    assert [beside.theirs("http://foo.com/foo"), beside.about("http://foo.com/foo").decision] == ["1 2", 31]


def test_mode_kubernetes_matches_elements() -> None:
    config = {"L7Settings": {"pathMatching": "kubernetes"}}
    found = told(ingress("a", ("foo.com", "/foo/", "one"), ("foo.com", "=/bar", "two")), config=config)
    asked = ["/foo", "/foo/", "/foo/x", "/foox", "/FOO/", "/bar", "/bar/x", "/BAR"]
    answers = [found.got(f"http://foo.com{path}") for path in asked]
    assert answers == ["1", "1", "1", "404", "404", "2", "404", "404"]
    assert found.got("http://foo.com/nothing-here") == "404"


def test_of_two_claims_the_older_has_the_path_and_go_ako_serves_both() -> None:
    pair = [ingress("a", ("foo.com", "/x", "one"), created=9), ingress("b", ("foo.com", "/x", "two"), created=1)]
    found = told(*pair)
    assert [found.got("http://foo.com/x"), found.theirs("http://foo.com/x")] == ["2", "1 2"]
    assert found.about("http://foo.com/x").decision == 9
    both = told(*pair, config={"L7Settings": {"duplicateHostPaths": "all"}}).about("http://foo.com/x")
    assert short(both.ours) == "1 2"
    assert both.decision is None
    assert [share.weight for share in both.ours.shares] == [100, 100]


def test_the_redirect_is_by_path_and_go_akos_is_of_the_host() -> None:
    found = told(
        ingress("tls", ("foo.com", "/", "one"), created=1, secret="cert"),
        ingress("acme", ("foo.com", "/.well-known", "two"), created=2),
    )
    assert found.got("http://foo.com/.well-known/x") == "2"
    assert found.theirs("http://foo.com/.well-known/x") == "redirect"
    assert found.about("http://foo.com/.well-known/x").decision == 32
    assert found.got("http://foo.com/nothing-here") == "redirect"
    assert found.got("https://foo.com/nothing-here") == "1"
    same = [
        ingress("tls", ("foo.com", "/", "one"), created=2, secret="cert"),
        ingress("p", ("foo.com", "/", "two"), created=1),
    ]
    assert told(*same).got("http://foo.com/") == "2"
    same[0]["metadata"]["creationTimestamp"] = "2025-01-01T00:00:00Z"
    assert told(*same).got("http://foo.com/") == "redirect"


def test_the_certificate_is_the_oldests_and_no_name_no_answer() -> None:
    found = told(
        ingress("young", ("foo.com", "/a", "one"), created=2, secret="cert"),
        ingress("old", ("foo.com", "/b", "two"), created=1, secret="cert2"),
    )
    one = found.about("https://foo.com/a")
    assert one.ours.certificates == {own_certificate(pem("second"))}
    assert one.decision == 7
    assert found.got("https://foo.com/b", sni="") == "nobody"
    assert found.about("https://foo.com/b", sni="").must_be_unserved


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (ingress("a", ("foo.org", "/", "one")), "no DNS domain"),
        (ingress("a", ("foo.com", "/", "one"), secret="missing"), "no certificate"),
        (ingress("a", ("foo.com", "/", "one"), spec={"ingressClassName": "other"}), "another class"),
        (ingress("a", ("foo.com", "/", "one"), spec={"ingressClassName": None}), "another class"),
        (route("a", "foo.com", "", ("one", 1), ("one", 2)), "twice"),
        (route("a", "foo.com", "", ("one", 1), tls={"termination": "edge"}), "no certificate"),
    ],
)
def test_what_is_not_served_is_promised_to_be_not_served(made: Thing, reason: str) -> None:
    found = told(made).found
    assert found
    assert all(one.must_be_unserved and reason in one.reason for one in found)


def test_a_service_of_type_load_balancer_has_no_servers_behind_an_ingress_but_of_its_own() -> None:
    balanced = service("lb", "10.1.0.3", spec={"type": "LoadBalancer"})
    found = told(
        ingress("a", ("foo.com", "/", "lb"), ("foo.com", "/one", "one"), ("foo.com", "/none", "none")), *balanced
    )
    assert [found.got(f"http://foo.com/{path}") for path in ("", "one", "none")] == ["503", "1", "503"]
    assert found.about("tcp://lb.default.com:8080/").ours.servers == {"10.1.0.3:8080"}
    assert found.about("tcp://lb.default.com:8081/").must_be_unserved


def test_source_ranges_let_in_whom_they_name() -> None:
    wanted = {"type": "LoadBalancer", "loadBalancerSourceRanges": ["203.0.113.0/24"], "loadBalancerIP": "80.8.8.8"}
    found = told(*service("lb", "10.1.0.3", spec=wanted))
    inside, outside = {"client": "203.0.113.1"}, {"client": "198.51.100.9"}
    for to in ("lb.default.com", "80.8.8.8"):
        assert found.got(f"tcp://{to}:8080/", **inside) == "3"
        assert found.got(f"tcp://{to}:8080/", **outside) == "closed"
        assert found.about(f"tcp://{to}:8080/", **outside).decision == 37


@pytest.mark.parametrize(
    ("conditions", "ours", "theirs"),
    [
        ({"ready": True}, "3", "3"),
        ({}, "3", "3"),
        ({"ready": False}, "503", "503"),
        ({"ready": False, "serving": True, "terminating": True}, "3", "503"),
    ],
)
def test_ready_endpoints_serve_and_without_any_those_that_leave(conditions: Thing, ours: str, theirs: str) -> None:
    found = told(ingress("a", ("foo.com", "/", "s")), *service("s", "10.1.0.3", conditions=conditions))
    assert [found.got("http://foo.com/"), found.theirs("http://foo.com/")] == [ours, theirs]
    assert found.about("http://foo.com/").decision == (None if ours == theirs else 38)


def test_node_ports_of_the_nodes_that_are_selected() -> None:
    config = {"L7Settings": {"serviceType": "NodePort"}, "nodePortSelector": {"key": "role", "value": "app"}}
    nodes = [
        thing("Node", f"n{at}", status={"addresses": [{"type": "InternalIP", "address": f"10.9.0.{at}"}]})
        for at in (1, 2, 3)
    ]
    for node, role in zip(nodes, ("app", "app", "master"), strict=True):
        node["metadata"]["labels"] = {"role": role}
    port = service("np", "10.1.0.3", spec={"type": "NodePort"})
    local = service("local", "10.1.0.4", spec={"type": "NodePort", "externalTrafficPolicy": "Local"})
    rules = [("foo.com", "/np", "np"), ("foo.com", "/local", "local"), ("foo.com", "/one", "one")]
    found = told(ingress("a", *rules), *port, *local, *nodes, config=config)
    assert found.about("http://foo.com/np").ours.servers == {"10.9.0.1:38080", "10.9.0.2:38080"}
    assert found.about("http://foo.com/local").ours.servers == {"10.9.0.1:38080"}
    assert found.got("http://foo.com/one") == "503"
    nodes[1]["status"]["addresses"] = []
    found = told(ingress("a", *rules), *port, *local, *nodes, config=config)
    assert [found.got("http://foo.com/np"), found.theirs("http://foo.com/np")] == ["1", "503"]
    assert found.about("http://foo.com/np").decision == 17


ROUTES: list[tuple[Thing | None, str, str]] = [
    (None, "1 2", "nobody"),
    (edge(), "nobody", "1 2"),
    (edge("None"), "nobody", "1 2"),
    (edge("Allow"), "1 2", "1 2"),
    (edge("Redirect"), "redirect", "1 2"),
    ({**edge(), "termination": "reencrypt"}, "nobody", "1 2"),
    ({"termination": "passthrough"}, "nobody", "1 2"),
    ({"termination": "passthrough", "insecureEdgeTerminationPolicy": "Redirect"}, "redirect", "1 2"),
    ({"termination": "passthrough", "insecureEdgeTerminationPolicy": "Allow"}, "nobody", "1 2"),
]


@pytest.mark.parametrize(("tls", "plain", "secure"), ROUTES)
def test_routes_by_termination_and_policy(tls: Thing | None, plain: str, secure: str) -> None:
    found = told(route("r", "foo.com", "", ("one", 100), ("two", 50), tls=tls))
    assert [found.got("http://foo.com/"), found.got("https://foo.com/")] == [plain, secure]
    shares = {share.service: share.weight for one in found.found for share in one.ours.shares}
    assert shares == {"default/one": 100, "default/two": 50}
    assert found.about("https://foo.com/").ours.certificates == (
        {own_certificate(pem("route"))} if tls and "certificate" in tls else set()
    )


def test_a_weight_of_nothing_gets_nothing_and_who_has_no_servers_may_fail() -> None:
    assert told(route("r", "foo.com", "", ("one", 1), ("two", 0))).got("http://foo.com/") == "1"
    assert told(route("r", "foo.com", "", ("one", 0))).got("http://foo.com/") == "404 503"
    assert told(route("r", "foo.com", "", ("one", 1), ("none", 1))).got("http://foo.com/") == "1 503"


def test_a_host_is_passed_through_or_not_as_its_oldest_route_says() -> None:
    passed, plain = (
        route("p", "foo.com", "", ("one", 1), tls={"termination": "passthrough"}),
        route("q", "foo.com", "/q", ("two", 1)),
    )
    plain["metadata"]["creationTimestamp"] = "2026-02-01T00:00:00Z"
    found = told(passed, plain)
    assert [found.got("https://foo.com/"), found.got("http://foo.com/q")] == ["1", "nobody"]
    assert found.about("https://foo.com/").theirs is None


def test_where_routes_are_ingresses_are_not_looked_at() -> None:
    found = told(ingress("a", ("bar.com", "/", "one")), route("r", "foo.com", "", ("one", 1)))
    assert found.got("http://bar.com/") == "nobody"
    assert found.got("http://foo.com/") == "1"


def test_a_rule_without_host_has_a_name_and_a_wildcard_all_names_but_the_exact_ones() -> None:
    found = told(ingress("a", ("", "/", "one"), ("*.foo.com", "/", "one"), ("own.foo.com", "/", "two")))
    assert found.got("http://a.default.com/") == "1"
    assert found.got("http://any-name.foo.com/") == "1"
    assert found.got("http://own.foo.com/") == "2"


def test_an_unknown_name_is_asked_at_the_address_of_each_host() -> None:
    found = told(ingress("a", ("foo.com", "/foo", "one"), secret="cert")).found
    strangers = [one for one in found if "nobody-has-this-name" in f"{one.asked.headers}{one.asked.sni}"]
    assert {one.asked.to for one in strangers} == {"foo.com"}
    assert {one.asked.scheme for one in strangers} == {"http", "https"}
    assert all(one.must_be_unserved for one in strangers)


def test_rules_with_a_server_in_common_cannot_be_told_apart() -> None:
    shared = service("same", "10.1.0.1")
    found = told(ingress("a", ("foo.com", "/a", "one"), ("foo.com", "/b", "same"), ("foo.com", "/c", "two")), *shared)
    assert found.about("http://foo.com/a").ambiguous_with == ("Ingress default/a: foo.com/b prefix",)
    assert found.about("http://foo.com/c").ambiguous_with == ()


def moved(location: str) -> Answer:
    return Answer(status=302, headers={"location": (location,)})


@pytest.mark.parametrize(
    ("answer", "url", "is_right"),
    [
        (Answer(status=200, server="10.1.0.1:8080"), "https://foo.com/foo", True),
        (Answer(status=200, server="10.1.0.1:8080", certificate=pem("first")), "https://foo.com/foo", True),
        (Answer(status=200, server="10.1.0.1:8080", certificate=pem("second")), "https://foo.com/foo", False),
        (Answer(status=200, server="10.1.0.2:8080"), "https://foo.com/foo", False),
        (Answer(status=503), "https://foo.com/foo", False),
        (Answer(status=404), "https://foo.com/foo", False),
        (Answer(closed=True), "https://foo.com/foo", False),
        (Answer(unknown_host=True), "https://foo.com/foo", False),
        (Answer(status=404), "https://foo.com/nothing-here", True),
        (Answer(status=200, server="10.1.0.1:8080"), "https://foo.com/nothing-here", False),
        (moved("https://foo.com/foo"), "http://foo.com/foo", True),
        (moved("https://foo.com:443/foo"), "http://foo.com/foo", True),
        (moved("https://foo.com/other"), "http://foo.com/foo", False),
        (moved("http://foo.com/foo"), "http://foo.com/foo", False),
        (Answer(status=200, server="10.1.0.1:8080"), "http://foo.com/foo", False),
    ],
)
def test_an_answer_is_judged(answer: Answer, url: str, is_right: bool) -> None:
    expected = told(ingress("a", ("foo.com", "/foo", "one"), secret="cert")).about(url).ours
    assert (not list(expected.faults(answer))) == is_right


def test_a_difference_without_a_row_is_marked() -> None:
    last = ingress("a", ("foo.com", "/foo", "one"))
    last["spec"]["defaultBackend"] = {"service": {"name": "two", "port": {"number": 8080}}}
    found = told(last).about("http://foo.com/nothing-here")
    assert [short(found.ours), short(found.theirs or Expected()), found.decision] == ["2", "404", NO_ROW]
