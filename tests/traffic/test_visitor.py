"""The visitor against servers that tell who was asked, and a map of listeners that leads straight to them."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import requests
import wsproto
from wsproto import events

from ako.testing.echo import Echo, EchoServers
from ako.testing.listener import Listener, Request, Response
from tests.traffic.asking import Answer, Asked, Scheme
from tests.traffic.conftest import Certified
from tests.traffic.conversing import BrokenAnswerError
from tests.traffic.visitor import Listening, Visitor, vips_of
from tests.waiting import PATIENCE

VIP = "10.250.0.1"


class Site:
    """What a simulator says below `/_sim`: who listens, and where clients come from."""

    def __init__(self) -> None:
        self.listeners: list[Listening] = []
        self.clients: dict[str, str] = {}

    def listen(self, address: str, port: int, *names: str, vip: str = VIP, protocol: str = "TCP") -> None:
        host, _, at = address.partition(":")
        self.listeners.append(Listening(f"vs-{port}", vip, port, protocol, host, int(at), names))

    def answer(self, request: Request) -> Response:
        if (request.method, request.path) == ("GET", "/_sim/listeners"):
            return Response(200, msgspec.json.encode(self.listeners))
        if (request.method, request.path) == ("POST", "/_sim/clients"):
            source = self.clients.get(json.loads(request.body)["address"])
            return Response(200 if source else 400, json.dumps({"source": source}).encode())
        return Response(404)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def visitor(site: Site) -> Iterator[Visitor]:
    listener = Listener(site.answer)
    with Visitor(f"http://127.0.0.1:{listener.port}") as visitor:
        yield visitor
    listener.close()


@contextlib.contextmanager
def saying(
    *says: bytes | Callable[[socket.socket], None], reads: bool = True, peers: list[str] | None = None
) -> Iterator[str]:
    """Listen, and for each connection in turn read something, say this (or do this) and close; give the address."""

    def serve() -> None:
        for said in says:
            connection, peer = listening.accept()
            with connection:
                if peers is not None:
                    peers.append(peer[0])
                if not isinstance(said, bytes):
                    said(connection)
                    continue
                if reads:
                    connection.recv(65536)
                connection.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_http(site: Site, visitor: Visitor) -> None:
    with EchoServers(Echo("10.1.1.1:8080"), Echo("10.1.1.2:8080")) as servers:
        site.listen(servers.addresses["10.1.1.1:8080"], 80, "a.com")
        site.listen(servers.addresses["10.1.1.2:8080"], 8000, "a.com")
        answer = visitor.ask(Asked(to="a.com", path="/x?y", headers=(("x-one", "1"),)))
        other = visitor.ask(Asked(to="A.com.", port=8000, method="POST", body=b"abc"))
        named = visitor.ask(Asked(to=VIP, headers=(("host", "b.com"), ("X-Echo-Set-Header", "Location:http://h/"))))
        head = visitor.ask(Asked(to=VIP, method="HEAD"))
    assert (answer.closed, answer.unknown_host, answer.certificate, answer.location) == (False, False, "", "")
    assert (answer.status, answer.server, answer.echoed["host"]) == (200, "10.1.1.1:8080", "a.com")
    assert (answer.echoed["path"], answer.seen("X-One"), answer.seen("x-two")) == ("/x?y", ("1",), ())
    assert (other.server, other.echoed["method"], other.echoed["body"]["length"]) == ("10.1.1.2:8080", "POST", 3)
    assert (named.echoed["host"], named.location) == ("b.com", "http://h/")
    assert (head.status, head.server, head.echoed, head.text) == (200, "10.1.1.1:8080", {}, "")


def test_a_request_goes_as_it_is_and_with_nothing_more(site: Site, visitor: Visitor) -> None:
    with EchoServers(Echo("10.1.1.1:80")) as servers:
        site.listen(servers.addresses["10.1.1.1:80"], 80, vip="fd00::1")
        answer = visitor.ask(Asked(to="fd00:0::1", path="/a%2Fb/../c//?d"))
    assert (answer.echoed["path"], answer.echoed["host"]) == ("/a%2Fb/../c//?d", "[fd00:0::1]")
    assert answer.echoed["headers"] == {}


def test_an_answer_of_somebody_else_has_no_server(site: Site, visitor: Visitor) -> None:
    headers = b"Location: https://a.com/\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n"
    said = b"HTTP/1.1 302 Found\r\n" + headers + b"\r\nno"
    with saying(said) as address:
        site.listen(address, 80, "a.com")
        answer = visitor.ask(Asked(to="a.com"))
    assert (answer.status, answer.server, answer.location, answer.text) == (302, "", "https://a.com/", "no")
    assert answer.headers["set-cookie"] == ("a=1", "b=2")


@pytest.mark.parametrize(
    ("sni", "told"), [(None, "a.com"), ("b.com", "b.com"), ("", "")], ids=["its name", "another", "none"]
)
def test_https_tells_the_certificate(
    site: Site, visitor: Visitor, certified: Certified, sni: str | None, told: str
) -> None:
    with EchoServers(Echo("10.1.1.1:443", tls=certified("a.com", "*.a.com"))) as servers:
        site.listen(servers.addresses["10.1.1.1:443"], 443, "a.com")
        answer = visitor.ask(Asked(to="a.com", scheme="https", sni=sni))
    assert (answer.status, answer.echoed["tls"]["serverName"], answer.echoed["host"]) == (200, told, "a.com")
    assert answer.certificate.startswith("-----BEGIN CERTIFICATE-----")
    assert (answer.common_name, answer.dns_names) == ("a.com", ("a.com", "*.a.com"))


def test_to_an_address_no_name_is_sent(site: Site, visitor: Visitor, certified: Certified) -> None:
    with EchoServers(Echo("10.1.1.1:443", tls=certified("a.com"))) as servers:
        site.listen(servers.addresses["10.1.1.1:443"], 443)
        assert visitor.ask(Asked(to=VIP, scheme="https")).echoed["tls"]["serverName"] == ""


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_websocket(site: Site, visitor: Visitor, certified: Certified, scheme: Scheme) -> None:
    tls = certified("a.com") if scheme == "wss" else None
    with EchoServers(Echo("10.1.1.1:80", tls=tls)) as servers:
        site.listen(servers.addresses["10.1.1.1:80"], 8000, "a.com")
        answer = visitor.ask(Asked(to="a.com", port=8000, scheme=scheme, headers=(("X-Echo-Set-Header", "X-A:1"),)))
        assert servers.counts == {"10.1.1.1:80": 1}
    assert (answer.status, answer.server, answer.text) == (101, "10.1.1.1:80", "hello")
    assert (answer.headers["x-a"], answer.common_name) == (("1",), "a.com" if tls else "")


def test_a_websocket_may_be_refused(site: Site, visitor: Visitor) -> None:
    redirect = b"HTTP/1.1 301 Moved\r\nLocation: https://a.com/\r\nContent-Length: 3\r\n\r\nsee"
    until_closed = b"HTTP/1.1 404 Not Found\r\n\r\nnothing"
    cut = b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nno"
    with saying(redirect, until_closed, cut) as address:
        site.listen(address, 80, "a.com")
        moved, missing = (visitor.ask(Asked(to="a.com", scheme="ws")) for _ in range(2))
        with pytest.raises(Exception, match="Bad HTTP message"):
            visitor.ask(Asked(to="a.com", scheme="ws"))
    assert (moved.status, moved.location, moved.text, moved.server) == (301, "https://a.com/", "see", "")
    assert (missing.status, missing.text) == (404, "nothing")


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_streams(site: Site, visitor: Visitor, certified: Certified, scheme: Scheme) -> None:
    tls = certified("a.com") if scheme == "tls" else None
    body = b"x\n" * 200_000
    with EchoServers(Echo("10.1.1.1:90", protocol="TCP", tls=tls)) as servers:
        site.listen(servers.addresses["10.1.1.1:90"], 9000, "a.com")
        answer = visitor.ask(Asked(to="a.com", port=9000, scheme=scheme))
        large = visitor.ask(Asked(to="a.com", port=9000, scheme=scheme, body=body))
    assert (answer.server, answer.text, answer.status) == ("10.1.1.1:90", "hello", 0)
    assert (large.server, large.text) == ("10.1.1.1:90", body.decode())
    assert answer.common_name == ("a.com" if tls else "")


def test_what_is_no_echo_names_no_server(site: Site, visitor: Visitor) -> None:
    with saying(b"10.1.1.1:90\nhel", b"500 no\n") as address:
        site.listen(address, 9000)
        short, other = (visitor.ask(Asked(to=VIP, scheme="tcp", port=9000)) for _ in range(2))
    assert [(each.server, each.closed) for each in (short, other)] == [("", False)] * 2
    assert (short.text, other.text) == ("10.1.1.1:90\nhel", "500 no\n")


def test_datagrams(site: Site, visitor: Visitor) -> None:
    with EchoServers(Echo("10.1.1.1:53", protocol="UDP"), Echo("10.1.1.2:53", protocol="TCP")) as servers:
        site.listen(servers.addresses["10.1.1.2:53"], 53, "a.com")
        site.listen(servers.addresses["10.1.1.1:53"], 53, "a.com", protocol="UDP")
        asked = Asked(to="a.com", scheme="udp", port=53)
        assert visitor.ask(asked) == Answer(server="10.1.1.1:53", text="hello")
        assert visitor.ask(Asked(to="a.com", scheme="tcp", port=53)).server == "10.1.1.2:53"
        servers.down("10.1.1.1:53")
        refused = visitor.ask(asked)
        assert (refused.closed, refused.server) == (True, "")


def test_silence_is_closed_only_where_it_may_be(site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.traffic.conversing.PATIENCE", 0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, socket.create_server(("127.0.0.1", 0)) as mute:
        silent.bind(("127.0.0.1", 0))
        site.listen(f"127.0.0.1:{silent.getsockname()[1]}", 53, protocol="UDP")
        site.listen(f"127.0.0.1:{mute.getsockname()[1]}", 80)
        assert visitor.ask(Asked(to=VIP, scheme="udp", port=53, may_be_silent=True)).closed
        for asked in (Asked(to=VIP, scheme="udp", port=53), Asked(to=VIP), Asked(to=VIP, scheme="https", port=80)):
            with pytest.raises(TimeoutError):
                visitor.ask(asked)


@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss", "tcp", "tls"])
def test_a_connection_that_ends_without_an_answer_is_closed(site: Site, visitor: Visitor, scheme: Scheme) -> None:
    asked = Asked(to="a.com", scheme=scheme, port=7)
    with EchoServers(Echo("10.1.1.1:7")) as servers:
        site.listen(servers.addresses["10.1.1.1:7"], 7, "a.com")
        servers.down("10.1.1.1:7")
        answers = [visitor.ask(asked)]
    for reads in (True, False):
        with saying(b"", reads=reads) as address:
            site.listeners.clear()
            site.listen(address, 7, "a.com")
            answers.append(visitor.ask(asked))
    site.listeners[:] = [msgspec.structs.replace(site.listeners[0], port=8)]
    answers.append(visitor.ask(asked))
    assert all(answer.why for answer in answers)
    assert [msgspec.structs.replace(answer, why="") for answer in answers] == [Answer(closed=True)] * 4


def shaking_hands(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    """Give what shakes hands and echoes; a refusal is told in an alert."""

    def answer(connection: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secure:
            secure.sendall(b"here\n" + secure.recv(65536))

    return answer


def refusing(connection: Any, name: str | None, asked: ssl.SSLContext) -> int | None:
    return None if name == "a.com" else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


def test_an_alert_in_the_handshake_is_closed(site: Site, visitor: Visitor, certified: Certified) -> None:
    context = certified("a.com")
    context.sni_callback = refusing
    refused = [
        Asked(to="b.com", scheme="https"),
        Asked(to="b.com", scheme="wss"),
        Asked(to="b.com", scheme="tls"),
        Asked(to="a.com", scheme="https", sni=""),
    ]
    with saying(*[shaking_hands(context)] * 5) as address:
        site.listen(address, 443, "a.com", "b.com")
        assert visitor.ask(Asked(to="a.com", scheme="tls")).server == "here"
        for asked in refused:
            answer = visitor.ask(asked)
            assert (answer.closed, answer.certificate) == (True, "")
            assert "ALERT" in answer.why or "UNRECOGNIZED_NAME" in answer.why


@pytest.mark.parametrize("scheme", ["https", "wss", "tls"])
def test_a_handshake_that_is_cut_is_closed(site: Site, visitor: Visitor, certified: Certified, scheme: Scheme) -> None:
    context = certified("a.com")
    context.sni_callback = refusing
    with EchoServers(Echo("10.1.1.1:443", protocol="TCP" if scheme == "tls" else "HTTP", tls=context)) as servers:
        site.listen(servers.addresses["10.1.1.1:443"], 443, "a.com", "b.com")
        assert visitor.ask(Asked(to="a.com", scheme=scheme)).server == "10.1.1.1:443"
        answer = visitor.ask(Asked(to="b.com", scheme=scheme))
        assert (answer.closed, answer.certificate) == (True, "")
        assert servers.counts == {"10.1.1.1:443": 1}


def test_what_is_asked_for_a_client_certificate_and_has_none_is_closed(
    site: Site, visitor: Visitor, certified: Certified
) -> None:
    context = certified("a.com")
    context.verify_mode = ssl.CERT_REQUIRED
    with EchoServers(Echo("10.1.1.1:443", tls=context)) as servers:
        site.listen(servers.addresses["10.1.1.1:443"], 443, "a.com")
        answer = visitor.ask(Asked(to="a.com", scheme="https"))
    assert (answer.closed, answer.status, answer.common_name) == (True, 0, "a.com")


def test_other_errors_are_raised(site: Site, visitor: Visitor) -> None:
    no_tls = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nno"
    with saying(no_tls, b"220 mail\r\n", cut) as address:
        site.listen(address, 80)
        with pytest.raises(ssl.SSLError, match=r"WRONG_VERSION|RECORD"):
            visitor.ask(Asked(to=VIP, scheme="https", port=80))
        with pytest.raises(Exception, match="220 mail"):
            visitor.ask(Asked(to=VIP))
        with pytest.raises(Exception, match="2 bytes read, 7 more expected"):
            visitor.ask(Asked(to=VIP))


def opened_and(then: bytes) -> Callable[[socket.socket], None]:
    """Give what accepts a WebSocket, says something and closes."""

    def answer(connection: socket.socket) -> None:
        websocket = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        websocket.receive_data(connection.recv(65536))
        connection.sendall(websocket.send(events.AcceptConnection()) + then)

    return answer


@pytest.mark.parametrize("then", [b"", b"\x88\x02\x03\xe9", b"\x01\x02he"], ids=["cut", "closed", "half a message"])
def test_a_websocket_that_opens_and_does_not_echo_is_an_error(site: Site, visitor: Visitor, then: bytes) -> None:
    with saying(opened_and(then)) as address:
        site.listen(address, 80)
        with pytest.raises(BrokenAnswerError, match="the WebSocket opened"):
            visitor.ask(Asked(to=VIP, scheme="ws"))


def test_the_client_comes_from_where_it_shall(site: Site, visitor: Visitor) -> None:
    site.clients = {"203.0.113.7": "127.9.9.9"}
    peers: list[str] = []
    with saying(b"HTTP/1.1 204 No Content\r\n\r\n", b"x\nhello", peers=peers) as address:
        site.listen(address, 80)
        assert visitor.ask(Asked(to=VIP, client="203.0.113.7")).status == 204
        assert visitor.ask(Asked(to=VIP, scheme="tcp", port=80)).server == "x"
    assert peers == ["127.9.9.9", "127.0.0.1"]
    with pytest.raises(requests.HTTPError, match="400"):
        visitor.ask(Asked(to=VIP, client="198.51.100.1"))


def test_a_client_of_datagrams_comes_from_where_it_shall(site: Site, visitor: Visitor) -> None:
    site.clients = {"203.0.113.7": "127.9.9.9"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(PATIENCE)
        site.listen(f"127.0.0.1:{server.getsockname()[1]}", 53, protocol="UDP")
        asked = Asked(to=VIP, scheme="udp", port=53, client="203.0.113.7", may_be_silent=True)
        assert visitor.ask(asked).closed
        assert server.recvfrom(100)[1][0] == "127.9.9.9"


NAMES: list[tuple[str, str]] = [
    ("a.com", "1"),
    ("A.COM.", "1"),
    ("b.a.com", "2"),
    ("c.b.a.com", "2"),
    ("d.x.a.com", "3"),
    ("e.d.x.a.com", "3"),
    ("x.a.com", "2"),
    ("exact.x.a.com", "4"),
    ("10.250.0.5", "5"),
]


@pytest.mark.parametrize(("host", "last"), NAMES)
def test_a_name_is_resolved_exactly_else_by_the_longest_wildcard(host: str, last: str) -> None:
    assert vips_of(host, wildcards()) == {f"10.250.0.{last}"}


@pytest.mark.parametrize("host", ["com", "aa.com", "a.com.org", "10.250.0.9", "1", ""])
def test_there_are_names_that_nobody_has(site: Site, visitor: Visitor, host: str) -> None:
    site.listeners = wildcards()
    assert visitor.ask(Asked(to=host or "nobody")) == Answer(unknown_host=True)


def wildcards() -> list[Listening]:
    site = Site()
    for last, name in enumerate(["a.com", "*.a.com", "*.X.a.com", "exact.x.a.com", "other.org"], start=1):
        site.listen("127.0.0.1:9", 80, name, vip=f"10.250.0.{last}")
    return site.listeners


def test_all_ports_of_an_address_have_its_names(site: Site, visitor: Visitor) -> None:
    with EchoServers(Echo("10.1.1.1:1"), Echo("10.1.1.2:1")) as servers:
        site.listen(servers.addresses["10.1.1.1:1"], 80, "a.com")
        site.listen(servers.addresses["10.1.1.2:1"], 80, "*.com", vip="10.250.0.2")
        assert [visitor.ask(Asked(to=host)).server for host in ("a.com", "b.com")] == ["10.1.1.1:1", "10.1.1.2:1"]
        # Not the wildcard that has the port: a name is looked up before anybody is called.
        assert visitor.ask(Asked(to="a.com", port=8080)).closed


def test_raw_schemes_have_no_port_of_their_own() -> None:
    for scheme in ("tcp", "udp"):
        with pytest.raises(ValueError, match="port"):
            msgspec.convert({"to": "a.com", "scheme": scheme}, Asked)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"to": "a.com", "scheme": "gopher"}, Asked)
