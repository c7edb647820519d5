"""Problems on their way to those who can mend them: once, and only if they last."""

from __future__ import annotations

import queue
import random
from collections.abc import Callable, Iterator

import pytest

from ako.core.base.backoff import Pace
from ako.core.base.refs import Kind, ObjectRef
from ako.core.hooks.claims import Problem
from ako.core.kube.cluster import Event, WriteOutcome
from ako.core.report.announcer import Announcer
from tests.waiting import PATIENCE

SHOP = ObjectRef(Kind("networking.k8s.io", "v1", "Ingress"), "default", "shop")
BANK = SHOP._replace(name="bank")
NO_SERVICE = Problem(SHOP, "BackendNotFound", "Service web is not there")
NO_PORT = Problem(SHOP, "PortNotFound", "Service web has no port 80")

GRACE = 1.0


class Scene:
    """An announcer, its time, and who reads what it tells."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.now = 100.0
        self._caplog = caplog
        self._written: list[str] = []
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.announcer = Announcer(self._write, Pace(lambda: self.now, random.Random(1), grace=GRACE), self._inbox.put)

    def _write(self, ref: ObjectRef, event: Event) -> WriteOutcome:
        self._written.append(f"{ref.name} {event.type} {event.reason}")
        return WriteOutcome.DONE

    def at(self, seconds: float) -> Scene:
        """Go to a time, counted from the beginning, at which everything that is due is done."""
        self.now = 100.0 + seconds
        self.announcer.tell_due()
        return self

    def told(self) -> list[str]:
        """Give what was told since this was asked last, when all of it is written."""
        while self.announcer._writing:
            self._inbox.get(timeout=PATIENCE)()
        written, self._written[:] = list(self._written), []
        return written

    def logged(self) -> list[str]:
        """Give the log lines so far."""
        return [record.getMessage() for record in self._caplog.records]


@pytest.fixture
def scene(caplog: pytest.LogCaptureFixture) -> Iterator[Scene]:
    scene = Scene(caplog)
    yield scene
    scene.announcer.close()


def test_what_is_mended_in_a_moment_is_not_told(scene: Scene) -> None:
    """As when helm creates an Ingress, and then its Service; neither in an Event nor in the log."""
    scene.announcer.stand(SHOP, [NO_SERVICE])
    assert list(scene.announcer.open_problems) == [NO_SERVICE], "it counts at once"
    assert scene.at(GRACE - 0.01).told() == []
    assert not scene.announcer.is_idle
    scene.announcer.stand(SHOP, [])
    assert scene.announcer.is_idle
    assert scene.announcer.next_due is None
    assert scene.at(60).told() == scene.logged() == []


def test_what_lasts_is_told_once(scene: Scene) -> None:
    scene.announcer.stand(SHOP, [NO_SERVICE])
    assert scene.announcer.next_due == 100.0 + GRACE
    scene.at(0.5).announcer.stand(SHOP, [NO_SERVICE])
    assert scene.at(GRACE).told() == ["shop Warning BackendNotFound"]
    assert scene.logged() == [f"BackendNotFound: {NO_SERVICE.message}"]
    assert scene.announcer.is_idle
    scene.announcer.stand(SHOP, [NO_SERVICE])
    assert scene.at(60).told() == []


def test_each_problem_has_its_own_moment(scene: Scene) -> None:
    scene.announcer.stand(SHOP, [NO_SERVICE])
    scene.at(0.8).announcer.stand(SHOP, [NO_PORT, NO_SERVICE])
    scene.announcer.stand(BANK, [NO_PORT])
    assert scene.at(1.0).told() == ["shop Warning BackendNotFound"]
    scene.announcer.stand(BANK, [])
    assert scene.announcer.next_due == pytest.approx(101.8)
    assert scene.at(1.9).told() == ["shop Warning PortNotFound"]


def test_a_problem_that_went_and_comes_back_is_told_again(scene: Scene) -> None:
    scene.announcer.stand(SHOP, [NO_SERVICE])
    assert len(scene.at(1).told()) == 1
    scene.announcer.stand(SHOP, [])
    scene.announcer.stand(SHOP, [NO_SERVICE])
    assert scene.at(1.9).told() == []
    assert len(scene.at(2).told()) == 1


def test_who_waits_for_nothing_tells_at_once(scene: Scene) -> None:
    scene.announcer.grace = 0.0
    scene.announcer.stand(SHOP, [NO_SERVICE])
    assert scene.at(0).told() == ["shop Warning BackendNotFound"]


def test_events_are_written_in_the_order_in_which_they_came(scene: Scene) -> None:
    for number in range(50):
        scene.announcer.announce(SHOP, Event(type="Normal", reason=f"R{number}", message=""))
    assert scene.told() == [f"shop Normal R{number}" for number in range(50)]
