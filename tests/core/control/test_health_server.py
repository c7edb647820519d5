"""The server for probes, as a probe sees it; and as clients see it that are slow, silent, or many."""

from __future__ import annotations

import errno
import http.client
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from ako.core.base.version import version
from ako.core.control.checks import Check
from ako.core.control.health_pages import Health
from ako.core.control.health_server import MOST_CONNECTIONS, PATIENCE, HealthServer, _Server
from ako.core.control.questions import NoAnswerError
from ako.core.explain.answer import Answer
from tests.core.clock import Clock
from tests.waiting import PATIENCE as LONG
from tests.waiting import eventually

PAGES = ("/healthz", "/readyz", "/metrics", "/api/status", "/api/explain?q=shop.com")
NOON = 1767355200.0
READY = (Check("avi", is_met=True, since=NOON, seconds=61.4),)
HELD = Check("guard", is_met=False, detail="plan 1a2b waits", remedy="confirm it", since=NOON, seconds=5.0)


def _is_ours(family: socket.AddressFamily, address: str) -> bool:
    """Say whether this machine has an address: containers often have no IPv6."""
    try:
        with socket.socket(family) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
ADDRESSES = [address for family, address in LOOPBACKS if _is_ours(family, address)]
FAMILIES = [family for family, address in LOOPBACKS if address in ADDRESSES]
WELL = Health(
    standstill=lambda: 0.0,
    checks=lambda: READY,
    works=lambda: True,
    avi_errors=lambda: (),
    is_connected=lambda: True,
    exposition=lambda: b"ako_up 1\n",
    ask=lambda question, _: Answer(question=question, near=("shop.com",)),
)


@contextmanager
def serving(clock: Callable[[], float] | None = None, **told: Callable[..., Any]) -> Iterator[HealthServer]:
    """Serve a health that is well but for what is told."""
    health = msgspec.structs.replace(WELL, **told)
    server = HealthServer(health, 0, clock) if clock else HealthServer(health, 0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server() -> Iterator[HealthServer]:
    with serving() as server:
        yield server


class Asked:
    """An answer, read whole."""

    def __init__(self, server: HealthServer, path: str, method: str = "GET", address: str = "127.0.0.1") -> None:
        connection = http.client.HTTPConnection(address, server.port, timeout=LONG)
        connection.request(method, path)
        answer = connection.getresponse()
        self.status, self.headers = (
            answer.status,
            {name: value for name, value in answer.getheaders() if name != "Date"},
        )
        self.text = answer.read().decode()
        connection.close()


# Where it listens.


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("page", PAGES)
def test_it_is_reached_over_both_families(server: HealthServer, address: str, page: str) -> None:
    assert Asked(server, page, address=address).status == 200


@pytest.mark.parametrize("family", FAMILIES)
def test_a_port_that_somebody_else_has_is_refused(family: socket.AddressFamily) -> None:
    with socket.socket(family) as other:
        if family is socket.AF_INET6:
            other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind(("", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            HealthServer(WELL, other.getsockname()[1])


def test_where_there_is_no_ipv6_at_all_it_listens_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    with serving() as server:
        assert Asked(server, "/healthz").status == 200
        assert server.address == f"0.0.0.0:{server.port}, IPv4 only"


@pytest.mark.parametrize("fault", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
def test_where_ipv6_may_not_be_used_it_listens_on_ipv4(monkeypatch: pytest.MonkeyPatch, fault: int) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: True)
    bind = _Server.server_bind

    def refused(self: _Server) -> None:
        if self.address_family is socket.AF_INET6:
            raise OSError(fault, "no IPv6 here")
        bind(self)

    monkeypatch.setattr(_Server, "server_bind", refused)
    with serving() as server:
        assert Asked(server, "/healthz").status == 200
        assert server.address == f"0.0.0.0:{server.port}, IPv4 only"


@pytest.mark.skipif("::1" not in ADDRESSES, reason="this machine has no IPv6")
def test_where_there_is_ipv6_it_says_that_it_listens_on_both(server: HealthServer) -> None:
    assert server.address == f"[::]:{server.port}, IPv4 and IPv6"


def test_no_name_is_looked_up_before_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that does not answer would hold up the start."""

    def looked_up(*_: object) -> str:
        raise AssertionError("a name was looked up")

    for name in ("getfqdn", "gethostbyaddr", "getaddrinfo"):
        monkeypatch.setattr(socket, name, looked_up)
    HealthServer(WELL, 0)._server.server_close()


# What it says.


@pytest.mark.parametrize("page", [*PAGES, "/nowhere", "/readyz?verbose"])
def test_head_says_what_get_says_without_the_body(server: HealthServer, page: str) -> None:
    whole, head = Asked(server, page), Asked(server, page, "HEAD")
    assert (head.status, head.headers) == (whole.status, whole.headers)
    assert int(head.headers["Content-Length"]) == len(whole.text) > 0
    assert head.text == ""


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_can_be_done_but_read(server: HealthServer, page: str, method: str) -> None:
    answer = Asked(server, page, method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/healthz/", "/nowhere", "/debug/pprof", "*"])
def test_what_is_not_there_is_answered_with_what_is(server: HealthServer, path: str) -> None:
    answer = Asked(server, path)
    assert answer.status == 404
    assert all(page.partition("?")[0] in answer.text for page in PAGES)


@pytest.mark.parametrize(
    "sent",
    [
        *(f"GET {page} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode() for page in (*PAGES, "/nowhere")),
        b"POST /healthz HTTP/1.0\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n",
    ],
    ids=lambda sent: repr(sent[:24]),
)
def test_no_answer_says_what_it_is_served_by(server: HealthServer, sent: bytes) -> None:
    """Its name, and no version of anything; what is no request is refused in as few words."""
    answer = raw(server, sent)
    head = answer.partition(b"\r\n\r\n")[0].decode()
    assert head.startswith("HTTP/1.1 ")
    assert [line for line in head.splitlines() if line.startswith("Server:")] == ["Server: ako"]
    assert "python" not in answer.decode().lower()
    assert "<" not in answer.decode(), "no page in HTML"


def raw(server: HealthServer, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), LONG) as connection:
        connection.sendall(sent)
        return read(connection)


def read(connection: socket.socket) -> bytes:
    """Read until the other side ends, however it does."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def test_what_comes_with_a_request_is_no_request(server: HealthServer) -> None:
    inner = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = raw(server, b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s" % (len(inner), inner))
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in answer


def test_several_requests_go_over_one_connection(server: HealthServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LONG)
    for method in ("GET", "HEAD", "GET"):
        connection.request(method, "/healthz")
        answer = connection.getresponse()
        assert (answer.status, len(answer.read())) == (200, 0 if method == "HEAD" else 3)
    connection.close()


def readiness(checks: Sequence[Check], query: str = "") -> tuple[int, str]:
    with serving(checks=lambda: checks) as server:
        answer = Asked(server, f"/readyz{query}")
    return answer.status, answer.text


def test_readiness_says_what_is_missing_since_when_and_what_to_do() -> None:
    lines = (
        "[+] avi (since 2026-01-02T12:00:00Z, 61 s)\n"
        "[-] guard plan 1a2b waits; confirm it (since 2026-01-02T12:00:00Z, 5 s)\n"
    )
    assert readiness((*READY, HELD)) == (503, f"{lines}not ready\n")
    assert readiness((*READY, HELD), "?verbose") == (503, f"{lines}not ready\n")
    assert readiness(READY) == (200, "ready\n")
    assert readiness(READY, "?verbose=1") == (200, "[+] avi (since 2026-01-02T12:00:00Z, 61 s)\nready\n")


def test_checks_may_be_left_out_of_the_judgement() -> None:
    assert readiness((*READY, HELD), "?exclude=guard") == (200, "ready\n")
    assert readiness((*READY, HELD), "?exclude=avi")[0] == 503
    sync = Check("full sync", is_met=False)
    assert readiness((HELD, sync), "?exclude=guard&exclude=full%20sync&verbose") == (
        200,
        "[+] guard excluded\n[+] full sync excluded\nready\n",
    )
    assert readiness(READY, "?exclude=guard") == (
        200,
        "no check is called 'guard': it cannot be excluded\nready\n",
    )


@pytest.mark.parametrize(
    ("is_connected", "works", "told", "status"),
    [
        pytest.param(True, True, "CONNECTED", 200, id="connected"),
        pytest.param(False, True, "DISCONNECTED", 503, id="lost"),
        pytest.param(None, True, "INITIATING", 503, id="not yet"),
        pytest.param(None, False, "INITIATING", 200, id="another replica works"),
        pytest.param(False, False, "DISCONNECTED", 200, id="another replica works by now"),
    ],
)
def test_the_page_of_ako_says_whether_we_are_connected(
    *, is_connected: bool | None, works: bool, told: str, status: int
) -> None:
    errors = [{"error": "no route", "timestamp": "2026-01-02T12:00:00Z"}]
    with serving(is_connected=lambda: is_connected, works=lambda: works, avi_errors=lambda: errors) as server:
        answer = Asked(server, "/api/status")
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    assert json.loads(answer.text) == {"avi_api": {"connection_status": told, "errors": errors}, "version": version()}


def test_a_question_is_answered_in_data_and_in_lines() -> None:
    with serving() as server:
        answer = Asked(server, "/api/explain?q=shp.com")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    told = json.loads(answer.text)
    assert told["answer"] == {"question": "shp.com", "near": ["shop.com"]}
    assert [line["label"] for line in told["outline"]] == ["shp.com"]


def test_an_answer_with_a_secret_before_a_quote_can_be_read_without_it() -> None:
    question = '-----BEGIN PRIVATE KEY-----abc"def'
    with serving() as server:
        answer = Asked(server, f"/api/explain?{urlencode({'q': question})}")
    assert json.loads(answer.text)["answer"]["question"] == '***"def'


def test_no_question_is_a_fault_of_who_asks() -> None:
    with serving() as server:
        assert Asked(server, "/api/explain?q=%20").status == 400


def test_an_answer_that_does_not_come_in_time_is_told() -> None:
    def is_busy(_: str, patience: float) -> Answer:
        raise NoAnswerError(f"no answer in {patience:g} s")

    with serving(ask=is_busy) as server:
        answer = Asked(server, "/api/explain?q=shop.com")
    assert (answer.status, answer.text) == (503, "no answer in 5 s\n")


def test_a_page_that_fails_says_so_and_the_log_why(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> bytes:
        raise LookupError("no such metric")

    with serving(exposition=fails) as server:
        answer = Asked(server, "/metrics")
        assert (answer.status, answer.text) == (500, "a fault of this program; the log has more\n")
        assert Asked(server, "/healthz").status == 200
    assert "a fault of this program (health): /metrics" in caplog.text
    assert "no such metric" in caplog.text


def test_a_loop_that_stands_still_is_not_well() -> None:
    with serving(standstill=lambda: 75.2) as server:
        answer = Asked(server, "/healthz")
    assert (answer.status, answer.text) == (500, "the loop stands still for 75 s\n")


# Clients that are none.


class Threads:
    """Counts the threads that came since the start."""

    def __init__(self) -> None:
        self._before = set(threading.enumerate())

    def __call__(self) -> int:
        return len([one for one in threading.enumerate() if one not in self._before])


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /heal", id="half a line"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long:", id="half a header"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", id="kept open after an answer"),
    ],
)
def test_who_says_no_more_is_cut_off(sent: bytes) -> None:
    clock = Clock()
    with serving(clock) as server, ExitStack() as opened:
        threads = Threads()
        connection = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), LONG))
        connection.sendall(sent)
        found = b""
        while sent.endswith(b"\r\n\r\n") and not found.endswith(b"ok\n"):
            found += connection.recv(4096)
        eventually(lambda: threads() == 1, "its thread")
        clock.now += PATIENCE - 0.01
        assert Asked(server, "/healthz").status == 200
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(LONG)

        def is_over() -> bool:
            clock.now += 1.0  # each time: its thread may have looked at the clock only just now
            return threads() == 0

        eventually(is_over, "no thread is left")
        assert read(connection) == b"", "no answer to what was no request"


def test_each_answer_begins_the_time_anew() -> None:
    clock = Clock()
    with serving(clock) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LONG)
        for _ in range(5):
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b"ok\n"
            assert connection.sock is not None, "it is the same connection"
            clock.now += PATIENCE * 0.9
            assert Asked(server, "/healthz").status == 200, "the server has looked at its clock"
        connection.close()


def test_who_does_not_take_the_answer_is_cut_off() -> None:
    clock, much = Clock(), bytes(64_000_000)
    with serving(clock, exposition=lambda: much) as server:
        threads = Threads()
        with socket.create_connection(("127.0.0.1", server.port), LONG) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.recv(100)
            assert Asked(server, "/healthz").status == 200, "others do not wait for it"
            clock.now += PATIENCE + 0.1
            eventually(lambda: threads() == 0, "no thread is left")
            assert len(read(connection)) < len(much)


def test_many_connections_pile_up_no_threads_and_keep_no_probe_out() -> None:
    with serving(Clock()) as server, ExitStack() as opened:
        threads = Threads()
        for _ in range(3 * MOST_CONNECTIONS):
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port), LONG))
            assert threads() <= 2 * MOST_CONNECTIONS
        for page in PAGES:
            assert Asked(server, page).status == 200
        eventually(lambda: threads() <= MOST_CONNECTIONS, "only so many threads")
        opened.close()
        eventually(lambda: threads() == 0, "no thread is left")


def test_answers_that_take_long_keep_no_probe_out_either() -> None:
    """Metrics that hang, asked for again and again: a thread each, until there are too many."""
    goes_on = threading.Event()

    def hangs() -> bytes:
        goes_on.wait(LONG)
        return b""

    with serving(Clock(), exposition=hangs) as server, ExitStack() as opened:
        threads = Threads()
        for _ in range(MOST_CONNECTIONS + 5):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), LONG))
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        assert Asked(server, "/healthz").status == 200
        for _ in range(2 * MOST_CONNECTIONS):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), LONG))
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read(connection) == b"", "there are as many threads as there may be"
        assert threads() <= 2 * MOST_CONNECTIONS
        goes_on.set()
        eventually(lambda: threads() <= MOST_CONNECTIONS, "those that are cut have ended")
        assert Asked(server, "/healthz").status == 200
        opened.close()
        eventually(lambda: threads() == 0, "no thread is left")


def test_who_goes_away_in_the_middle_is_not_worth_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    much = bytes(16_000_000)
    with serving(exposition=lambda: much) as server:
        threads = Threads()
        for sent in (b"", b"GET /met", b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"):
            connection = socket.create_connection(("127.0.0.1", server.port), LONG)
            connection.sendall(sent)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()  # with a reset
        assert Asked(server, "/healthz").status == 200
        eventually(lambda: threads() == 0, "no thread is left")
    assert capfd.readouterr() == ("", "")


def test_its_end_waits_for_nobody() -> None:
    threads, server = Threads(), HealthServer(WELL, 0, Clock())
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), LONG) as connection:
        eventually(lambda: threads() == 2, "its thread")
        server.stop()
        assert read(connection) == b""
        eventually(lambda: threads() == 0, "no thread is left")
