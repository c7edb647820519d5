"""What the stand-ins of servers say, asked by plain clients with no load balancer between."""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
import time
from typing import Any

import pytest
from wsproto import events

from ako.testing.echo import Echo, EchoServers
from tests.traffic.conftest import Certified
from tests.traffic.plain import (
    DNS,
    RAW,
    WEB,
    address,
    browsing,
    coming,
    connected,
    datagrams,
    fetched,
    opened,
    rest_of,
)
from tests.waiting import PATIENCE

DELAYED_ACKNOWLEDGEMENT = 0.04
"""Seconds that Linux waits at least before it acknowledges what it has nothing to answer to."""


def test_a_request_is_told_as_it_came() -> None:
    with EchoServers(WEB) as servers, browsing(servers) as client:
        client.putrequest("PUT", "/a%20b//c?d=e&d", skip_host=True, skip_accept_encoding=True)
        for name, value in (("Host", "foo.com"), ("x-one", "1"), ("X-ONE", "2"), ("X-Forwarded-For", "1.2.3.4")):
            client.putheader(name, value)
        client.endheaders()
        response = client.getresponse()
        told = json.loads(response.read())
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    assert told == {
        "path": "/a%20b//c?d=e&d",
        "host": "foo.com",
        "method": "PUT",
        "proto": "HTTP/1.1",
        "headers": {"X-One": ["1", "2"], "X-Forwarded-For": ["1.2.3.4"]},
        "namespace": "red",
        "pod": "web-1",
        "server": "10.1.1.1:8080",
        "body": {"length": 0, "sha256": hashlib.sha256().hexdigest()},
    }


def test_a_connection_is_kept_and_each_request_counted() -> None:
    with EchoServers(WEB, RAW) as servers, browsing(servers) as client:
        client.connect()
        first = client.sock
        assert [fetched(client, path=path)["path"] for path in ("/a", "/b", "/c")] == ["/a", "/b", "/c"]
        assert client.sock is first
        assert servers.counts == {WEB.server: 3}


def test_requests_that_come_at_once_are_answered_in_their_order() -> None:
    with EchoServers(WEB) as servers, connected(servers) as client:
        client.sendall(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        said = rest_of(client)
    assert said.count(b"HTTP/1.1 200") == 2
    assert 0 < said.index(b'"path":"/a"') < said.index(b'"path":"/b"')


def test_a_body_is_read_whole_in_chunks_or_not() -> None:
    body = b"0123456789" * 30_000
    digest = {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    with EchoServers(WEB) as servers, browsing(servers) as client:
        assert fetched(client, "POST", body=body)["body"] == digest
        pieces = (body[start : start + 7000] for start in range(0, len(body), 7000))
        assert fetched(client, "POST", body=pieces, encode_chunked=True)["body"] == digest
        assert fetched(client)["body"]["length"] == 0


def test_who_asks_whether_to_send_the_body_is_told_to() -> None:
    with EchoServers(WEB) as servers, connected(servers) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 100")
        client.sendall(b"ab")
        assert client.recv(65536).startswith(b"HTTP/1.1 200")


def test_head_has_no_body_but_says_who_answered() -> None:
    with EchoServers(WEB) as servers, browsing(servers) as client:
        client.request("HEAD", "/")
        response = client.getresponse()
        assert (response.status, response.headers["X-Echo-Server"], response.read()) == (200, WEB.server, b"")
        assert int(response.headers["Content-Length"]) > 0
        assert fetched(client)["method"] == "GET"


def test_headers_of_the_answer_can_be_asked_for() -> None:
    with EchoServers(WEB) as servers, browsing(servers) as client:
        client.request(
            "GET", "/", headers={"X-Echo-Set-Header": "X-A:1, Location: http://h/ , Content-Type:text/plain"}
        )
        response = client.getresponse()
        response.read()
        assert [response.headers[name] for name in ("X-A", "Location")] == ["1", "http://h/"]
        assert response.headers.get_all("Content-Type") == ["text/plain"]
        client.request("GET", "/", headers={"X-Echo-Set-Header": "no name: 1"})
        assert client.getresponse().status == 400


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GARBAGE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", b"405"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", b"431"),
    ],
)
def test_what_is_no_request_is_refused(said: bytes, status: bytes) -> None:
    with EchoServers(WEB) as servers:
        with connected(servers) as client:
            client.sendall(said)
            assert client.recv(65536).startswith(b"HTTP/1.1 " + status)
        with browsing(servers) as other:
            assert fetched(other)["server"] == WEB.server


@pytest.mark.parametrize("name", ["b.com", None])
def test_tls_is_told_of(certified: Certified, name: str | None) -> None:
    context = certified("b.com")
    context.set_alpn_protocols(["http/1.1"])
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_alpn_protocols(["h2", "http/1.1"])
    with (
        EchoServers(Echo("10.1.1.4:443", tls=context), WEB) as servers,
        client.wrap_socket(connected(servers, "10.1.1.4:443"), server_hostname=name) as secure,
    ):
        secure.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        told = json.loads(rest_of(secure).partition(b"\r\n\r\n")[2])
        cipher = secure.cipher()
    assert cipher is not None
    assert told["tls"] == {
        "version": "TLSv1.3",
        "serverName": name or "",
        "negotiatedProtocol": "http/1.1",
        "cipherSuite": cipher[0],
    }


def test_an_answer_over_tls_does_not_wait_for_an_acknowledgement(certified: Certified) -> None:
    with EchoServers(Echo("10.1.1.4:443", tls=certified("a.com"))) as servers:
        assert min(seconds_over_tls(servers, "10.1.1.4:443") for _ in range(10)) < DELAYED_ACKNOWLEDGEMENT


def seconds_over_tls(servers: EchoServers, server: str) -> float:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    began = time.monotonic()
    with connected(servers, server) as connection:
        # A load balancer asks at once, before anything comes that acknowledges its handshake.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with client.wrap_socket(connection) as secure:
            secure.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            assert secure.recv(65536)
    return time.monotonic() - began


def test_a_context_goes_on_choosing_by_name_and_is_given_back_as_it_was(certified: Certified) -> None:
    context, other = certified("a.com"), certified("b.com")

    def choose(connection: Any, name: str | None, asked: ssl.SSLContext) -> None:
        if name == "b.com":
            connection.context = other

    context.sni_callback = choose
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    with EchoServers(*(Echo(f"10.1.1.{last}:443", tls=context) for last in (1, 2))) as servers:
        seen = set()
        for name in ("a.com", "b.com"):
            with client.wrap_socket(connected(servers, "10.1.1.2:443"), server_hostname=name) as secure:
                seen.add(secure.getpeercert(binary_form=True))
    assert len(seen) == 2
    assert context.sni_callback is choose


def test_who_never_shakes_hands_holds_up_nobody(certified: Certified) -> None:
    with socket.socket() as idle:
        with EchoServers(Echo("10.1.1.4:443", tls=certified("a.com")), WEB) as servers:
            idle.connect(address(servers, "10.1.1.4:443"))
            with browsing(servers) as client:
                assert fetched(client)["server"] == WEB.server
        idle.settimeout(PATIENCE)
        assert idle.recv(1) == b""


def test_a_websocket_echoes_each_message_once_it_is_whole() -> None:
    with EchoServers(WEB) as servers, connected(servers) as client:
        websocket = opened(client)
        seen = coming(client, websocket)
        for event in (
            events.Ping(payload=b"p"),
            events.TextMessage(data="on", message_finished=False),
            events.TextMessage(data="e"),
            events.BytesMessage(data=b"two"),
        ):
            client.sendall(websocket.send(event))
        pong, text, data = (next(seen) for _ in range(3))
        assert isinstance(pong, events.Pong)
        assert isinstance(text, events.TextMessage)
        assert isinstance(data, events.BytesMessage)
        assert (text.data, bytes(data.data)) == ("10.1.1.1:8080 one", b"10.1.1.1:8080 two")
        client.sendall(websocket.send(events.CloseConnection(code=1000)))
        assert isinstance(next(seen), events.CloseConnection)
        assert client.recv(1) == b""
        assert servers.counts == {WEB.server: 1}


def test_a_message_that_comes_with_the_request_is_not_lost() -> None:
    with EchoServers(WEB) as servers, connected(servers) as client:
        said = next(coming(client, opened(client, trailing=b"\x81\x82\0\0\0\0hi")))
        assert isinstance(said, events.TextMessage)
        assert said.data == "10.1.1.1:8080 hi"


def test_a_websocket_that_breaks_its_protocol_is_closed() -> None:
    with EchoServers(WEB) as servers, connected(servers) as client:
        websocket = opened(client)
        client.sendall(b"\xff\xff\xff\xff")
        closing = next(coming(client, websocket))
        assert isinstance(closing, events.CloseConnection)
        assert (closing.code, client.recv(1)) == (1002, b"")


def test_tcp_and_udp_tell_the_server_and_echo() -> None:
    with EchoServers(RAW, DNS) as servers:
        with connected(servers, RAW.server) as client:
            client.sendall(b"one")
            assert client.recv(100) == b"10.1.1.2:5432\none"
            client.sendall(b"two")
            assert client.recv(100) == b"two"
        with datagrams(servers) as client:
            for said in (b"one", b"two"):
                client.send(said)
                assert client.recv(100) == b"10.1.1.3:53\n" + said
        assert servers.counts == {RAW.server: 1, DNS.server: 2}


def test_tcp_and_udp_of_one_address_have_one_port() -> None:
    both = [Echo("10.1.1.3:53", protocol="TCP"), DNS]
    with EchoServers(*both) as servers:
        with connected(servers, DNS.server) as stream, datagrams(servers) as client:
            for each in (stream, client):
                each.sendall(b"q")
                assert each.recv(100) == b"10.1.1.3:53\nq"
        servers.remove(DNS.server)
        assert servers.addresses == {}


def test_tcp_in_tls(certified: Certified) -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    with (
        EchoServers(Echo("10.1.1.2:5432", protocol="TCP", tls=certified("a.com"))) as servers,
        client.wrap_socket(connected(servers, RAW.server)) as secure,
    ):
        secure.sendall(b"one")
        assert secure.recv(100) == b"10.1.1.2:5432\none"


def test_one_that_speaks_either_is_an_http_server_to_who_begins_with_a_request_line() -> None:
    either = Echo("10.1.1.4:80", protocol="EITHER")
    with EchoServers(either) as servers:
        with browsing(servers, either.server) as client:
            assert [fetched(client, path=path)["path"] for path in ("/a", "/b")] == ["/a", "/b"]
        with connected(servers, either.server) as line:
            line.sendall(b"GET on with it\r\n")
            line.shutdown(socket.SHUT_WR)
            assert rest_of(line) == b"10.1.1.4:80\nGET on with it\r\n"
        assert servers.counts == {either.server: 3}
