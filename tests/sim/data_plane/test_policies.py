"""What policy sets make of requests and responses."""

from __future__ import annotations

from typing import Any

import pytest

from ako.sim.data_plane.asked import Asked, Came
from ako.sim.data_plane.deciding import decide
from ako.sim.data_plane.outcomes import Balance, Close, Decided, Respond
from ako.sim.data_plane.policies import judge_response
from tests.sim.data_plane.stock import Stock, get

Rule = dict[str, Any]


def path(text: str, criterion: str = "BEGINS_WITH") -> Rule:
    return {"path": {"match_criteria": criterion, "match_str": [text]}}


def to_pool(reference: str) -> Rule:
    return {"switching_action": {"action": "HTTP_SWITCHING_SELECT_POOL", "pool_ref": reference}}


def header(action: str, name: str, value: str = "", **more: Any) -> Rule:
    return {"action": f"HTTP_{action}_HDR", "hdr": {"name": name, "value": {"val": value, **more}}}


def token(kind: str, text: str = "", first: int = 0, last: int = 65535) -> Rule:
    if kind == "STRING":
        return {"type": "URI_TOKEN_TYPE_STRING", "str_value": text}
    return {"type": f"URI_TOKEN_TYPE_{kind}", "start_index": first, "end_index": last}


def tokens(*some: Rule) -> Rule:
    return {"type": "URI_PARAM_TYPE_TOKENIZED", "tokens": list(some)}


def decided(
    asked: Asked, *rules: Rule, security: tuple[Rule, ...] = (), stock: Stock | None = None, **fields: Any
) -> Decided:
    """Decide at a virtual service with one policy set; rules are numbered from 1 where they say nothing."""
    stock = stock or Stock()

    def numbered(some: tuple[Rule, ...]) -> Rule:
        return {"rules": [{"index": n, "name": f"r{n}", "enable": True, **rule} for n, rule in enumerate(some, 1)]}

    policy = stock.put(
        "httppolicyset", "set", http_request_policy=numbered(rules), http_security_policy=numbered(security)
    )
    stock.put("virtualservice", "vs", http_policies=[{"index": 11, "http_policy_set_ref": policy}], **fields)
    return decide(stock.objects, stock.get("virtualservice", "vs"), asked)


def switched(found: Decided) -> str | None:
    return found.outcome.target.name if isinstance(found.outcome, Balance) else None


def answer(found: Decided) -> tuple[int, dict[str, str]]:
    assert isinstance(found.outcome, Respond), found
    return found.outcome.status, dict(found.outcome.headers)


def test_the_first_rule_by_index_that_matches_chooses() -> None:
    stock = Stock()
    a, b, own = stock.pool("a"), stock.pool("b"), stock.pool("own")
    rules = (
        {"match": path("/"), **to_pool(a), "index": 9},
        {"match": path("/foo"), **to_pool(b), "index": 2},
        {"match": path("/foo"), **to_pool(a), "index": 1, "enable": False},
    )
    for target, name in (("/foo/x", "b"), ("/x", "a")):
        assert switched(decided(get(target), *rules, stock=stock, pool_ref=own)) == name
    found = decided(get("/y"), {"match": path("/z"), **to_pool(a)}, stock=stock, pool_ref=own)
    assert (switched(found), found.by) == ("own", ())


def test_policy_sets_are_asked_in_the_order_of_their_indexes() -> None:
    stock = Stock()

    def policy(name: str) -> str:
        rule = {"index": 1, "name": "r", "enable": True, **to_pool(stock.pool(name))}
        return stock.put("httppolicyset", f"set-{name}", http_request_policy={"rules": [rule]})

    sets = [{"index": 12, "http_policy_set_ref": policy("late")}, {"index": 11, "http_policy_set_ref": policy("early")}]
    stock.put("virtualservice", "vs", http_policies=sets)
    found = decide(stock.objects, stock.get("virtualservice", "vs"), get("/"))
    assert (switched(found), found.by) == ("early", ("set-early/r",))


SECURITY: list[tuple[Rule, Any]] = [
    ({"action": "HTTP_SECURITY_ACTION_CLOSE_CONN"}, Close("a security rule")),
    (
        {"action": "HTTP_SECURITY_ACTION_SEND_RESPONSE", "status_code": "HTTP_LOCAL_RESPONSE_STATUS_CODE_403"},
        Respond(403),
    ),
    (
        {"action": "HTTP_SECURITY_ACTION_REDIRECT_TO_HTTPS", "https_port": 8443},
        Respond(302, (("Location", "https://a.com:8443/foo?q=1"),)),
    ),
    (
        {"action": "HTTP_SECURITY_ACTION_REDIRECT_TO_HTTPS"},
        Respond(302, (("Location", "https://a.com/foo?q=1"),)),
    ),
]


@pytest.mark.parametrize(("action", "outcome"), SECURITY)
def test_security_comes_before_requests(action: Rule, outcome: Any) -> None:
    stock = Stock()
    rules = ({"match": path("/"), **to_pool(stock.pool("a"))},)
    guard = {"match": path("/foo"), "action": action}
    assert decided(get("/foo?q=1"), *rules, security=(guard,), stock=stock).outcome == outcome
    assert switched(decided(get("/fo"), *rules, security=(guard,), stock=stock)) == "a"


def test_allowed_is_allowed() -> None:
    stock = Stock()
    pool = stock.pool("a")
    allow = {"match": path("/health"), "action": {"action": "HTTP_SECURITY_ACTION_ALLOW"}}
    close = {"action": {"action": "HTTP_SECURITY_ACTION_CLOSE_CONN"}}
    assert switched(decided(get("/health"), security=(allow, close), stock=stock, pool_ref=pool)) == "a"
    assert isinstance(decided(get("/other"), security=(allow, close), stock=stock, pool_ref=pool).outcome, Close)


REDIRECTS: list[tuple[Rule, str, int, str]] = [
    ({"protocol": "HTTPS"}, "/a/b?x=1", 302, "https://a.com/a/b?x=1"),
    ({"protocol": "HTTPS", "port": 443, "status_code": "HTTP_REDIRECT_STATUS_CODE_301"}, "/", 301, "https://a.com/"),
    ({"protocol": "HTTPS", "port": 8443}, "/", 302, "https://a.com:8443/"),
    ({"protocol": "HTTP", "port": 80}, "/", 302, "http://a.com/"),
    ({"protocol": "HTTP", "port": 443}, "/", 302, "http://a.com:443/"),
    ({"protocol": "HTTPS", "keep_query": False}, "/?x=1", 302, "https://a.com/"),
    ({"protocol": "HTTPS", "add_string": "y=2"}, "/?x=1", 302, "https://a.com/?x=1&y=2"),
    ({"protocol": "HTTPS", "add_string": "y=2", "keep_query": False}, "/?x=1", 302, "https://a.com/?y=2"),
    (
        {"protocol": "HTTPS", "status_code": "HTTP_REDIRECT_STATUS_CODE_307", "host": tokens(token("STRING", "b.org"))},
        "/p",
        307,
        "https://b.org/p",
    ),
    (
        {"protocol": "HTTPS", "host": tokens(token("STRING", "www"), token("HOST"))},
        "/",
        302,
        "https://www.a.com/",
    ),
    (
        {"protocol": "HTTPS", "path": tokens(token("STRING", "/new"), token("PATH", first=1, last=1))},
        "/a/b/c",
        302,
        "https://a.com/new/b",
    ),
    ({"protocol": "HTTPS", "path": tokens(token("PATH", first=7))}, "/a", 302, "https://a.com/"),
]


@pytest.mark.parametrize(("action", "target", "status", "location"), REDIRECTS)
def test_redirects(action: Rule, target: str, status: int, location: str) -> None:
    found = decided(get(target, ("Host", "a.com:80")), {"redirect_action": action})
    assert answer(found) == (status, {"Location": location})


def test_a_redirect_changes_no_header_and_ends_the_rules() -> None:
    rule = {"redirect_action": {"protocol": "HTTPS"}, "hdr_action": [header("ADD", "X", "1")]}
    found = decided(get("/"), rule, {"redirect_action": {"protocol": "HTTP"}})
    assert (answer(found)[1]["Location"], found.asked.header("x"), found.by) == ("https://a.com/", "", ("set/r1",))


def test_headers_and_rewrites_go_on_to_the_rules_after_them() -> None:
    stock = Stock()
    rewrite = {
        "path": tokens(token("STRING", "/v2"), token("PATH")),
        "query": {"keep_query": True, "add_string": "k=v"},
        "host_hdr": tokens(token("STRING", "internal"), token("HOST", first=1)),
    }
    first = {
        "match": path("/shop"),
        "hdr_action": [
            header("ADD", "X-A", "2"),
            header("REPLACE", "x-b", "new"),
            header("REPLACE", "X-New", "n"),
            header("REMOVE", "X-C"),
            header("ADD", "X-Client", var="HTTP_POLICY_VAR_CLIENT_IP"),
            header("ADD", "X-Copy", "x-a", var="HTTP_POLICY_VAR_HTTP_HDR"),
        ],
        "rewrite_url_action": rewrite,
    }
    second = {"match": path("/v2"), **to_pool(stock.pool("a"))}
    asked = get("/shop/1?q=1", ("Host", "www.a.com"), ("x-a", "1"), ("X-B", "old"), ("x-b", "older"), ("x-c", "3"))
    found = decided(asked, first, second, stock=stock)
    assert (switched(found), found.by, found.asked.target) == ("a", ("set/r1", "set/r2"), "/v2/shop/1?q=1&k=v")
    assert found.asked.header("host") == "internal.a.com"
    names = ("x-a", "x-b", "x-new", "x-c", "x-client", "x-copy")
    values = [found.asked.all_of(name) for name in names]
    assert values == [["1", "2"], ["new"], ["n"], [], ["203.0.113.7"], ["1"]]


LOCAL: list[tuple[Rule, int, bytes]] = [
    ({"status_code": "HTTP_LOCAL_RESPONSE_STATUS_CODE_404"}, 404, b""),
    ({"other_status_code": 418}, 418, b""),
    ({"file": {"content_type": "text/plain", "file_content": "ü"}}, 200, "ü".encode()),
]


@pytest.mark.parametrize(("action", "status", "body"), LOCAL)
def test_local_answers(action: Rule, status: int, body: bytes) -> None:
    found = decided(get("/"), {"switching_action": {"action": "HTTP_SWITCHING_SELECT_LOCAL", **action}})
    assert isinstance(found.outcome, Respond)
    assert (found.outcome.status, found.outcome.body) == (status, body)


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"match": {"bot_detection_result": {}}, "redirect_action": {"protocol": "HTTP"}}, "bot_detection_result"),
        ({"redirect_action": {"protocol": "HTTP", "path": tokens({"type": "URI_TOKEN_TYPE_REGEX"})}}, "REGEX"),
        ({"hdr_action": [{"action": "HTTP_ADD_HDR", "cookie": {"name": "c"}}]}, "cookie"),
        ({"hdr_action": [{"action": "HTTP_ADD_HDR"}]}, "without a header"),
        ({"hdr_action": [header("ADD", "X", var="HTTP_POLICY_VAR_USER_NAME")]}, "USER_NAME"),
        ({"switching_action": {"action": "HTTP_SWITCHING_SELECT_POOL", "server": {"port": 80}}}, "one server"),
    ],
)
def test_what_is_not_known_is_answered_and_named(rule: Rule, named: str) -> None:
    found = decided(get("/"), rule)
    assert isinstance(found.outcome, Respond)
    assert (found.outcome.status, named in found.outcome.body.decode(), named in found.by[0]) == (501, True, True)


def test_an_unknown_security_action_is_not_let_pass() -> None:
    rule = {"action": {"action": "HTTP_SECURITY_ACTION_RATE_LIMIT"}}
    assert answer(decided(get("/"), security=(rule,), pool_ref=Stock().pool("a")))[0] == 501


def test_nothing_selected() -> None:
    assert answer(decided(get("/")))[0] == 404


def test_response_rules_edit_headers() -> None:
    stock = Stock()
    rules = [
        {
            "index": 1,
            "name": "r",
            "enable": True,
            "match": {"status": {"match_criteria": "IS_IN", "status_codes": [200]}},
            "hdr_action": [header("REMOVE", "server"), header("ADD", "X-Port", var="HTTP_POLICY_VAR_VS_PORT")],
        }
    ]
    policy = stock.put("httppolicyset", "set", http_response_policy={"rules": rules})
    stock.put("virtualservice", "vs", http_policies=[{"index": 1, "http_policy_set_ref": policy}])
    service, headers = stock.get("virtualservice", "vs"), [("Server", "x"), ("A", "1")]
    asked = get("/", came=Came("1.1.1.1", "10.0.0.1", 8080))
    assert judge_response(stock.objects, service, asked, 200, headers) == [("A", "1"), ("X-Port", "8080")]
    assert judge_response(stock.objects, service, asked, 404, headers) == headers
