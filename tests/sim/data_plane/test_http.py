"""HTTP through real sockets: messages of all forms, and servers that do not keep to it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import socket
from typing import Any

import pytest

from tests.sim.data_plane.world import NET, Connection, World, asked, echo

SERVER = "10.1.1.1:8080"


@pytest.fixture
def served(world: World) -> World:
    """Give a world with a virtual service, one pool and one server that tells what came."""
    world.service(pool_ref=world.pool("p", SERVER))
    world.start(echo(SERVER), SERVER)
    return world


def talking(world: World, answer: bytes, *, reads: bool = True) -> World:
    """Let a server answer just that, and close."""

    def talk(connection: socket.socket) -> None:
        if reads:
            Connection(connection).until(b"\r\n\r\n")
        connection.sendall(answer)

    world.service(pool_ref=world.pool("p", SERVER))
    world.start(talk, SERVER)
    return world


def test_requests_on_one_connection_one_after_the_other_and_at_once(served: World) -> None:
    with served.connect() as connection:
        for path in ("/a", "/b?x=1"):
            assert asked(connection, path).told["path"] == path
        connection.send("".join(f"GET /{n} HTTP/1.1\r\nHost: a.com\r\n\r\n" for n in range(5)))
        assert [connection.answer().told["path"] for _ in range(5)] == [f"/{n}" for n in range(5)]


def test_bodies_of_known_and_unknown_length_reach_the_server(served: World) -> None:
    with served.connect() as connection:
        connection.send("POST /x HTTP/1.1\r\nHost: a.com\r\nContent-Length: 3\r\n\r\nabc")
        assert connection.answer().told["size"] == 3
        connection.send("PUT /x HTTP/1.1\r\nHost: a.com\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(3):
            connection.send("4\r\nabcd\r\n")
        connection.send("0\r\n\r\n")
        told = connection.answer().told
        assert (told["size"], dict(told["headers"])["content-length"]) == (12, "12")
        assert "transfer-encoding" not in dict(told["headers"])
        connection.send("POST /x HTTP/1.1\r\nHost: a.com\r\nContent-Length: 0\r\n\r\n")
        assert dict(connection.answer().told["headers"])["content-length"] == "0"
        assert "content-length" not in dict(asked(connection, "/x").told["headers"])


@pytest.mark.parametrize("size", [1 << 20, 8 << 20])
def test_large_bodies_both_ways_by_a_server_that_answers_while_it_reads(world: World, size: int) -> None:
    sent = os.urandom(1 << 16) * (size >> 16)

    def talk(connection: socket.socket) -> None:
        heard = Connection(connection)
        heard.until(b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        left = size
        while left:
            part = heard.exactly(min(left, 50_000))
            left -= len(part)
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        connection.sendall(b"0\r\n\r\n")

    world.service(pool_ref=world.pool("p", SERVER))
    world.start(talk, SERVER)
    with world.connect() as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: a.com\r\nContent-Length: {size}\r\n\r\n")
        connection.send(sent)
        assert hashlib.sha256(connection.answer().body).digest() == hashlib.sha256(sent).digest()


def test_a_body_that_is_too_long(served: World) -> None:
    with served.connect() as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a.com\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"%x\r\n%s\r\n" % (1 << 22, bytes(1 << 22))
        with contextlib.suppress(OSError):  # closed while it was still sent: the 413 may be lost then
            for _ in range(20):
                connection.send(chunk)
            assert connection.answer().status == 413
    assert served.traffic() == []
    assert served.ask().status == 200


def test_head(served: World) -> None:
    with served.connect() as connection:
        answer = asked(connection, method="HEAD")
        assert answer.status == 200
        assert int(answer.headers["content-length"]) > 0
        assert asked(connection, "/after").told["path"] == "/after"


def test_head_where_the_load_balancer_answers_itself(world: World) -> None:
    local = {"action": "HTTP_SWITCHING_SELECT_LOCAL", "file": {"content_type": "text/plain", "file_content": "hi"}}
    world.service(http_policies=world.rules("set", {"switching_action": local}))
    with world.connect() as connection:
        assert asked(connection, method="HEAD").headers["content-length"] == "2"
        assert asked(connection).body == b"hi"


def test_expect_continue(served: World) -> None:
    with served.connect() as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a.com\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert connection.answer().status == 100
        connection.send("ab")
        told = connection.answer().told
        assert told["size"] == 2
        assert "expect" not in dict(told["headers"])


@pytest.mark.parametrize(
    ("lines", "host"), [("", None), ("Host: b.com\r\n", "b.com"), ("Connection: keep-alive\r\n", None)]
)
def test_http_1_0(served: World, lines: str, host: str | None) -> None:
    with served.connect() as connection:
        connection.send(f"GET /x HTTP/1.0\r\n{lines}\r\n")
        answer = connection.answer()
        assert dict(answer.told["headers"])["host"] == (host or f"{NET}.1")
        if "keep-alive" not in lines:
            assert connection.rest() == b""


def test_an_answer_that_ends_with_its_connection(world: World) -> None:
    talking(world, b"HTTP/1.0 200 OK\r\n\r\nall of it")
    with world.connect() as connection:
        assert asked(connection).body == b"all of it"
        assert asked(connection).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
        b"GET /\xc3\xbc HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x00\x05hello\r\n\r\n",
    ],
    ids=["nonsense", "no host", "two hosts", "space", "bytes", "two targets", "length", "chunk", "tls"],
)
def test_what_is_no_request(served: World, sent: bytes) -> None:
    with served.connect() as connection:
        connection.send(sent)
        assert connection.answer().status == 400
        assert connection.rest() == b""
    assert served.ask().status == 200


def test_headers_that_never_end(served: World) -> None:
    with served.connect() as connection:
        connection.send(b"GET / HTTP/1.1\r\nX: " + b"a" * 30_000)
        assert connection.answer().status == 431


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"])
def test_clients_that_leave_early(served: World, sent: bytes) -> None:
    with served.connect() as connection:
        connection.send(sent)
    assert served.ask().status == 200
    assert len(served.traffic()) == 1


def test_a_client_that_only_stops_sending_gets_its_answer(served: World) -> None:
    with served.connect() as connection:
        connection.send("GET /x HTTP/1.1\r\nHost: a.com\r\n\r\n")
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.answer().told["path"] == "/x"
        assert connection.rest() == b""


def test_other_forms_of_the_request_line(served: World) -> None:
    with served.connect() as connection:
        told = asked(connection, "http://b.com:81/x?y").told
        assert (told["path"], dict(told["headers"])["host"]) == ("/x?y", "b.com:81")
        assert asked(connection, "http://b.com").told["path"] == "/"
        assert asked(connection, "*", method="OPTIONS").told["path"] == "*"
        assert asked(connection, "a.com:443", method="CONNECT").status == 405


def test_headers_for_one_connection_stay_on_it(served: World) -> None:
    lines = ("Connection: keep-alive, X-Hop", "Keep-Alive: 5", "X-Hop: 1", "TE: trailers", "X-Kept: \xfc", "x-kept: 2")
    told = served.ask("/", "a.com", *lines).told
    kept = [pair for pair in told["headers"] if pair[0] not in {"host", "x-forwarded-for"}]
    assert kept == [["x-kept", "\xc3\xbc"], ["x-kept", "2"], ["connection", "close"]]


def websocket(connection: socket.socket) -> None:
    heard = Connection(connection)
    head = heard.until(b"\r\n\r\n").decode()
    key = next(line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    heard.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n\r\nhello"
    )
    while data := heard.exactly(4):
        heard.send(data[::-1])


def test_websockets_are_tunnelled(world: World) -> None:
    world.service(pool_ref=world.pool("p", SERVER))
    world.start(websocket, SERVER)
    with world.connect() as connection:
        # What is sent before the answer belongs to the tunnel too.
        connection.send(
            "GET /ws HTTP/1.1\r\nHost: a.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nabcd"
        )
        answer = connection.answer()
        assert (answer.status, answer.headers["sec-websocket-accept"]) == (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        assert connection.exactly(9) == b"hellodcba"
        connection.send(b"\x81\x00\xff\x80")
        assert connection.exactly(4) == b"\x80\xff\x00\x81"
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.rest() == b""
    assert [row["status"] for row in world.traffic()] == [101]


def test_an_upgrade_that_the_server_does_not_want(served: World) -> None:
    with served.connect() as connection:
        assert asked(connection, "/", "a.com", "Connection: Upgrade", "Upgrade: websocket").status == 200
        assert asked(connection).status == 200


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"no HTTP at all\r\n\r\n", b"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n"],
    ids=["nothing", "half", "nonsense", "upgrade"],
)
@pytest.mark.parametrize("reads", [True, False])
def test_a_server_that_breaks_before_it_answered(world: World, answer: bytes, reads: bool) -> None:
    talking(world, answer, reads=reads)
    with world.connect() as connection:
        for _ in range(2):  # the connection of the client goes on
            assert asked(connection, "/x").status == 503
    assert [(row["status"], row["server"]) for row in world.traffic()] == [(503, SERVER)] * 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalfzz\r\n",
    ],
    ids=["length", "chunked", "nonsense"],
)
def test_a_server_that_breaks_off_in_its_answer(world: World, answer: bytes) -> None:
    talking(world, answer)
    with world.connect() as connection:
        connection.send("GET / HTTP/1.1\r\nHost: a.com\r\n\r\n")
        heard = connection.rest()
        assert not heard.endswith(b"0\r\n\r\n")
    assert [row["status"] for row in world.traffic()] == [200]
    assert world.control("GET", "health")["status"] == "ok"


def test_what_a_server_tells_first_and_how(world: World) -> None:
    talking(
        world,
        b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 299 Very Well\r\nX: \xfc\r\nSet-Cookie: a\r\n"
        b"Set-Cookie: b\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nContent-Length: 2\r\n\r\nok",
    )
    with world.connect() as connection:
        connection.send("GET / HTTP/1.1\r\nHost: a.com\r\n\r\n")
        head = connection.until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 299 Very Well\r\n")
        assert b"X: \xfc\r\n" in head
        assert head.count(b"Set-Cookie:") == 2
        assert b"X-Hop" not in head
        assert b"close" not in head
        assert connection.exactly(2) == b"ok"


def profiled(world: World, **profile: Any) -> None:
    kind = "APPLICATION_PROFILE_TYPE_HTTP"
    reference = world.put("applicationprofile", "profile", type=kind, http_profile=profile)
    world.service(pool_ref=world.pool("p", SERVER), application_profile_ref=reference)
    world.start(echo(SERVER), SERVER)


@pytest.mark.parametrize(
    ("profile", "name", "values"),
    [
        ({}, "x-forwarded-for", ["203.0.113.7"]),
        ({"xff_update": "APPEND_TO_THE_XFF_HEADER"}, "x-forwarded-for", ["1.1.1.1, 203.0.113.7"]),
        ({"xff_update": "ADD_NEW_XFF_HEADER"}, "x-forwarded-for", ["1.1.1.1", "203.0.113.7"]),
        ({"xff_enabled": False}, "x-forwarded-for", ["1.1.1.1"]),
        ({"xff_alternate_name": "X-Real"}, "x-real", ["203.0.113.7"]),
        ({"xff_alternate_name": "X-Real"}, "x-forwarded-for", ["1.1.1.1"]),
    ],
)
def test_forwarded_for(world: World, profile: dict[str, Any], name: str, values: list[str]) -> None:
    profiled(world, **profile)
    source = world.control("POST", "clients", {"address": "203.0.113.7"})["source"]
    told = world.ask("/", "a.com", "X-Forwarded-For: 1.1.1.1", source=source).told
    assert [value for key, value in told["headers"] if key == name] == values
    assert world.traffic()[0]["client"] == "203.0.113.7"


def test_headers_that_cannot_be_sent_are_answered_with_500(world: World) -> None:
    bad = {"action": "HTTP_ADD_HDR", "hdr": {"name": "X", "value": {"val": "a\r\nInjected: 1"}}}
    policies = world.rules("set", {"hdr_action": [bad]})
    world.service(pool_ref=world.pool("p", SERVER), http_policies=policies)
    server = world.start(echo(SERVER), SERVER)
    with world.connect() as connection:
        assert [asked(connection).status for _ in range(2)] == [500, 500]
    assert server.connections == 0


def test_scripts_cannot_send_what_http_cannot_carry(world: World) -> None:
    script = {"evt": "VS_DATASCRIPT_EVT_HTTP_REQ", "script": "avi.http.redirect('/a\\r\\nX: 1')"}
    reference = world.put("vsdatascriptset", "s", datascript=[script])
    world.service(vs_datascripts=[{"index": 1, "vs_datascript_set_ref": reference}])
    with world.connect() as connection:
        answer = asked(connection)
        assert (answer.status, "x" in answer.headers) == (500, False)
        assert asked(connection).status == 500


def test_rewritten_paths_are_encoded(world: World) -> None:
    tokens = [{"type": "URI_TOKEN_TYPE_STRING", "str_value": "/ü ö"}, {"type": "URI_TOKEN_TYPE_PATH", "start_index": 0}]
    path = {"type": "URI_PARAM_TYPE_TOKENIZED", "tokens": tokens}
    policies = world.rules("set", {"rewrite_url_action": {"path": path}})
    world.service(pool_ref=world.pool("p", SERVER), http_policies=policies)
    world.start(echo(SERVER), SERVER)
    assert world.ask("/a%20b").told["path"] == "/%C3%BC%20%C3%B6/a%20b"


def test_response_rules(world: World) -> None:
    edit = {"action": "HTTP_REPLACE_HDR", "hdr": {"name": "Server", "value": {"val": "avi"}}}
    policies = world.rules("set", {"hdr_action": [edit]}, kind="http_response_policy")
    world.service(pool_ref=world.pool("p", SERVER), http_policies=policies)
    world.start(echo(SERVER), SERVER)
    assert world.ask().headers["server"] == "avi"


@pytest.mark.parametrize(
    ("policy", "rule", "named"),
    [
        (
            "http_request_policy",
            {"match": {"bot_detection_result": {"match_operation": "IS_IN"}}},
            "bot_detection_result",
        ),
        ("http_response_policy", {"loc_hdr_action": {"protocol": "HTTPS", "port": 443}}, "Location"),
        (
            "http_security_policy",
            {"action": {"action": "HTTP_SECURITY_ACTION_REQUEST_CHECK_ICAP"}},
            "REQUEST_CHECK_ICAP",
        ),
    ],
)
def test_what_is_not_known_is_named(world: World, policy: str, rule: dict[str, Any], named: str) -> None:
    policies = world.rules("set", rule, kind=policy)
    world.service(pool_ref=world.pool("p", SERVER), http_policies=policies)
    world.start(echo(SERVER), SERVER)
    with world.connect() as connection:
        for _ in range(2):
            answer = asked(connection)
            assert (answer.status, named in answer.body.decode()) == (501, True)
    assert named in world.traffic()[0]["rule"][-1]


def test_a_server_that_wants_another_host_header_is_not_passed_over(world: World) -> None:
    listed = [{"ip": {"addr": "10.1.1.1", "type": "V4"}, "port": 80, "rewrite_host_header": True}]
    world.service(pool_ref=world.put("pool", "p", servers=listed))
    answer = world.ask()
    assert (answer.status, b"Host header" in answer.body) == (501, True)


def test_a_persistence_that_is_not_known_is_named(world: World) -> None:
    profile = world.put(
        "applicationpersistenceprofile", "cookie", persistence_type="PERSISTENCE_TYPE_HTTP_COOKIE",
        http_cookie_persistence_profile={"cookie_name": "c"},
    )  # fmt: skip
    world.service(pool_ref=world.pool("p", SERVER, application_persistence_profile_ref=profile))
    world.start(echo(SERVER), SERVER)
    assert b"HTTP_COOKIE" in world.ask().body
