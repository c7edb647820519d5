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
        protocol_parser_refs=[parser] if parsers else [],
    )
    own = {"pool_ref": stock.pool("own")} if own_pool else {}
    stock.put("virtualservice", "vs", vs_datascripts=[{"index": 1, "vs_datascript_set_ref": holder}], **own)
    return stock


def run(*scripts: str, asked: Asked | None = None, own_pool: bool = False) -> Decided:
    stock = stocked(*scripts, own_pool=own_pool)
    return decide(stock.objects, stock.get("virtualservice", "vs"), asked or get("/"))


ASKED = get(
    "/a/b%20c/?q=1",
    ("Host", "www.a.com:8080"),
    ("X-A", "1"),
    ("x-a", "ü"),
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
        ("avi.http.get_method()", "PUT"),
        ("avi.http.get_path()", "/a/b%20c/"),
        ("avi.http.get_uri()", "/a/b%20c/?q=1"),
        ("avi.http.get_query()", "q=1"),
        ("avi.http.protocol()", "https"),
        ("avi.http.secure()", "true"),
        ("avi.http.get_header('x-A')", "1"),
        ("avi.http.get_header('none')", None),
        ("avi.vs.port()", "8080"),
        ("avi.vs.ip()", "10.0.0.1"),
        ("avi.vs.client_ip()", "203.0.113.7"),
        ("string.lower('ABC') .. '→'", "abc→"),
        ("io", None),
        ("os", None),
        ("debug", None),
        ("python", None),
        ("loadfile", None),
        ("host", None),
    ],
)
def test_what_scripts_are_told(expression: str, value: str | None) -> None:
    found = run(f"local found = {expression}\navi.vs.log(found == nil and 'nothing' or tostring(found))", asked=ASKED)
    assert found.by == ("nothing" if value is None else value,)


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
        ("avi.http.redirect_to_https()", Respond(302, (("Location", "https://www.a.com/a/b%20c/?q=1"),))),
        ("avi.http.response(403)", Respond(403)),
        ("avi.http.response(200, {['X-A'] = 5}, 'ü')", Respond(200, (("X-A", "5"),), "ü".encode())),
        ("avi.http.close_conn()", Close("a script")),
        ("avi.vs.close_conn()", Close("a script")),
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
    ("script", "told"),
    [
        ("this is not Lua", "="),
        ("local a = nil; a.b = 1", "nil value"),
        ("avi.poolgroup.select('stranger')", "set refers to nothing named stranger in pool_group_refs"),
        ("avi.pool.select('own')", "pool_refs"),
        ("avi.http.redirect('/', 1/0)", "infinity"),
        ("avi.http.get_header(5)", "lower"),
        ("avi.http.nothing()", "nil value"),
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
