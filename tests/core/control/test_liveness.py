"""Whether the program is alive depends on its getting anywhere: not on how much there is to do, nor on anybody else.

The clock of the probes is moved by hand, further each time than a loop may stand still.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from ako import VirtualHost, hookimpl
from ako.core.control import intake
from ako.core.control.health_server import HealthServer
from ako.core.control.metrics import Metrics
from ako.core.control.readiness import STANDSTILL, Liveness, health_of
from ako.core.hooks.loading import Plugin
from ako.core.kube.sight import WatchReport
from ako.testing.rehearsal import ref_of
from tests.builders import endpoints, ingress, service
from tests.core.avi.scripted import Reply, Script, ScriptedController
from tests.core.clock import Clock
from tests.core.control.running import Running
from tests.e2e.stage import AviControl
from tests.waiting import PATIENCE, eventually


class Probed:
    """A controller with its health server, and a probe whose clock stands still until it is moved."""

    def __init__(self, ako: Running) -> None:
        self.clock = Clock()
        self._server = HealthServer(health_of(ako.controller, Metrics(), self.clock), 0)
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> Probed:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        self._server.stop()

    def get(self, path: str) -> requests.Response:
        return self._http.get(f"http://127.0.0.1:{self._server.port}{path}", timeout=PATIENCE)

    def is_well(self) -> bool:
        return self.get("/healthz").status_code == 200


@contextmanager
def held_up(ako: Running) -> Iterator[None]:
    """Keep the thinking thread in one message, of which nothing comes."""
    begun, goes_on = threading.Event(), threading.Event()

    def stand_still() -> None:
        begun.set()
        goes_on.wait(PATIENCE)

    ako.controller._inbox.put(stand_still)
    assert begun.wait(PATIENCE)
    yield
    goes_on.set()


def test_a_loop_is_alive_as_long_as_it_gets_anywhere() -> None:
    """However long a turn takes: what is done within it counts."""
    clock, done = Clock(), [0]
    liveness = Liveness(lambda: done[0], clock)
    for _ in range(10):
        clock.now += STANDSTILL - 1
        done[0] += 1
        assert not liveness.standstill()
    clock.now += STANDSTILL - 1
    assert not liveness.standstill()
    clock.now += 1
    assert liveness.standstill() == STANDSTILL
    clock.now += 9
    assert liveness.standstill() == STANDSTILL + 9
    done[0] += 1
    assert not liveness.standstill()


def test_a_loop_that_is_stuck_fails_and_all_pages_answer_meanwhile(avi: AviControl, url: str) -> None:
    with Running(url) as ako, Probed(ako) as probe:
        ako.comes_to_rest()
        with held_up(ako):
            assert probe.is_well(), "not for long yet"
            probe.clock.now += STANDSTILL - 1
            assert probe.is_well()
            probe.clock.now += 1
            failed = probe.get("/healthz")
            assert (failed.status_code, failed.text) == (500, "the loop stands still for 60 s\n")
            assert probe.get("/readyz?verbose").status_code == 200
            assert probe.get("/metrics").status_code == 200
            assert probe.get("/api/status").status_code == 200
        eventually(probe.is_well, "it goes on")


def test_a_burst_of_messages_is_alive_however_long_it_takes(url: str) -> None:
    """A minute a message, thousands of them in one go."""
    with Running(url) as ako, Probed(ako) as probe:
        ako.comes_to_rest()
        liveness, failures = Liveness(lambda: ako.controller.progress, probe.clock), list[float]()

        def slow() -> None:
            probe.clock.now += STANDSTILL
            failures.extend(filter(None, [liveness.standstill()]))

        for number in range(5000):
            ako.controller._inbox.put(slow)
            if number % 5 == 0:
                ako.cluster.declare(endpoints("web", f"10.0.{number // 256 % 256}.{number % 256}"))
        while not ako.controller.is_converged:
            assert probe.is_well()
        eventually(lambda: probe.clock.now == Clock().now + 5000 * STANDSTILL, "the last of them")
        assert failures == []


def test_a_pass_that_takes_hours_is_alive(avi: AviControl, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each host that is worked out, each plan and each object that is told takes almost as long as may pass."""
    with Running(url) as ako, Probed(ako) as probe:
        ako.comes_to_rest()
        reconciler = ako.controller.reconciler
        liveness, taken = Liveness(lambda: ako.controller.progress, probe.clock), dict[str, int]()
        failures: list[tuple[str, float]] = []

        def take_long(owner: Any, name: str) -> None:
            does = getattr(owner, name)

            def slowly(*arguments: Any, **more: Any) -> Any:
                probe.clock.now += STANDSTILL - 1
                taken[name] = taken.get(name, 0) + 1
                if threading.current_thread().name == "controller":
                    failures.extend((name, found) for found in [liveness.standstill()] if found)
                return does(*arguments, **more)

            monkeypatch.setattr(owner, name, slowly)

        take_long(reconciler.pipeline.engine, "_compute")
        take_long(reconciler.dispatcher.planner, "_draft")
        take_long(reconciler.reporter, "_report")
        monkeypatch.setattr(intake, "HOLD_OFF", 0.2)  # all in one pass
        monkeypatch.setattr(intake, "LONGEST_HOLD_OFF", 1.0)
        began = probe.clock.now
        hosts = range(40)
        ako.cluster.declare(*(service(f"s{n}") for n in hosts), *(endpoints(f"s{n}", "10.0.0.2") for n in hosts))
        ako.cluster.declare(*(ingress(f"i{n}", (f"h{n}.com", "/", f"s{n}:80")) for n in hosts))
        eventually(lambda: all(avi.pool_of(f"h{n}.com") for n in hosts), "all served")
        ako.comes_to_rest()
        assert failures == []
        assert taken["_compute"] >= 3 * len(hosts)
        assert taken["_draft"] >= 1
        assert taken["_report"] >= len(hosts)
        assert probe.clock.now - began > 2 * 3600


def has_a_turn(ako: Running) -> None:
    before = ako.controller.progress
    ako.controller._inbox.put(lambda: None)  # without the wait for one
    eventually(lambda: ako.controller.progress > before, "a turn", interval=0.0005)


def goes_round(ako: Running, probe: Probed, hours: int) -> None:
    """Let hours pass for the probe, in steps as long as a loop may stand still, and insist that it is always well."""
    for _ in range(hours * 60):
        has_a_turn(ako)
        probe.clock.now += STANDSTILL
        assert probe.is_well()


def test_a_login_that_hangs_is_nobodys_death() -> None:
    script = Script()
    script.then("POST", "/login", Reply(breaks="stall"))
    with ScriptedController(script) as hanging, Running(hanging.url) as ako, Probed(ako) as probe:
        eventually(lambda: script.calls("POST", "/login"), "a login that hangs")
        goes_round(ako, probe, hours=2)
        assert probe.get("/readyz").status_code == 503
        status = probe.get("/api/status")
        assert (status.status_code, status.json()["avi_api"]["connection_status"]) == (503, "INITIATING")
        hanging.released.set()


def test_a_controller_that_is_away_is_nobodys_death(avi: AviControl, url: str) -> None:
    with Running(url) as ako, Probed(ako) as probe:
        ako.comes_to_rest()
        avi.misbehave({"unreachable": True})
        ako.cluster.declare(ingress("new", ("new.com", "/", "web:80")))
        eventually(lambda: not ako.controller.session.connected, "the outage")
        goes_round(ako, probe, hours=2)
        status = probe.get("/api/status")
        assert (status.status_code, status.json()["avi_api"]["connection_status"]) == (503, "DISCONNECTED")
        lines = probe.get("/readyz").text.splitlines()
        assert next(line for line in lines if line.startswith("[-] avi ")).endswith(" s)")


def test_an_api_server_that_says_nothing_is_nobodys_death(url: str) -> None:
    lost = WatchReport(kind=ref_of(service("web")).kind, lost_at=time.time() - 9, lost_seconds=7200.0, reason="silent")
    with Running(url) as ako, Probed(ako) as probe:
        ako.comes_to_rest()
        ako.cluster.reports = (lost,)
        goes_round(ako, probe, hours=2)
        told = probe.get("/readyz")
        assert told.status_code == 503
        assert "the Kubernetes API server has not been heard of since" in told.text


def test_an_api_server_that_never_answered_is_nobodys_death(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is listed, and so nothing concluded."""
    ako = Running(url)
    monkeypatch.setattr(ako.cluster, "list_anew", lambda: None)
    with ako, Probed(ako) as probe:
        goes_round(ako, probe, hours=2)
        told = probe.get("/readyz")
        assert told.status_code == 503
        assert "[-] kubernetes " in told.text


@pytest.mark.parametrize("page", ["/healthz", "/readyz", "/metrics", "/api/status"])
def test_the_answer_comes_while_the_loop_computes(url: str, page: str) -> None:
    """It holds the interpreter as much as it can; an answer takes some turns of that, and no longer."""
    with Running(url) as ako, Probed(ako) as probe:
        ako.comes_to_rest()
        has_answered = threading.Event()

        def compute() -> None:
            while not has_answered.is_set():
                sum(range(1000))

        ako.controller._inbox.put(compute)
        for _ in range(3):
            assert probe.get(page).status_code == 200
        has_answered.set()


def test_a_check_changes_when_it_does_and_not_when_somebody_asks(avi: AviControl, url: str) -> None:
    day = Clock(1e9)

    def tells_anew(ako: Running) -> None:
        before = ako.controller.state
        ako.controller._inbox.put(lambda: None)
        eventually(lambda: ako.controller.state is not before, "another pass")

    with Running(url, now=day) as ako, Probed(ako) as probe:
        ako.comes_to_rest()
        avi.misbehave({"unreachable": True})
        ako.cluster.declare(ingress("new", ("new.com", "/", "web:80")))
        eventually(lambda: not ako.controller.session.connected, "the outage")
        for _ in range(2):  # the first one may have begun before
            tells_anew(ako)
        day.now += 3600.0
        lines = probe.get("/readyz").text.splitlines()
        assert "since 2001-09-09T01:46:40Z" in next(line for line in lines if line.startswith("[-] avi "))


class Stuck:
    """A plugin whose hook does not answer as long as a test wants."""

    def __init__(self) -> None:
        self.asked, self.goes_on = threading.Event(), threading.Event()

    @hookimpl
    def ako_translate(self, virtual_host: VirtualHost) -> None:
        if virtual_host.host == "stuck.com":
            self.asked.set()
            self.goes_on.wait(PATIENCE)


def test_a_hook_that_nothing_ends_is_no_sign_of_life(url: str) -> None:
    """Neither that it is asked, nor that others ask for health and metrics meanwhile."""
    stuck = Stuck()
    with Running(url, plugins=[Plugin("stuck", stuck)]) as ako, Probed(ako) as probe:
        ako.comes_to_rest()
        ako.cluster.declare(ingress("stuck", ("stuck.com", "/", "web:80")))
        assert stuck.asked.wait(PATIENCE)
        assert probe.is_well()
        probe.clock.now += STANDSTILL
        assert probe.get("/metrics").status_code == 200
        assert not probe.is_well()
        stuck.goes_on.set()
        eventually(probe.is_well, "it goes on")
