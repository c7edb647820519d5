"""Logging in once for all threads, again when the session ends, and not at all for a while when refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest

from ako.core.avi.errors import AviAuthError, AviError, AviUnreachable, AviVersionError
from ako.core.avi.session import AviSession
from tests.core.avi.conftest import OpenSession
from tests.core.avi.scripted import Reply, Script, Seen, error
from tests.waiting import PATIENCE

THREADS = 16
JSON = b'{"name": "a"}'


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_first_request_logs_in_and_the_next_does_not(session: AviSession, script: Script) -> None:
    assert not session.connected
    assert script.seen == []

    session.get("/api/pool")
    session.get("/api/pool")

    assert [(seen.method, seen.target) for seen in script.seen] == [
        ("POST", "/login"),
        ("GET", "/api/initial-data"),
        ("GET", "/api/pool"),
        ("GET", "/api/pool"),
    ]
    assert json.loads(script.seen[0].body) == {"username": "admin", "password": "right"}
    assert session.connected
    assert session.last_error is None


def test_token_is_sent_instead_of_the_password(open_session: OpenSession, script: Script) -> None:
    script.password = "t0ken"
    open_session(token="t0ken").get("/api/pool")
    assert json.loads(script.seen[0].body) == {"username": "admin", "token": "t0ken"}


def test_endpoint_does_not_show_its_secrets(open_session: OpenSession) -> None:
    session = open_session(token="t0ken")
    assert "right" not in repr(session._endpoint)
    assert "t0ken" not in repr(session._endpoint)


def test_write_carries_session_csrf_referer_and_version(session: AviSession, script: Script, url: str) -> None:
    session.post("/api/pool", JSON)

    seen = script.calls("POST", "/api/pool")[0]
    assert seen.body == JSON
    assert seen.cookies == {"csrftoken": "csrf1", "sessionid": "session1", "avi-sessionid": "session1"}
    expected = {
        "x-csrftoken": "csrf1",
        "referer": f"{url}/",
        "x-avi-version": "22.1.4",
        "x-avi-tenant": "admin",
        "x-avi-useragent": "AKO",
        "content-type": "application/json",
    }
    assert {name: seen.headers.get(name) for name in expected} == expected


def test_login_carries_no_version(session: AviSession, script: Script) -> None:
    session.get("/api/pool")
    assert "x-avi-version" not in script.calls("POST", "/login")[0].headers
    assert "x-avi-version" not in script.calls("GET", "/api/initial-data")[0].headers


@pytest.mark.parametrize(("tenant", "sent"), [(None, "home"), ("*", "*"), ("blue", "blue"), ("", "")])
def test_tenant_of_one_request(open_session: OpenSession, script: Script, tenant: str | None, sent: str) -> None:
    open_session(tenant="home").get("/api/pool", tenant=tenant)
    assert script.calls("GET", "/api/pool")[0].headers["x-avi-tenant"] == sent


@pytest.mark.parametrize(("own", "asked"), [("zürich", None), ("admin", "zürich")])
def test_tenant_leaves_as_utf8(open_session: OpenSession, script: Script, own: str, asked: str | None) -> None:
    open_session(tenant=own).get("/api/pool", tenant=asked)
    assert script.calls("GET", "/api/pool")[0].headers["x-avi-tenant"].encode("latin-1").decode() == "zürich"


def test_session_cookie_of_another_name(session: AviSession, script: Script) -> None:
    cookies = (("Set-Cookie", "csrftoken=c; Path=/"), ("Set-Cookie", "my-session=s; HttpOnly"))
    script.then("POST", "/login", Reply(200, b'{"session_cookie_name": "my-session"}', cookies))
    script.open_sessions["s"] = "c"
    session.get("/api/pool")
    expected = {"csrftoken": "c", "my-session": "s", "sessionid": "s", "avi-sessionid": "s"}
    assert script.calls("GET", "/api/pool")[0].cookies == expected


def test_cookies_that_change_are_followed(session: AviSession, script: Script) -> None:
    rotated = (("Set-Cookie", "csrftoken=fresh; Path=/"), ("Set-Cookie", "avi-sessionid=s9; HttpOnly; Max-Age=86400"))
    script.then("GET", "/api/pool", Reply(headers=rotated))
    script.open_sessions["s9"] = "fresh"
    session.get("/api/pool")

    session.post("/api/pool", JSON)

    seen = script.calls("POST", "/api/pool")[0]
    assert seen.cookies == {"csrftoken": "fresh", "sessionid": "s9", "avi-sessionid": "s9"}
    assert script.logins == 1


def test_late_answer_of_an_ended_session_does_not_bring_its_cookies_back(session: AviSession, script: Script) -> None:
    session.get("/api/pool")
    has_come, may_go = Event(), Event()

    def hold(seen: Seen) -> None:
        if seen.target == "/api/slow":
            has_come.set()
            may_go.wait(PATIENCE)

    script.before_answer = hold
    script.then("GET", "/api/slow", Reply(headers=(("Set-Cookie", "csrftoken=old"), ("Set-Cookie", "sessionid=old"))))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(session.get, "/api/slow")
        assert has_come.wait(PATIENCE)
        script.expire_sessions()
        session.get("/api/pool")
        may_go.set()
        slow.result(timeout=PATIENCE)

    session.post("/api/pool", JSON)

    assert script.calls("POST", "/api/pool")[0].headers["x-csrftoken"] == "csrf2"


@pytest.mark.parametrize("status", [401, 419])
def test_lost_session_is_renewed_and_the_write_repeated(session: AviSession, script: Script, status: int) -> None:
    session.get("/api/pool")
    script.then("POST", "/api/pool", error(status, "session gone"), Reply(201, b'{"uuid": "pool-1"}'))

    assert session.post("/api/pool", JSON) == b'{"uuid": "pool-1"}'

    assert script.logins == 2
    first, second = script.calls("POST", "/api/pool")
    assert first.body == second.body == JSON
    assert second.headers["x-csrftoken"] == "csrf2"


def test_lost_csrf_token_told_in_plain_text(session: AviSession, script: Script) -> None:
    session.get("/api/pool")
    script.open_sessions["session1"] = "another"
    session.delete("/api/pool/pool-1")
    assert script.logins == 2


def test_second_401_in_a_row_is_temporary(session: AviSession, script: Script) -> None:
    script.then("PUT", "/api/pool/p", error(401, "session gone"), error(401, "session gone"))
    with pytest.raises(AviUnreachable) as caught:
        session.put("/api/pool/p", JSON)
    assert caught.value.status == 401
    assert not caught.value.may_have_been_carried_out
    assert not session.connected
    assert len(script.calls("PUT", "/api/pool/p")) == 2
    session.put("/api/pool/p", JSON)
    assert session.connected


def test_threads_share_one_login(session: AviSession, script: Script) -> None:
    barrier = Barrier(THREADS)

    def write(number: int) -> bytes:
        barrier.wait()
        return session.post("/api/pool", b"%d" % number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(write, range(THREADS)))
    assert script.logins == 1


def test_threads_share_one_renewal(session: AviSession, script: Script) -> None:
    session.get("/api/pool")
    script.expire_sessions()
    everybody = Barrier(THREADS)

    def meet_the_end_together(seen: Seen) -> None:
        if seen.target == "/api/pool" and seen.headers["x-csrftoken"] == "csrf1":
            everybody.wait(timeout=PATIENCE)

    script.before_answer = meet_the_end_together

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: session.post("/api/pool", b"%d" % number), range(THREADS)))

    assert script.logins == 2
    bodies = sorted(int(seen.body) for seen in script.calls("POST", "/api/pool"))
    assert bodies == sorted([*range(THREADS), *range(THREADS)])


def test_sessions_that_expire_under_load_lose_no_request(session: AviSession, script: Script) -> None:
    def write(number: int) -> bytes:
        if number in {50, 150}:
            script.expire_sessions()
        return session.post("/api/pool", b"%d" % number)

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(list(pool.map(write, range(200)))) == 200
    assert script.logins <= 3


class CountedLock:
    """A lock that tells when a number of threads have come to it."""

    def __init__(self, expected: int) -> None:
        self.all_came = Event()
        self._left = expected
        self._count = Lock()
        self._lock = Lock()

    def __enter__(self) -> None:
        with self._count:
            self._left -= 1
            if self._left == 0:
                self.all_came.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_threads_share_one_failed_login(session: AviSession, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = CountedLock(THREADS)
    monkeypatch.setattr(session, "_login_lock", lock)

    def wait_for_all(_: Seen) -> None:
        lock.all_came.wait(PATIENCE)

    script.before_answer = wait_for_all
    script.then("POST", "/login", *[error(503, "starting")] * THREADS)

    def read(_: int) -> AviError | None:
        try:
            session.get("/api/pool")
        except AviError as failure:
            return failure
        return None

    with ThreadPoolExecutor(THREADS) as pool:
        failures = list(pool.map(read, range(THREADS)))

    assert all(isinstance(failure, AviUnreachable) and failure.status == 503 for failure in failures)
    assert len({id(failure) for failure in failures}) == THREADS
    assert all(failure is not None and failure.is_loss for failure in failures), "whoever waited is told so too"
    assert len(script.calls("POST", "/login")) == 1


def test_wrong_password_is_not_tried_in_a_storm(open_session: OpenSession, script: Script) -> None:
    clock = Clock()
    session = open_session(password="wrong", clock=clock)
    waits = []
    for tries in range(1, 7):
        for _ in range(5):
            with pytest.raises(AviAuthError, match="POST /login admin: 401 Invalid credentials") as caught:
                session.get("/api/pool")
        assert len(script.calls("POST", "/login")) == tries
        assert caught.value.retry_after is not None
        waits.append(caught.value.retry_after)
        clock.now += caught.value.retry_after
    assert waits == [5, 10, 20, 40, 60, 60]
    assert not session.connected
    assert isinstance(session.last_error, AviAuthError)

    script.password = "wrong"
    session.get("/api/pool")
    assert session.connected


def test_password_changed_on_the_controller(open_session: OpenSession, script: Script) -> None:
    session = open_session(clock=Clock())
    session.get("/api/pool")
    script.password = "changed"
    script.expire_sessions()
    for _ in range(3):
        with pytest.raises(AviAuthError):
            session.post("/api/pool", JSON)
    assert len(script.calls("POST", "/api/pool")) == 1
    assert len(script.calls("POST", "/login")) == 2


def test_login_of_a_first_time_controller(session: AviSession, script: Script) -> None:
    script.then("POST", "/login", error(403, "set up the admin user first"))
    with pytest.raises(AviAuthError, match="403 set up the admin user first") as caught:
        session.get("/api/pool")
    assert caught.value.advice.startswith("avicredentials.username; set this user up on the Controller")


@pytest.mark.parametrize(
    ("path", "reply", "told"),
    [
        ("/login", error(503, "starting"), "503 starting"),
        ("/login", error(400, "bad"), "400 bad"),
        ("/login", Reply(200, b"<html>hello</html>"), "does not look like an Avi Controller"),
        ("/login", Reply(200, b"{}"), "does not look like an Avi Controller: it sent no session cookie"),
        (
            "/login",
            Reply(301, b"", (("Location", "https://other/login"),)),
            "redirected to https://other/login: write https://other into .*Host",
        ),
        (
            "/login",
            Reply(301, b"", (("Location", "http://[no host"),)),
            r"redirected to http://\[no host: write the address of",
        ),
        ("/login", Reply(breaks="reset"), "Avi Controller at http://127.0.0.1"),
    ],
)
def test_failed_login_is_no_fault_of_the_request(
    session: AviSession, script: Script, path: str, reply: Reply, told: str
) -> None:
    script.then("POST", path, reply)
    with pytest.raises(AviUnreachable, match=told) as caught:
        session.post("/api/pool", JSON)
    assert not caught.value.may_have_been_carried_out
    assert not session.connected
    session.post("/api/pool", JSON)


@pytest.mark.parametrize(
    ("theirs", "requested", "used"),
    [
        ("22.1.4", "", "22.1.4"),
        ("22.1.4", "20.1.5", "20.1.5"),
        ("22.1.4", "30.2.1", "22.1.4"),
        ("31.1.1", "", "30.2.1"),
        ("20.1.1-9071", "", "20.1.1"),
    ],
)
def test_version_in_use(open_session: OpenSession, script: Script, theirs: str, requested: str, used: str) -> None:
    script.version = theirs
    session = open_session(version=requested)
    assert session.version == ""
    session.get("/api/pool")
    assert session.version == used
    assert script.calls("GET", "/api/pool")[0].headers["x-avi-version"] == used


@pytest.mark.parametrize(
    ("theirs", "requested", "told"),
    [("18.2.10", "", "upgrade the Controller"), ("22.1.4", "18.2.10", "controllerVersion 18.2.10 is older")],
)
def test_version_too_old(open_session: OpenSession, script: Script, theirs: str, requested: str, told: str) -> None:
    clock = Clock()
    script.version = theirs
    session = open_session(version=requested, clock=clock)
    for _ in range(3):
        with pytest.raises(AviVersionError, match=told):
            session.get("/api/pool")
    assert len(script.calls("POST", "/login")) == 1


def test_version_is_read_again_at_each_login(session: AviSession, script: Script) -> None:
    session.get("/api/pool")
    script.version = "30.1.1"
    script.expire_sessions()
    session.get("/api/pool")
    assert session.version == "30.1.1"


def test_close_logs_out(open_session: OpenSession, script: Script) -> None:
    session = open_session()
    session.get("/api/pool")
    session.close()
    logout = script.calls("POST", "/logout")[0]
    assert logout.headers["x-csrftoken"] == "csrf1"
    assert logout.cookies["sessionid"] == "session1"


@pytest.mark.parametrize("has_logged_in", [True, False])
def test_close_never_fails(open_session: OpenSession, script: Script, *, has_logged_in: bool) -> None:
    session = open_session()
    if has_logged_in:
        session.get("/api/pool")
    script.then("POST", "/logout", Reply(breaks="reset"))
    session.close()
    assert len(script.calls("POST", "/logout")) == has_logged_in
    with pytest.raises(AviUnreachable):
        session.get("/api/pool")


def test_it_is_said_when_the_controller_has_forgotten_us(open_session: OpenSession, script: Script) -> None:
    """It may have other contents as well; a first login says nothing of that."""
    returns: list[None] = []
    session = open_session(on_return=lambda: returns.append(None))
    session.get("/api/pool")
    session.get("/api/pool")
    assert (len(returns), session.returns) == (0, 0)
    script.expire_sessions()
    session.get("/api/pool")
    assert (len(returns), session.returns) == (1, 1)


def test_it_is_said_when_the_controller_answers_again(open_session: OpenSession, script: Script) -> None:
    returns: list[None] = []
    session = open_session(on_return=lambda: returns.append(None))
    session.get("/api/pool")
    for _ in range(2):
        script.then("GET", "/api/pool", error(503, "restarting"), error(503, "restarting"))
        for _ in range(2):
            with pytest.raises(AviUnreachable):
                session.get("/api/pool")
        before = len(returns)
        session.get("/api/pool")
        session.get("/api/pool")
        assert len(returns) == before + 1
    script.then("GET", "/api/pool", error(404, "gone"), error(400, "no"))
    for _ in range(2):
        with pytest.raises(AviError):
            session.get("/api/pool")
    assert len(returns) == 2, "it is there, and knows us"
