"""Viewers of the page as connections: slow, gone, many, or told nothing for long; and probes beside them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from msgspec.structs import replace

from ako.core.control import views
from ako.core.control.health_pages import Outlook
from ako.core.control.health_server import MOST_CONNECTIONS, PATIENCE, HealthServer
from ako.core.observe.observed import Observed
from ako.core.overview.overview import MOST_REMEMBERED, Overview
from ako.core.overview.rendering import Rendering
from tests.builders import Fed, settings
from tests.core.clock import Clock
from tests.core.control.test_health_server import WELL, Threads
from tests.core.control.viewing import Look, Viewer
from tests.waiting import PATIENCE as LONG
from tests.waiting import eventually


class Shown:
    """A health server whose picture is what the test shows."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self.overview = Overview(Fed().pipeline, Observed())
        self.switch(is_on=True)
        health = replace(WELL, outlook=Outlook(self.overview, lambda: self._settings))
        self.server = HealthServer(health, 0, clock) if clock else HealthServer(health, 0)

    def switch(self, *, is_on: bool) -> None:
        self._settings = settings(ako__ui__enabled=str(is_on).lower())

    def look(self, path: str = "/api/topology", **headers: str) -> Look:
        return Look(self.server.port, path, **headers)

    @property
    def seen(self) -> str:
        picture = self.look().json
        return f"{picture['instance']}:{picture['version']}"

    def viewer(self, seen: str = "") -> Viewer:
        return Viewer(self.server.port, seen or self.seen)


@contextmanager
def showing(clock: Callable[[], float] | None = None) -> Iterator[Shown]:
    shown = Shown(clock)
    shown.overview.show({"works": True})
    shown.server.start()
    yield shown
    shown.overview.end()
    shown.server.stop()


def test_a_viewer_that_comes_again_is_told_what_it_missed() -> None:
    with showing() as page:
        seen = page.seen
        page.overview.show({"note": "missed"})
        with page.viewer(seen) as viewer:
            block = next(block for block in viewer.blocks() if block.get("event"))
        assert (block["event"], '"note":"missed"' in block["data"]) == ("change", True)
        assert block["id"] == page.seen
        with page.viewer(block["id"]) as viewer:
            page.overview.show({"note": "new"})
            assert next(viewer.events())[1]["note"] == "new"


def test_what_is_not_remembered_any_more_is_looked_at_as_a_whole() -> None:
    with showing() as page:
        seen = page.seen
        page.overview.show({f"note {number}": number for number in range(MOST_REMEMBERED + 1)})
        with page.viewer(seen) as viewer:
            assert next(viewer.events()) == ("reset", {})


def test_what_changes_in_quick_succession_comes_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rests = threading.Event()
    with showing() as page:
        wait_for_end = page.overview.wait_for_end

        def rest(_: float) -> None:
            rests.wait(LONG)
            wait_for_end(0.0)

        monkeypatch.setattr(page.overview, "wait_for_end", rest)
        with page.viewer() as viewer:
            events = viewer.events()
            page.overview.show({"note": 1})
            assert next(events)[1]["note"] == 1
            for number in range(2, 30):
                page.overview.show({"note": number, f"note {number}": number})
            rests.set()
            _, data = next(events)
        assert (data["note"], data["note 2"]) == (29, 2)


def test_who_is_told_nothing_hears_that_there_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sooner than the server would cut off who is silent."""
    assert views.HEARTBEAT + views.LOOK_SECONDS < PATIENCE
    monkeypatch.setattr(views, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(views, "HEARTBEAT", 0.03)
    clock = Clock()
    with showing(clock) as page, page.viewer() as viewer:
        blocks = viewer.blocks()
        assert next(blocks) == {"retry": "2000"}
        for _ in range(5):
            assert next(blocks) == {"": ""}
            clock.now += PATIENCE * 0.6
            assert page.look("/healthz").status == 200, "the server has looked at its clock"


def test_who_does_not_read_is_cut_off_and_its_seat_is_free() -> None:
    clock = Clock()
    with showing(clock) as page:
        threads = Threads()
        with page.viewer() as viewer:
            assert next(viewer.blocks()) == {"retry": "2000"}
            page.overview.show({"note": "a" * 16_000_000})
            assert page.look("/healthz").status == 200, "others do not wait for it"

            def is_over() -> bool:
                clock.now += PATIENCE + 0.1
                return threads() == 0

            eventually(is_over, "no thread is left")


def test_who_goes_away_leaves_no_thread() -> None:
    with showing() as page:
        threads = Threads()
        for _ in range(2):
            with ExitStack() as opened:
                for _ in range(views.MOST_VIEWERS):
                    assert opened.enter_context(page.viewer()).status == 200
            eventually(lambda: threads() == 0, "no thread is left")


def test_viewers_keep_no_probe_out_however_many_connections_there_are() -> None:
    with showing(Clock()) as page, ExitStack() as opened:
        for _ in range(views.MOST_VIEWERS):
            opened.enter_context(page.viewer())
        for _ in range(2 * MOST_CONNECTIONS):
            opened.enter_context(socket.create_connection(("127.0.0.1", page.server.port), LONG))
        assert page.look("/healthz").status == 200


def test_all_are_let_go_at_the_end() -> None:
    with showing() as page:
        threads = Threads()
        with page.viewer() as viewer:
            assert next(viewer.blocks()) == {"retry": "2000"}
            page.overview.end()
            assert not list(viewer.blocks())
        eventually(lambda: threads() == 0, "no thread is left")


def test_what_somebody_claims_to_have_seen_takes_no_seat_away() -> None:
    with showing() as page, ExitStack() as opened:
        instance = page.look().json["instance"]
        for _ in range(views.MOST_VIEWERS):
            with page.viewer(f"{instance}:{'9' * 5000}") as viewer:
                assert next(viewer.events()) == ("reset", {})
        eventually(lambda: opened.enter_context(page.viewer()).status == 200, "a seat for who comes later")


def test_who_looks_on_while_it_is_switched_off_sees_no_more() -> None:
    with showing() as page, page.viewer() as viewer:
        blocks = viewer.blocks()
        assert next(blocks) == {"retry": "2000"}
        page.switch(is_on=False)
        page.overview.show({"note": "for nobody"})
        for block in blocks:
            assert "event" not in block
        assert page.look().status == 404


def test_a_fault_in_what_is_sent_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with showing() as page:
        seen = page.seen
        monkeypatch.setattr(Rendering, "since", lambda *_: 1 / 0)
        page.overview.show({"note": "new"})
        with page.viewer(seen) as viewer:
            assert not list(viewer.events())
        assert "a fault of this program (health): /api/topology/events\nTraceback" in caplog.text


# How it is sent.


def test_what_is_large_comes_compressed_to_who_takes_that() -> None:
    with showing() as page:
        page.overview.show({"note": "a" * 100_000})
        plain, zipped = page.look(), page.look(Accept_Encoding="br, gzip;q=0.5")
        assert "Content-Encoding" not in plain.headers
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert len(zipped.body) < len(plain.body) / 10
        assert zipped.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path", ["/ui", "/ui/app.js", "/ui/nothing.js", "/api/topology", "/api/explain?q=a", "/healthz"]
)
def test_no_answer_runs_anything_from_elsewhere_or_is_shown_by_other_pages(path: str) -> None:
    with showing() as page:
        headers = page.look(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
        assert not [name for name in headers if name.lower().startswith("access-control")]


def test_a_file_that_a_browser_has_is_not_sent_again() -> None:
    with showing() as page:
        first = page.look("/ui")
        assert (first.status, first.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        again = page.look("/ui", If_None_Match=first.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
        assert page.look("/ui", If_None_Match='"another"').status == 200
        assert page.look("/ui/").headers["Location"] == "../ui"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8080", 200),
        ("shop.localhost", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("elsewhere.example", 421),
        ("elsewhere.example:8080", 421),
        ("localhost.elsewhere.example", 421),
        ("[nonsense", 421),
    ],
)
def test_over_the_loopback_a_page_from_elsewhere_is_told_nothing(host: str, status: int) -> None:
    with showing() as page:
        assert page.look("/api/topology", Host=host).status == status
        assert page.look("/healthz", Host=host).status == 200
