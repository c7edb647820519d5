"""Statuses on their way to Kubernetes: the latest wanted one arrives, whatever happens on the way."""

from __future__ import annotations

import queue
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pytest

from ako.core.base.backoff import Pace
from ako.core.base.refs import Kind, ObjectRef
from ako.core.kube.cluster import Cluster, Event, WriteOutcome, WriteResult
from ako.core.report.status_desk import StatusDesk
from tests.waiting import PATIENCE

SHOP = ObjectRef(Kind("networking.k8s.io", "v1", "Ingress"), "default", "shop")
ONE, TWO = {"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}
DONE, GONE = WriteResult(WriteOutcome.DONE), WriteResult(WriteOutcome.GONE)
REFUSED, BUSY = WriteResult(WriteOutcome.REFUSED, "may not (403)"), WriteResult(WriteOutcome.RETRY, "busy (503)")
OUTDATED = WriteResult(WriteOutcome.OUTDATED, "the object has been modified (409)")
CEILING = 60.0


class HeldCluster:
    """Takes statuses and answers each when it is told to."""

    def __init__(self) -> None:
        self.asked: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[WriteResult] = queue.SimpleQueue()

    def write_status(self, ref: ObjectRef, status: Mapping[str, Any] | None, version: str = "") -> WriteResult:
        self.asked.put(status)
        return self.answers.get(timeout=PATIENCE)

    def write_event(self, ref: ObjectRef, event: Event) -> WriteOutcome:
        self.asked.put({"event": event.reason})
        if self.answers.get(timeout=PATIENCE) is not DONE:
            raise OSError("no such report")
        return WriteOutcome.DONE


class Scene:
    """A desk, and both sides of it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.cluster = HeldCluster()
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        pace = Pace(lambda: self.now, random.Random(0), ceiling=CEILING)
        self.desk = StatusDesk(cast("Cluster", self.cluster), pace, self._inbox.put)

    def under_way(self) -> Mapping[str, Any] | None:
        """Wait until a write is under way, and give what is written."""
        return self.cluster.asked.get(timeout=PATIENCE)

    def ends(self, result: WriteResult) -> None:
        """Have the write that is under way end so, and the desk hear of it."""
        self.cluster.answers.put(result)
        self._inbox.get(timeout=PATIENCE)()

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.desk.send_due()

    def nothing_under_way(self) -> bool:
        """Say whether nothing was sent that was not waited for, be there something left to do or not."""
        return self.cluster.asked.empty() and not self.desk._running

    def rests(self) -> bool:
        """Say whether nothing was sent that was not waited for."""
        return self.cluster.asked.empty() and self.desk.is_idle


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    yield scene
    for _ in range(2):  # a status and an Event may be in hand
        scene.cluster.answers.put(DONE)
    scene.desk.close()


def test_what_is_written_is_not_written_again(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.desk.write(SHOP, ONE)
    scene.ends(DONE)
    scene.desk.write(SHOP, ONE)
    assert scene.rests()


def test_what_is_wanted_meanwhile_follows(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.desk.write(SHOP, TWO)
    scene.ends(DONE)
    assert scene.under_way() == TWO
    scene.ends(DONE)
    assert scene.rests()


def test_an_object_made_anew_while_its_status_is_under_way_gets_it_too(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.desk.seen([SHOP])
    scene.desk.write(SHOP, ONE)
    scene.ends(DONE)
    assert scene.under_way() == ONE
    scene.ends(DONE)
    scene.desk.write(SHOP, ONE)
    assert scene.rests()


def test_our_own_status_that_comes_back_before_the_answer_is_not_written_again(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.desk.seen([SHOP])
    scene.desk.write(SHOP, None)
    scene.ends(DONE)
    assert scene.rests()


def test_a_write_that_failed_does_not_come_after_a_status_that_is_right(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.desk.seen([SHOP])
    scene.desk.write(SHOP, None)
    scene.ends(BUSY)
    scene.passes(CEILING)
    assert scene.rests()


def test_an_object_that_went_and_came_back_gets_its_status(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.desk.forget(SHOP)
    scene.ends(DONE)
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.ends(GONE)
    assert scene.rests()


def test_what_is_refused_is_tried_again_at_the_longest_wait_and_told_once(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.desk.write(SHOP, ONE)
    for _ in range(3):
        assert scene.under_way() == ONE
        scene.ends(REFUSED)
        scene.desk.write(SHOP, ONE)
        scene.passes(CEILING / 2 - 1)
        assert scene.rests(), "a run that is to end by itself does not wait for it"
        scene.passes(CEILING / 2 + 1)
    assert scene.under_way() == ONE
    scene.ends(DONE)
    assert [record.getMessage() for record in caplog.records] == ["status not written: may not (403)"]
    scene.passes(CEILING)
    assert scene.rests()


def test_after_a_refusal_another_status_is_tried_at_once(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.ends(REFUSED)
    scene.desk.write(SHOP, TWO)
    assert scene.under_way() == TWO
    scene.desk.write(SHOP, ONE)
    scene.ends(REFUSED)
    assert scene.under_way() == ONE
    scene.ends(DONE)
    assert scene.rests()


def test_after_a_refusal_an_object_seen_anew_is_tried_at_once(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.ends(REFUSED)
    scene.desk.seen([SHOP])
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.ends(DONE)
    assert scene.rests()


def test_a_busy_server_is_tried_again_soon(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE
    scene.ends(BUSY)
    assert not scene.desk.is_idle
    scene.passes(1.0)
    assert scene.under_way() == ONE
    scene.ends(DONE)
    assert scene.rests()


def test_a_status_that_comes_too_late_is_worked_out_anew_as_soon_as_the_object_is_seen(scene: Scene) -> None:
    """Somebody changed the object meanwhile; the watch says so after the answer. No time passes."""
    scene.desk.write(SHOP, ONE, "1")
    assert scene.under_way() == ONE
    scene.ends(OUTDATED)
    assert scene.nothing_under_way(), "what was worked out of an old version is not sent again"
    scene.desk.seen([SHOP])
    scene.desk.write(SHOP, TWO, "2")
    assert scene.under_way() == TWO
    scene.ends(DONE)
    assert scene.rests()


def test_a_status_worked_out_anew_while_the_old_one_is_under_way_follows_at_once(scene: Scene) -> None:
    """Somebody changed the object meanwhile; the watch says so before the answer. No time passes."""
    scene.desk.write(SHOP, ONE, "1")
    assert scene.under_way() == ONE
    scene.desk.seen([SHOP])
    scene.desk.write(SHOP, TWO, "2")
    scene.ends(OUTDATED)
    assert scene.under_way() == TWO
    scene.ends(DONE)
    assert scene.rests()


def test_a_status_that_comes_too_late_is_tried_again_if_nothing_is_seen(scene: Scene) -> None:
    scene.desk.write(SHOP, ONE, "1")
    assert scene.under_way() == ONE
    scene.ends(OUTDATED)
    assert not scene.desk.is_idle
    scene.passes(1.0)
    assert scene.under_way() == ONE
    scene.ends(BUSY)
    scene.desk.seen([SHOP])
    scene.desk.write(SHOP, TWO, "2")
    assert scene.nothing_under_way(), "a server that is busy is given time, whatever is seen"
    scene.passes(2.0)
    assert scene.under_way() == TWO
    scene.ends(DONE)
    assert scene.rests()


@pytest.mark.parametrize("result", [DONE, REFUSED])
def test_there_is_something_left_to_do_until_an_event_is_written(scene: Scene, result: WriteResult) -> None:
    scene.desk.announce(SHOP, Event(type="Warning", reason="Rejected", message="no"))
    assert scene.under_way() == {"event": "Rejected"}
    assert not scene.desk.is_idle
    scene.ends(result)
    assert scene.rests()


def test_events_that_hang_hold_no_status_up(scene: Scene) -> None:
    for number in range(20):
        scene.desk.announce(SHOP, Event(type="Warning", reason=f"R{number}", message="no"))
    assert scene.under_way() == {"event": "R0"}
    scene.desk.write(SHOP, ONE)
    assert scene.under_way() == ONE


def test_hundreds_of_statuses_that_are_refused_are_three_lines(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(300):
        scene.desk.write(ObjectRef(SHOP.kind, "default", f"i{number}"), ONE)
        scene.under_way()
        scene.ends(REFUSED)
    lines = [record for record in caplog.records if record.levelname == "WARNING"]
    assert [record.getMessage() for record in lines] == ["status not written: may not (403)"] * 3
    assert vars(lines[0])["object"] == "Ingress/default/i0"
