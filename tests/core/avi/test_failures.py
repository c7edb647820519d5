"""What becomes of answers that are no success and of connections that break."""

from __future__ import annotations

import copy
import logging
import pickle
import socket
import threading
from dataclasses import dataclass, field

import pytest

from ako.core.avi.errors import (
    AviAuthError,
    AviConflict,
    AviError,
    AviForbidden,
    AviNotFound,
    AviRejected,
    AviStale,
    AviUnreachable,
    error_for,
    message_of,
)
from ako.core.avi.line import Line
from ako.core.avi.session import AviSession
from ako.core.base.outages import Outages
from tests.core.avi.conftest import OpenSession
from tests.core.avi.scripted import Reply, Script, ScriptedController, error
from tests.waiting import PATIENCE

JSON = b'{"name": "a"}'

SORTED = [
    (302, "POST", "", AviForbidden),
    (400, "POST", "Field check failed", AviRejected),
    (400, "POST", "Pool with name x already exists", AviConflict),
    (400, "PUT", "name already exists", AviRejected),
    (401, "GET", "Session expired", AviUnreachable),
    (401, "GET", "Invalid credentials", AviAuthError),
    (403, "PUT", "role has no write access", AviForbidden),
    (403, "DELETE", "Cannot delete, object is referred by: ['PoolGroup pg1']", AviRejected),
    (404, "PUT", "Pool object not found!", AviNotFound),
    (405, "DELETE", "Method 'DELETE' not allowed.", AviRejected),
    (408, "POST", "", AviUnreachable),
    (409, "POST", "already exists", AviConflict),
    (409, "PUT", "", AviConflict),
    (412, "PUT", "Need to reload object data VsVip", AviStale),
    (419, "PUT", "", AviUnreachable),
    (422, "POST", "", AviRejected),
    (429, "POST", "", AviUnreachable),
    (500, "POST", "oops", AviUnreachable),
    (500, "POST", "Import error: no common_name", AviRejected),
    (500, "POST", "Bad pb: message lacks addr", AviRejected),
    (502, "GET", "Bad pb", AviUnreachable),
    (503, "GET", "", AviUnreachable),
    (504, "GET", "", AviUnreachable),
]


@pytest.mark.parametrize(("status", "method", "message", "sort"), SORTED)
def test_answers_are_sorted_by_what_to_do(status: int, method: str, message: str, sort: type[AviError]) -> None:
    failure = error_for(method, "/api/pool", status, message)
    assert type(failure) is sort
    assert (failure.status, failure.method, failure.path) == (status, method, "/api/pool")


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [("POST", 500, True), ("PUT", 504, True), ("DELETE", 408, True), ("GET", 500, False), ("POST", 429, False)],
)
def test_write_may_have_been_carried_out(method: str, status: int, *, expected: bool) -> None:
    failure = error_for(method, "/api/pool", status, "")
    assert isinstance(failure, AviUnreachable)
    assert failure.may_have_been_carried_out is expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": "Pool object not found!"}', "Pool object not found!"),
        (b'{"detail": "Method not allowed."}', "Method not allowed."),
        (b'{"error": {"name": ["too long"]}}', '{"name":["too long"]}'),
        (b'{"obj_name": "x"}', '{"obj_name": "x"}'),
        (b"CSRF token missing or incorrect.", "CSRF token missing or incorrect."),
        (b"<html>\n <h1>Bad Gateway</h1>\n</html>", "<html> <h1>Bad Gateway</h1> </html>"),
        (b'["a list"]', '["a list"]'),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
        (b'{"error": "' + b"x" * 5000 + b'"}', "x" * 2000 + "…"),
    ],
)
def test_message_of_an_answer(body: bytes, message: str) -> None:
    assert message_of(body) == message


def test_error_reads_well() -> None:
    failure = error_for("POST", "/api/pool", 400, "Field check failed")
    assert str(failure) == "POST /api/pool: 400 Field check failed"
    failure.subject = "cluster--x"
    assert str(failure) == "POST /api/pool cluster--x: 400 Field check failed"
    assert str(error_for("GET", "/api/pool", 404, "")) == "GET /api/pool: 404 (no message)"
    assert str(AviUnreachable("no route")) == "no route"


def test_errors_can_be_copied_and_pickled() -> None:
    failure = error_for("POST", "/api/pool", 503, "starting", 7.0)
    for twin in (copy.copy(failure), pickle.loads(pickle.dumps(failure))):
        assert type(twin) is AviUnreachable
        assert vars(twin) == vars(failure)
        assert twin.retry_after == 7.0


@pytest.mark.parametrize(
    ("message", "model"),
    [
        ("Pool object not found!", "Pool"),
        ("VrfContext not found", "VrfContext"),
        ("Network object not found", "Network"),
        ("no such page", ""),
        ("object not found", ""),
        ("<h1>The page was not found</h1>", ""),
    ],
)
def test_model_that_is_missing(message: str, model: str) -> None:
    failure = error_for("PUT", "/api/poolgroup/pg", 404, message)
    assert isinstance(failure, AviNotFound)
    assert failure.missing_model == model


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", None), ("", None)])
def test_retry_after(session: AviSession, script: Script, header: str, seconds: float | None) -> None:
    script.then("POST", "/api/pool", error(429, "slow down", Retry_After=header))
    with pytest.raises(AviUnreachable) as caught:
        session.post("/api/pool", JSON)
    assert caught.value.retry_after == seconds
    assert session.connected


def test_answer_with_an_error_is_told_with_path_and_query(session: AviSession, script: Script) -> None:
    script.then("GET", "/api/pool", error(403, "Tenant 'x' does not exist!"))
    with pytest.raises(AviRejected, match=r"^GET /api/pool\?name=a%20b: 403 Tenant 'x' does not exist!$"):
        session.get("/api/pool", params={"name": "a b"})
    assert session.connected


@pytest.mark.parametrize("breaks", ["reset", "close", "half", "garbage"])
def test_broken_write_is_not_repeated(session: AviSession, script: Script, breaks: str) -> None:
    session.get("/api/pool")
    script.then("POST", "/api/pool", Reply(breaks=breaks))
    with pytest.raises(AviUnreachable) as caught:
        session.post("/api/pool", JSON)
    assert caught.value.may_have_been_carried_out
    assert caught.value.status is None
    assert "0x" not in str(caught.value)
    assert len(script.calls("POST", "/api/pool")) == 1
    assert not session.connected


@pytest.mark.parametrize("breaks", ["reset", "close"])
def test_broken_read_is_repeated_once(session: AviSession, script: Script, breaks: str) -> None:
    script.then("GET", "/api/pool", Reply(breaks=breaks))
    session.get("/api/pool")
    assert len(script.calls("GET", "/api/pool")) == 2

    script.then("GET", "/api/pool", Reply(breaks=breaks), Reply(breaks=breaks))
    with pytest.raises(AviUnreachable) as caught:
        session.get("/api/pool")
    assert not caught.value.may_have_been_carried_out
    assert len(script.calls("GET", "/api/pool")) == 4


def test_connection_closed_while_idle_is_replaced(
    session: AviSession, script: Script, controller: ScriptedController
) -> None:
    session.get("/api/pool")
    controller.drop_connections()
    session.post("/api/pool", JSON)
    assert len(script.calls("POST", "/api/pool")) == 1


@pytest.mark.parametrize("breaks", ["stall", "stall in the body"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_time_out(open_session: OpenSession, script: Script, method: str, breaks: str) -> None:
    session = open_session(timeout=(PATIENCE, 1.0))
    session.get("/api/pool")
    script.then(method, "/api/vsvip", Reply(breaks=breaks))
    with pytest.raises(AviUnreachable, match=r"no answer within 1 s") as caught:
        session.request(method, "/api/vsvip", body=JSON)
    assert caught.value.may_have_been_carried_out is (method == "POST")
    assert len(script.calls(method, "/api/vsvip")) == 1


def test_nobody_listens(open_session: OpenSession, script: Script) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    session = open_session(url=f"http://127.0.0.1:{port}")
    with pytest.raises(AviUnreachable, match=f"Avi Controller at http://127.0.0.1:{port}: .*refused") as caught:
        session.post("/api/pool", JSON)
    assert not caught.value.may_have_been_carried_out
    assert session.last_error is not None
    assert str(session.last_error) == str(caught.value)


@pytest.mark.parametrize("url", ["10.0.0.1", "ftp://10.0.0.1", "https://", "https://h/avi", "https://h?x=1"])
def test_url_that_is_none(open_session: OpenSession, url: str) -> None:
    with pytest.raises(ValueError, match="not the URL of an Avi Controller"):
        open_session(url=url)


def test_loss_and_return_are_logged_once(session: AviSession, script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="ako.core.avi")
    session.get("/api/pool")
    script.then("GET", "/api/pool", *[error(503, "restarting")] * 3)
    for _ in range(3):
        with pytest.raises(AviUnreachable):
            session.get("/api/pool")
    session.get("/api/pool")
    assert [(record.levelname, record.message.partition(" at http")[0]) for record in caplog.records] == [
        ("INFO", "logged in to the Avi Controller"),
        ("WARNING", "lost the Avi Controller"),
        ("INFO", "the Avi Controller"),
    ]


@dataclass
class Metrics:
    """Keeps what it is told."""

    seen: list[tuple[str, str, int]] = field(default_factory=list)

    def observe_request(self, method: str, avi_type: str, status: int, seconds: float) -> None:
        assert 0 <= seconds < 60
        self.seen.append((method, avi_type, status))


def test_observer_is_told_of_each_exchange(open_session: OpenSession, script: Script) -> None:
    metrics = Metrics()
    session = open_session(observer=metrics)
    session.get("/api/pool/pool-1")
    script.then("PUT", "/api/vsvip/v", error(412, "stale"), Reply(breaks="reset"))
    for _ in range(2):
        with pytest.raises(AviError):
            session.put("/api/vsvip/v", JSON)
    assert metrics.seen == [
        ("POST", "login", 200),
        ("GET", "initial-data", 200),
        ("GET", "pool", 200),
        ("PUT", "vsvip", 412),
        ("PUT", "vsvip", 0),
    ]


def test_what_comes_of_a_line_that_was_left_is_no_loss_of_the_controller_that_counts_now(
    open_session: OpenSession, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    outages, hangs = Outages(lambda: 0.0), threading.Event()
    before, now = open_session(outages=outages), open_session(outages=outages)
    line = Line(before, 1)
    line.requests.submit(hangs.wait)
    for session in (before, now):
        session.get("/api/pool")
    line.leave()
    script.then("GET", "/api/pool", error(503, "of another"))
    with pytest.raises(AviUnreachable):
        before.get("/api/pool")
    hangs.set()
    assert "lost the Avi Controller" not in caplog.text
    script.then("GET", "/api/pool", error(503, "starting"))
    with pytest.raises(AviUnreachable):
        now.get("/api/pool")
    assert "lost the Avi Controller" in caplog.text
    line.requests.shutdown(wait=True)
