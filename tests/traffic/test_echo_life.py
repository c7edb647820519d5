"""Stand-ins of servers that come, fail and go while they are asked."""

from __future__ import annotations

import contextlib
import gc
import http.client
import json
import socket
import ssl
import threading

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
    refuses,
    rest_of,
)
from tests.waiting import PATIENCE, eventually


def test_a_server_that_is_down_refuses_and_cuts_and_comes_back_where_it_was() -> None:
    with EchoServers(WEB, RAW, DNS) as servers, browsing(servers) as client, datagrams(servers) as queries:
        fetched(client)
        before = servers.addresses
        servers.down(WEB.server, DNS.server)
        servers.down(WEB.server)
        assert servers.addresses == before
        assert [refuses(servers, each) for each in (WEB.server, RAW.server)] == [True, False]
        with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
            fetched(client)
        queries.send(b"q")
        with pytest.raises(ConnectionRefusedError):
            queries.recv(100)
        servers.up(WEB.server, DNS.server)
        servers.up(WEB.server)
        with browsing(servers) as again:
            assert fetched(again)["server"] == WEB.server
        queries.send(b"q")
        assert queries.recv(100) == b"10.1.1.3:53\nq"
        assert servers.addresses == before


def test_a_server_that_is_down_can_be_removed() -> None:
    with EchoServers(WEB, DNS) as servers:
        gone = address(servers, WEB.server)
        servers.down(WEB.server, DNS.server)
        servers.remove(WEB.server, DNS.server)
        servers.add(DNS)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(gone, PATIENCE)
        assert set(servers.addresses) == {DNS.server}


def test_a_removed_server_finishes_what_it_is_answering_and_no_more() -> None:
    with (
        EchoServers(WEB, RAW) as servers,
        browsing(servers) as idle,
        connected(servers) as busy,
        connected(servers) as new,
    ):
        fetched(idle)
        busy.sendall(b"POST /late HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        assert busy.recv(65536).startswith(b"HTTP/1.1 100")
        gone = address(servers, WEB.server)
        servers.remove(WEB.server)
        assert servers.addresses.keys() == {RAW.server}
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(gone, PATIENCE)
        assert idle.sock is not None
        assert idle.sock.recv(1) == b""
        for client, rest in ((busy, b"body"), (new, b"GET /first HTTP/1.1\r\nHost: h\r\n\r\n")):
            client.sendall(rest)
            said = rest_of(client)
            assert said.startswith(b"HTTP/1.1 200")
            assert b"\r\nconnection: close\r\n" in said.lower()
        assert servers.counts[WEB.server] == 3


@pytest.mark.parametrize("begun", [b"POST /b HT", b"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo"])
@pytest.mark.parametrize("together", [True, False])
def test_a_second_request_that_has_begun_is_answered_too(begun: bytes, together: bool) -> None:
    whole = b"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"
    with EchoServers(WEB) as servers, connected(servers) as client:
        first = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
        for said in [first + begun] if together else [first, begun]:
            client.sendall(said)
            if said.startswith(first):
                assert b'"path":"/a"' in client.recv(65536)
        servers.remove(WEB.server)
        client.sendall(whole.removeprefix(begun))
        assert b'"path":"/b"' in rest_of(client)


def test_a_request_that_was_sent_before_the_removal_is_answered() -> None:
    with EchoServers(WEB) as servers, browsing(servers) as client:
        for _ in range(20):
            fetched(client)
            client.putrequest("GET", "/sent")
            client.endheaders()
            servers.remove(WEB.server)
            assert json.loads(client.getresponse().read())["path"] == "/sent"
            client.close()
            servers.add(WEB)
            client.host, client.port = address(servers, WEB.server)


def test_a_removed_server_says_goodbye_on_websockets_and_closes_streams() -> None:
    with EchoServers(WEB, RAW) as servers, connected(servers) as chat, connected(servers, RAW.server) as stream:
        websocket = opened(chat)
        seen = coming(chat, websocket)
        chat.sendall(websocket.send(events.TextMessage(data="one")))
        assert isinstance(next(seen), events.TextMessage)
        stream.sendall(b"one")
        stream.recv(100)
        servers.remove(WEB.server, RAW.server)
        goodbye = next(seen)
        assert isinstance(goodbye, events.CloseConnection)
        assert (goodbye.code, stream.recv(1)) == (1001, b"")


def test_an_address_is_taken_once_and_free_again_when_its_server_is_gone() -> None:
    with EchoServers(WEB) as servers:
        with pytest.raises(ValueError, match=r"10\.1\.1\.1:8080"):
            servers.add(WEB)
        servers.remove(WEB.server)
        with pytest.raises(KeyError):
            servers.remove(WEB.server)
        servers.add(Echo(WEB.server, pod="web-2"))
        with browsing(servers) as client:
            assert fetched(client)["pod"] == "web-2"
    with pytest.raises(RuntimeError):
        servers.add(WEB)
    with pytest.raises(ValueError, match="UDP"):
        Echo(DNS.server, protocol="UDP", tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))


def test_hundreds_of_servers_are_one_thread() -> None:
    echoes = [Echo(f"10.2.{number // 250}.{number % 250}:80", pod=f"p{number}") for number in range(400)]
    threads = threading.active_count()
    with EchoServers(*echoes) as servers:
        assert threading.active_count() == threads + 1
        assert len(set(servers.addresses.values())) == 400
        for echo in echoes[::80]:
            with browsing(servers, echo.server) as client:
                assert (fetched(client)["server"], fetched(client)["pod"]) == (echo.server, echo.pod)


def test_clients_that_leave_in_the_middle_harm_nobody() -> None:
    with EchoServers(WEB, RAW) as servers:
        for said in (b"", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx"):
            with connected(servers) as client:
                client.sendall(said)
        with connected(servers) as client:
            opened(client)
        with browsing(servers) as client:
            fetched(client)
        eventually(lambda: servers.counts == {WEB.server: 2}, "only whole requests are counted")


def test_who_has_just_come_when_it_ends_is_not_left_open(certified: Certified) -> None:
    """What is left open fails the test: pytest is told to fail on warnings."""
    tls = certified("a.com")
    for _ in range(20):
        with EchoServers(Echo("10.1.1.1:80", tls=tls)) as servers, contextlib.ExitStack() as clients:
            for _ in range(3):
                clients.enter_context(connected(servers, "10.1.1.1:80"))
            servers.__exit__(None, None, None)
    gc.collect()
