"""DataScripts: each function of `avi`, and scripts that are wrong."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from ako.sim.data_plane import client_hello
from ako.sim.data_plane.asked import Asked, Came
from ako.sim.data_plane.deciding import decide, decide_l4
from ako.sim.data_plane.outcomes import Balance, Close, Decided, Respond
from tests.sim.data_plane.stock import CAME, Stock, get

HTTP, L4 = "VS_DATASCRIPT_EVT_HTTP_REQ", "VS_DATASCRIPT_EVT_L4_REQUEST"


def stocked(*scripts: str, event: str = HTTP, parsers: bool = True, own_pool: bool = False) -> Stock:
    stock = Stock()
    groups = [stock.put("poolgroup", name, members=[]) for name in ("group", "grüppe")]
    parser = stock.put("protocolparser", "Default-TLS")
    stock.put("poolgroup", "stranger", members=[])
    holder = stock.put(
        "vsdatascriptset",
        "set",
        datascript=[{"evt": event, "script": script} for script in scripts],
        pool_group_refs=groups,
        pool_refs=[stock.pool("pool")],
        string_group_refs=[stock.put("stringgroup", "texts", kv=[{"key": "/Ab", "value": "2"}, {"key": "/a"}])],
        ipgroup_refs=[stock.put("ipaddrgroup", "net", prefixes=[{"ip_addr": {"addr": "203.0.113.0"}, "mask": 24}])],
        protocol_parser_refs=[parser] if parsers else [],
    )
    own = {"pool_ref": stock.pool("own")} if own_pool else {}
    stock.put("virtualservice", "vs", vs_datascripts=[{"index": 1, "vs_datascript_set_ref": holder}], **own)
    return stock


def run(*scripts: str, asked: Asked | None = None, own_pool: bool = False) -> Decided:
    stock = stocked(*scripts, own_pool=own_pool)
    return decide(stock.objects, stock.get("virtualservice", "vs"), asked or get("/"))


ASKED = get(
    "/a/b%20c/?q=1&r=%25&s&q=2%2F",
    ("Host", "www.a.com:8080"),
    ("X-A", "1"),
    ("x-a", "ü"),
    ("Cookie", "b=1; c=v"),
    came=Came("203.0.113.7", "10.0.0.1", 8080, is_tls=True),
    method="PUT",
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("avi.http.get_host_tokens(1)", "www.a.com:8080"),
        ("avi.http.get_host_tokens(2, 2)", "a"),
        ("avi.http.get_host_tokens(9)", None),
        ("avi.http.get_path_tokens(1)", "a/b%20c/"),
        ("avi.http.get_path_tokens(2, 2)", "b%20c"),
        ("avi.http.get_path_tokens(7)", None),
        ("avi.http.hostname()", "www.a.com"),
        ("avi.http.host()", "www.a.com:8080"),
        ("avi.http.method()", "PUT"),
        ("avi.http.get_host_tokens('ORIGINAL', 1, 2)", "www.a"),
        ("table.concat(avi.http.get_host_tokens(), '|')", "www|a|com:8080"),
        ("table.concat(avi.http.get_path_tokens(), '|')", "a|b%20c|"),
        ("avi.http.get_path()", "/a/b c/"),
        ("avi.http.get_path(true)", "/a/b c/"),
        ("avi.http.get_path(false)", "/a/b%20c/"),
        ("avi.http.get_uri()", "/a/b c/?q=1&r=%&s&q=2/"),
        ("avi.http.get_uri(false)", "/a/b%20c/?q=1&r=%25&s&q=2%2F"),
        ("avi.http.get_query()", "q=1&r=%25&s&q=2%2F"),
        ("avi.http.get_query('r')", "%25"),
        ("avi.http.get_query('r', true)", "%"),
        ("avi.http.get_query('s')", "true"),
        ("avi.http.get_query('q')", "1"),
        ("avi.http.get_query('none')", None),
        ("table.concat(avi.http.get_query(avi.QUERY_TABLE).q, '|')", "1|2/"),
        ("avi.http.get_query(avi.QUERY_TABLE).s", "true"),
        ("avi.http.protocol()", "https"),
        ("avi.http.scheme()", "https://"),
        ("avi.http.secure()", "on"),
        ("avi.http.get_header('x-A')", "1"),
        ("avi.http.get_header('x_a', avi.HTTP_REQUEST)", "1"),
        ("avi.http.get_header()['Host']", "www.a.com:8080"),
        ("avi.http.get_header(avi.HTTP_REQUEST)['X-A']", "1"),
        ("avi.http.get_header('none')", None),
        ("avi.http.get_cookie('c')", "v"),
        ("avi.http.get_cookie('d')", None),
        ("avi.http.cookie_exists('c')", "true"),
        ("avi.http.cookie_exists('d')", "false"),
        ("avi.vs.name()", "vs"),
        ("avi.vs.reqvar.x", None),
        ("string.contains('a.b', '.')", "true"),
        ("('ab'):contains('.')", "false"),
        ("string.beginswith('/ab', '/a')", "true"),
        ("string.beginswith('b/a', '/a')", "false"),
        ("string.endswith('a.php', '.php')", "true"),
        ("string.endswith('php.', '.php')", "false"),
        ("string.endswith('a', '')", "true"),
        ("avi.vs.port()", "8080"),
        ("avi.vs.ip()", "10.0.0.1"),
        ("avi.vs.client_ip()", "203.0.113.7"),
        ("string.lower('ABC') .. '→'", "abc→"),
        ("io", None),
        ("os", None),
        ("debug", None),
        ("python", None),
        ("loadfile", None),
        ("find", None),
        ("parser", None),
    ],
)
def test_what_scripts_are_told(expression: str, value: str | None) -> None:
    found = run(f"local found = {expression}\navi.vs.log(found == nil and 'nothing' or tostring(found))", asked=ASKED)
    assert found.by == ("nothing" if value is None else value,)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("stringgroup.equals('texts', '/aB')", "2 true"),
        ("stringgroup.equals('texts', '/abc')", "nil false"),
        ("stringgroup.equals_CASE('texts', '/aB')", "nil false"),
        ("stringgroup.beginswith('texts', '/abc')", "nil true"),
        ("stringgroup.beginswith_CASE('texts', '/Abc')", "2 true"),
        ("stringgroup.endswith('texts', 'x/ab')", "2 true"),
        ("stringgroup.contains('texts', 'x/abx')", "nil true"),
        ("ipgroup.contains('net', avi.vs.client_ip())", "true nil"),
        ("ipgroup.contains('net', '203.0.114.7')", "false nil"),
    ],
)
def test_groups_that_scripts_look_into(call: str, told: str) -> None:
    assert run(f"local a, b = avi.{call}\navi.vs.log(tostring(a), tostring(b))").by == (told,)


def test_what_plain_requests_without_a_host_tell() -> None:
    script = "for _, name in ipairs({'hostname', 'host', 'secure'}) do avi.vs.log(tostring(avi.http[name]())) end"
    assert run(script, asked=get("/", ("X", "1"))).by == ("nil", "nil", "nil")
    assert run("avi.vs.log(#avi.http.get_path_tokens(), avi.http.scheme())").by == ("0 http://",)


def test_groups_and_pools_are_selected_by_name() -> None:
    found = run("avi.poolgroup.select('grüppe', 'a.com/' .. avi.http.get_header('x-b'))", asked=get("/", ("x-b", "ü")))
    assert isinstance(found.outcome, Balance)
    assert (found.outcome.target.name, found.outcome.label) == ("grüppe", "a.com/ü")
    found = run("avi.pool.select('pool')")
    assert isinstance(found.outcome, Balance)
    assert (found.outcome.target.name, found.outcome.label) == ("pool", None)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ("avi.http.redirect('https://ü.com/')", Respond(302, (("Location", "https://ü.com/"),))),
        ("avi.http.redirect('/x', 301)", Respond(301, (("Location", "/x"),))),
        ("avi.http.redirect('/x', avi.HTTP_TEMPORARY_REDIRECT)", Respond(307, (("Location", "/x"),))),
        ("avi.http.redirect('/x', nil)", Respond(302, (("Location", "/x"),))),
        ("avi.http.response(403)", Respond(403)),
        ("avi.http.response(403, nil, nil)", Respond(403)),
        (
            "avi.http.response(200, {['X-A'] = 5}, 'ü')",
            Respond(200, (("X-A", "5"), ("Content-Type", "text/plain")), "ü".encode()),
        ),
        (
            "avi.http.response(200, {content_type = 'text/html'}, 7)",
            Respond(200, (("content-type", "text/html"),), b"7"),
        ),
        ("avi.http.close_conn()", Close("a script")),
        ("avi.vs.close_conn()", Close("a script")),
        ("avi.http.response(403) avi.http.redirect('/x')", Respond(302, (("Location", "/x"),))),
        ("avi.http.redirect('/x') avi.pool.select('pool')", Respond(302, (("Location", "/x"),))),
    ],
)
def test_scripts_answer(script: str, outcome: Any) -> None:
    assert run(script, asked=ASKED).outcome == outcome
    assert run(script, "avi.pool.select('pool')", asked=ASKED).outcome == outcome


def test_scripts_edit_headers_for_what_comes_after_them() -> None:
    script = """
        avi.http.add_header("X-A", 2)
        avi.http.replace_header("x-b", "new")
        avi.http.remove_header("X-C")
        avi.vs.log(avi.http.get_header("x-b"))
    """
    found = run(script, asked=get("/", ("x-a", "1"), ("X-B", "old"), ("x-c", "3")), own_pool=True)
    assert [found.asked.all_of(name) for name in ("x-a", "x-b", "x-c")] == [["1", "2"], ["new"], []]
    assert found.by == ("new",)
    assert isinstance(found.outcome, Balance)
    assert found.outcome.target.name == "own"


@pytest.mark.parametrize(
    ("script", "target"),
    [
        ("avi.http.set_path('/x')", "/x?q=1"),
        ("avi.http.set_query('r=2')", "/a?r=2"),
        ("avi.http.set_query(7)", "/a?7"),
        ("avi.http.set_query({r = 'a b'})", "/a?r=a+b"),
        ("avi.http.set_uri('/y?z=1')", "/y?z=1"),
        ("avi.http.set_uri('/y')", "/y"),
    ],
)
def test_scripts_rewrite_for_what_comes_after_them(script: str, target: str) -> None:
    assert run(script, asked=get("/a?q=1"), own_pool=True).asked.target == target
    found = run(script, "avi.vs.log(avi.http.get_uri(false))", asked=get("/a?q=1"))
    assert found.by == (target,)


def test_a_rewritten_host_is_read_where_it_is_asked_for() -> None:
    script = "avi.http.replace_header('Host', 'b.org') avi.vs.log(avi.http.get_host_tokens({}1))"
    assert run(script.format("")).by == run(script.format("'ORIGINAL', ")).by == ("a.com",)
    assert run(script.format("'MODIFIED', ")).by == ("b.org",)


def test_variables_of_a_request_are_there_for_the_scripts_after_it() -> None:
    stock = stocked("avi.vs.reqvar.n = (avi.vs.reqvar.n or 0) + 1", "avi.vs.log(avi.vs.reqvar.n)")
    for _ in range(2):
        assert decide(stock.objects, stock.get("virtualservice", "vs"), get("/")).by == ("1",)


@pytest.mark.parametrize(
    ("script", "named"),
    [("avi.pool.select('pool', '10.0.0.1', 80)", "one server"), ("avi.vs.reqvar.t = {}", "reqvar.t")],
)
def test_what_scripts_want_that_is_not_known(script: str, named: str) -> None:
    found = run(script, own_pool=True)
    assert isinstance(found.outcome, Respond)
    assert (found.outcome.status, named in found.by[0]) == (501, True)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("this is not Lua", "="),
        ("local a = nil; a.b = 1", "nil value"),
        ("avi.poolgroup.select('stranger')", "set refers to nothing named stranger in pool_group_refs"),
        ("avi.pool.select('own')", "pool_refs"),
        ("avi.stringgroup.equals('net', 'x')", "nothing named net in string_group_refs"),
        ("avi.ipgroup.contains('net', 'x')", "'x'"),
        ("avi.http.redirect('/', 1/0)", "infinity"),
        ("avi.http.get_header(5)", "context"),
        ("avi.http.get_header('host', avi.HTTP_RESPONSE)", "context"),
        ("avi.http.nothing()", "there is no avi.http.nothing"),
        ("if avi.http.nothing then end", "there is no avi.http.nothing"),
        ("avi.ssl.cipher()", "there is no avi.ssl"),
        ("avi.http.get_path_tokens('x')", "x"),
        ("while true do end", "too long"),
        ("while true do pcall(function() while true do end end) end", "too long"),
        ("local t = {} while true do t[#t + 1] = string.rep('x', 100000) .. #t end", ""),
        ("error({})", ""),
        ("require('Nothing')", "Nothing"),
        ("avi.l4.collect(5)", ""),
    ],
)
def test_scripts_that_fail(script: str, told: str) -> None:
    found = run(script, own_pool=True)
    assert found.outcome == Respond(500)
    assert "script failed" in found.by[0]
    assert told in found.by[0]


def test_nothing_is_left_over_from_one_request_to_the_next() -> None:
    stock = stocked("count = (count or 0) + 1; avi.vs.log(count)")
    for _ in range(3):
        assert decide(stock.objects, stock.get("virtualservice", "vs"), get("/")).by == ("1",)


# ---- layer 4 ---------------------------------------------------------------------------------------------------------

BY_NAME = """
local parser = require("Default-TLS")
local begin, size = avi.l4.read(), 0
while true do
  local found = avi.l4.collect(size + 5)
  begin = avi.l4.read()
  if found < size + 5 or not parser.sanity_check(begin) then avi.vs.close_conn() return end
  size = parser.get_req_buffer_size(begin) - 5
  if found >= size + 5 then break end
end
local name = parser.get_sni(parser.parse_record(begin))
avi.vs.log(name)
avi.poolgroup.select("group")
avi.l4.ds_done()
avi.vs.log("not reached in the next script")
"""


def hello(name: str | None) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


def l4(stock: Stock, sent: bytes, step: int = 1) -> tuple[Any, tuple[str, ...], int]:
    """Give what became of a connection whose bytes come in steps, and how many bytes were read."""
    steps = decide_l4(stock.objects, stock.get("virtualservice", "vs"), CAME, "TCP")
    read = 0
    try:
        wanted = next(steps)
        while True:
            while read < wanted and read < len(sent):
                read += step
            wanted = steps.send((sent[:read], min(read, len(sent))))
    except StopIteration as end:
        return *end.value, read


@pytest.mark.parametrize("step", [1, 7, 4096])
def test_a_script_reads_the_name_of_a_client_hello_in_pieces(step: int) -> None:
    outcome, logged, _ = l4(stocked(BY_NAME, event=L4), hello("www.a.com"), step)
    assert isinstance(outcome, Balance)
    assert outcome.target.name == "group"
    assert logged[0] == "www.a.com"


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\n\r\n", b"", b"\x16\x03", hello("a.com")[:60], b"\xff" * 300],
    ids=["http", "nothing", "short", "half", "other"],
)
def test_what_is_no_client_hello_is_closed(sent: bytes) -> None:
    outcome, _, _ = l4(stocked(BY_NAME, event=L4), sent)
    assert outcome == Close("a script")


def test_the_parser_is_there_only_for_sets_that_refer_to_it() -> None:
    outcome, _, _ = l4(stocked(BY_NAME, event=L4, parsers=False), hello("a.com"))
    assert isinstance(outcome, Close)
    assert "Default-TLS" in outcome.why


@pytest.mark.parametrize(
    ("script", "sent", "logged"),
    [
        ("avi.l4.collect(4) avi.vs.log(#avi.l4.read(), string.byte(avi.l4.read(2), 2))", b"\x00\xff\x80\x01", "4 255"),
        ("avi.vs.log(avi.l4.collect(9))", b"abc", "3"),
        ("avi.vs.log(#avi.l4.read())", b"abc", "0"),
    ],
)
def test_bytes_are_bytes(script: str, sent: bytes, logged: str) -> None:
    assert l4(stocked(script, event=L4), sent)[1] == (logged,)


@pytest.mark.parametrize(
    "script", ["avi.l4.collect()", "avi.l4.collect('x')", "while true do avi.l4.collect(1) end", "no Lua"]
)
def test_scripts_for_connections_that_fail(script: str) -> None:
    outcome, _, _ = l4(stocked(script, event=L4, own_pool=True), b"abc")
    assert isinstance(outcome, Close)
    assert "script failed" in outcome.why


@pytest.mark.parametrize("name", ["a.com", "a" * 63 + ".com", "xn--4ca.com"])
def test_names_of_client_hellos(name: str) -> None:
    sent = hello(name)
    assert client_hello.is_client_hello(sent)
    assert client_hello.record_size(sent) == len(sent)
    assert client_hello.server_name(sent) == name


@pytest.mark.parametrize(
    "sent",
    [hello(None), b"", b"GET / HTTP/1.1\r\n\r\n", hello("a.com")[:-1], b"\x16\x03\x01\x00\x04abcd"],
    ids=["no name", "nothing", "http", "one short", "other"],
)
def test_client_hellos_without_a_name(sent: bytes) -> None:
    assert client_hello.server_name(sent) is None


@pytest.mark.parametrize(
    ("begin", "size", "fits"),
    [
        (b"", 0, False),
        (b"\x16\x03\x01\x02", 0, False),
        (b"\x16\x03\x01\x02\x00", 517, True),
        (b"\x17\x03\x03\x00\x01", 6, False),
    ],
)
def test_fragments(begin: bytes, size: int, fits: bool) -> None:
    assert (client_hello.record_size(begin), client_hello.is_client_hello(begin)) == (size, fits)
