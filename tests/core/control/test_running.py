"""The loop as it runs: what comes back is looked at, what is left is not waited for, a fault ends nothing."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import Any, cast

import pytest

from ako.core.control.loop import LONGEST_WAIT
from ako.core.control.metrics import Metrics
from ako.core.control.readiness import health_of
from ako.core.control.world import Message
from ako.core.kube.cluster import WriteResult
from tests.builders import Manifest, endpoints, ingress
from tests.core.avi.scripted import Reply, Script, ScriptedController
from tests.core.clock import Clock
from tests.core.control.running import POOL, Running
from tests.e2e.stage import AviControl, config_map
from tests.waiting import eventually


def config(name: str) -> Manifest:
    """Build a ConfigMap of ours; what it says does not matter, for the test says what is loaded."""
    return config_map(changed=name)


CONFIG = config("once")


def served(avi: AviControl, host: str = "shop.com") -> None:
    eventually(lambda: avi.pool_of(host), f"{host} served")


def full_syncs(ako: Running) -> int:
    return ako.controller.state.full_syncs


# A Controller that comes back.


def test_a_controller_that_forgot_everything_is_filled_at_the_next_request(avi: AviControl, url: str) -> None:
    """It was wiped, or another node took over: our session is gone, and with it all that we knew."""
    with Running(url) as ako:
        served(avi)
        ako.comes_to_rest()
        before = avi.ours().keys()
        avi.wipe()
        assert avi.ours() == {}
        ako.cluster.declare(ingress("new", ("new.com", "/", "web:80")))
        served(avi, "new.com")
        eventually(lambda: before <= avi.ours().keys(), "everything back")
        assert ako.controller.full_sync.failures == 0


def test_a_controller_that_was_restored_is_put_in_line_at_the_next_request(avi: AviControl, url: str) -> None:
    """It is as it was at the time of its backup: what came since lacks, what went since is there again."""
    with Running(url) as ako:
        served(avi)
        ako.comes_to_rest()
        backup = avi.back_up()
        ako.cluster.declare(ingress("shop", ("shop.com", "/new", "web:80")))
        ako.cluster.declare(*(ingress(f"i{n}", (f"h{n}.com", "/", "web:80")) for n in range(20)))
        for n in range(20):
            served(avi, f"h{n}.com")
        eventually(lambda: f"pool/{POOL}" not in avi.ours(), "the path before gone")
        ako.comes_to_rest()
        before, count = avi.ours().keys(), full_syncs(ako)
        avi.restore(backup)
        assert f"pool/{POOL}" in avi.ours()
        assert not avi.pool_of("h7.com")
        ako.cluster.declare(ingress("new", ("new.com", "/", "web:80")))
        served(avi, "new.com")
        eventually(lambda: before <= avi.ours().keys() and f"pool/{POOL}" not in avi.ours(), "all as it should be")
        ako.comes_to_rest()
        assert len([name for name in avi.ours() if name.startswith("pool/")]) == 22
        assert 1 <= full_syncs(ako) - count <= 3, "it was found by the request, and looked for no more often than that"
        assert ako.is_alive


def test_a_controller_that_was_away_is_read_when_it_answers_again(avi: AviControl, url: str) -> None:
    """Restored from a backup, say, with our session in it: what it lacks by then is not what we write just now."""
    with Running(url) as ako:
        ako.cluster.declare(ingress("other", ("other.com", "/", "web:80")))
        served(avi)
        served(avi, "other.com")
        ako.comes_to_rest()
        count = full_syncs(ako)
        avi.misbehave({"unreachable": True})
        ako.cluster.declare(ingress("new", ("new.com", "/", "web:80")))
        eventually(lambda: not ako.controller.session.connected, "the outage")
        avi.delete("pool", POOL, force=True)
        avi.misbehave(None)
        served(avi, "new.com")
        served(avi)
        eventually(lambda: full_syncs(ako) > count, "it was read")


def test_what_is_not_there_any_more_is_a_reason_to_look_at_everything(avi: AviControl, url: str) -> None:
    """The session lives on, but an object that we know is answered with 404: others may be gone as well."""
    with Running(url) as ako:
        ako.cluster.declare(ingress("other", ("other.com", "/", "web:80")), endpoints("web", "10.0.0.1"))
        served(avi)
        served(avi, "other.com")
        ako.comes_to_rest()
        for name in list(avi.ours()):
            if name.startswith("pool/"):
                avi.delete("pool", name.removeprefix("pool/"), force=True)
        ako.cluster.declare(ingress("shop", ("shop.com", "/", "web:80"), ("shop.com", "/new", "web:80")))
        ako.cluster.declare(endpoints("web", "10.0.0.2"))
        served(avi)
        served(avi, "other.com")
        ako.comes_to_rest()
        assert {"10.0.0.2"} == {s["ip"]["addr"] for host in ("shop.com", "other.com") for s in servers_of(avi, host)}


def test_what_a_list_of_several_pages_lacks_is_looked_up(avi: AviControl, url: str) -> None:
    """It is renumbered when somebody deletes something meanwhile: what slipped is neither made anew nor drift."""
    with Running(url) as ako:
        served(avi)
        ako.comes_to_rest()
        mark, count = avi.mark(), full_syncs(ako)
        slipped = {"count": 201, "results": [], "next": "http://inside/api/vsvip?page=2"}
        avi.misbehave({"match": {"model": "vsvip", "method": "GET"}, "status": 200, "body": slipped, "times": 1})
        ako.controller._inbox.put(ako.controller.full_sync.request)
        eventually(lambda: full_syncs(ako) > count, "a full sync")
        ako.comes_to_rest()
        assert avi.writes_since(mark) == []
        asked = [request.path for request in avi.requests_since(mark) if "vsvip" in request.path]
        assert len([path for path in asked if "'name': 'c--Shared" in path]) == 1


def servers_of(avi: AviControl, host: str) -> list[dict[str, Any]]:
    pool = avi.pool_of(host)
    return list(pool["servers"]) if pool else []


# Sessions that are left.


def test_nobody_waits_for_a_session_that_is_left(avi: AviControl, url: str) -> None:
    """A wrong address is corrected while a login to it hangs: it stays as it is, and the other Controller is filled."""
    script = Script()
    script.then("POST", "/login", Reply(breaks="stall"))
    with ScriptedController(script) as wrong, Running(wrong.url) as ako:
        eventually(lambda: script.calls("POST", "/login"), "a login that hangs")
        ako.url = url
        ako.cluster.declare(CONFIG)
        served(avi)
        ako.comes_to_rest()
        assert not wrong.released.is_set(), "it hangs still"
        assert len(script.seen) == 1


def test_what_a_session_that_was_left_says_counts_for_nothing(avi: AviControl, url: str) -> None:
    """Nor does it come back to life."""
    script = Script()
    script.then("POST", "/login", Reply(breaks="stall"))
    with Running("http://127.0.0.1:1") as ako:
        with ScriptedController(script) as wrong:
            ako.url = wrong.url
            ako.cluster.declare(CONFIG)
            eventually(lambda: script.calls("POST", "/login"), "a login that hangs")
            ako.url = url
            ako.cluster.declare(config("again"))
            served(avi)
            ako.comes_to_rest()
            count = full_syncs(ako)
        ako.comes_to_rest()
        assert len(script.seen) == 1
        assert full_syncs(ako) == count
        assert ako.controller.full_sync.failures == 0


# Faults of this program.


def test_a_message_that_cannot_be_worked_with_ends_nothing(
    avi: AviControl, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What may be lost by it is made good by comparing everything: the status arrives all the same."""
    with Running(url) as ako:
        ako.cluster.answers.append(cast("WriteResult", "no result"))
        eventually(lambda: ako.cluster.status_of("shop"), "the status")
        ako.comes_to_rest()
        assert ako.controller.state.faults == {"message": 1}
        assert "AttributeError" in caplog.text
        assert b'ako_faults_total{stage="message"} 1.0' in exposition(ako)
        ako.cluster.declare(ingress("new", ("new.com", "/", "web:80")))
        served(avi, "new.com")


def test_a_pass_that_fails_is_made_again(avi: AviControl, url: str) -> None:
    with Running(url) as ako:
        served(avi)
        ako.comes_to_rest()
        ako.reload = spill
        ako.cluster.declare(CONFIG, ingress("new", ("new.com", "/", "web:80")))
        served(avi, "new.com")
        eventually(lambda: ako.controller.state.faults == {"reconcile": 1}, "counted")
        assert ako.is_alive


def test_messages_without_end_keep_nothing_from_being_done(avi: AviControl, url: str) -> None:
    """Some are taken in, then something is done about them: the loop gets anywhere, and so is alive."""
    with Running(url) as ako:
        inbox = ako.controller._inbox

        def again() -> None:
            if not has_served:
                inbox.put(again)

        has_served: list[bool] = []
        inbox.put(again)
        served(avi)
        before = ako.controller.progress
        eventually(lambda: ako.controller.progress > before, "progress")
        has_served.append(True)
        ako.comes_to_rest()


def test_what_is_computed_within_a_turn_is_progress(avi: AviControl, url: str) -> None:
    with Running(url) as ako:
        served(avi)
        ako.comes_to_rest()
        engine, before = ako.controller.reconciler.pipeline.engine, ako.controller.progress
        steps = engine.steps
        ako.cluster.declare(*(ingress(f"i{n}", (f"h{n}.com", "/", "web:80")) for n in range(20)))
        served(avi, "h19.com")
        ako.comes_to_rest()
        assert engine.steps >= steps + 3 * 20, "claims, hosts and trees"
        assert ako.controller.progress - before >= engine.steps - steps


def test_what_was_read_and_cannot_be_taken_over_is_read_again(avi: AviControl, url: str) -> None:
    ako = Running(url)
    look, full_sync = ako.controller.reconciler.look, ako.controller.full_sync

    def look_later(incompleteness: str) -> None:
        look(incompleteness) if full_sync.count > 1 else spill()

    ako.controller.reconciler.look = look_later  # type: ignore[method-assign]  # likewise
    with ako:
        served(avi)


def test_full_syncs_that_follow_each_other_lose_nothing_that_was_written(avi: AviControl, url: str) -> None:
    """Another is asked for while one is under way, as often as it can be: nothing is made twice."""
    with Running(url) as ako:
        served(avi)
        ako.comes_to_rest()
        count = full_syncs(ako)

        def again() -> None:
            ako.controller.full_sync.request()
            if full_syncs(ako) < count + 12:
                ako.controller._inbox.put(again)

        mark = avi.mark()
        ako.controller._inbox.put(again)
        for number in range(12):
            ako.cluster.declare(ingress(f"i{number}", (f"h{number}.com", "/", "web:80")))
            served(avi, f"h{number}.com")
        eventually(lambda: full_syncs(ako) >= count + 12, "a dozen full syncs")
        ako.comes_to_rest()
        assert [write for write in avi.writes_since(mark) if write.status >= 400] == []


def test_an_operator_who_cannot_be_told_keeps_nothing_from_being_done(avi: AviControl, url: str) -> None:
    with Running(url) as ako:
        served(avi)
        ako.comes_to_rest()
        ako.controller.governance.follow = spill  # type: ignore[method-assign]  # a fault in what nobody can bring about
        ako.cluster.declare(ingress("new", ("new.com", "/", "web:80")))
        served(avi, "new.com")
        eventually(lambda: ako.cluster.status_of("new"), "its status")
        eventually(lambda: ako.controller.state.faults.get("tell"), "counted")
        assert ako.controller.state.faults.keys() == {"tell"}


def test_a_run_that_is_to_end_by_itself_ends_in_spite_of_a_fault(url: str) -> None:
    ako = Running(url)
    ako.controller.reconciler.act = spill  # type: ignore[method-assign]  # likewise
    ako.controller.run(once=True)
    assert ako.controller.shortcomings()


def spill(*_: object, **__: object) -> Any:
    raise ZeroDivisionError("spilled")


def exposition(ako: Running) -> bytes:
    return health_of(ako.controller, Metrics()).exposition()


# Turns.


class Timeless(SimpleQueue[Message]):
    """Waits in no time once a controller is at rest, and says so; ends the controller when enough time has passed."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.waits: list[float] = []
        self.ako: Running | None = None
        self._clock = clock
        self._seconds = seconds

    def get(self, block: bool = True, timeout: float | None = None) -> Message:
        assert timeout is not None
        controller = self.ako.controller if self.ako else None
        if controller is None or not (controller.state.is_observed and controller.is_converged):
            return super().get(timeout=min(timeout, 0.01))
        if sum(self.waits) >= self._seconds:
            controller.stop()
            return super().get(timeout=timeout)
        self.waits.append(timeout)
        self._clock.now += timeout
        raise Empty


class Literal(SimpleQueue[Message]):
    """Waits as CPython's does at its worst: for ever, if asked for a time after a put that nobody had to wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = 0
        self.endless = 0
        self._is_spurious = False
        self._lock = threading.Lock()

    def put(self, item: Message, block: bool = True, timeout: float | None = None) -> None:
        with self._lock:
            super().put(item)
            self._is_spurious = True

    def get_nowait(self) -> Message:
        with self._lock:
            try:
                return super().get_nowait()
            except Empty:
                self._is_spurious = False
                raise

    def get(self, block: bool = True, timeout: float | None = None) -> Message:
        with self._lock:
            self.waits += 1
            self.endless += self._is_spurious and self.empty()
        return super().get(timeout=timeout)


def test_no_wait_is_without_end(avi: AviControl, url: str) -> None:
    inbox = Literal()
    with Running(url, inbox=inbox) as ako:
        served(avi)
        ako.comes_to_rest()
    assert inbox.waits > 0
    assert inbox.endless == 0


def test_an_idle_controller_makes_one_turn_a_wait(avi: AviControl, url: str) -> None:
    clock = Clock()
    inbox = Timeless(clock, 600)
    with Running(url, clock=clock, inbox=inbox) as ako:
        inbox.ako = ako
        eventually(lambda: not ako.is_alive, "ten minutes of nothing")
        mark = avi.mark()
    assert set(inbox.waits) == {LONGEST_WAIT}
    assert len(inbox.waits) == 600 / LONGEST_WAIT
    assert avi.writes_since(mark) == []
