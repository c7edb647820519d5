"""A full sync because something is suspicious: soon, and not often."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, cast

import pytest

from ako.core.avi.errors import AviUnreachable
from ako.core.avi.line import Line
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.observe.full_sync import FullSync
from ako.core.observe.tenants import Sought
from tests.builders import settings
from tests.core.clock import Clock

CALM = 5.0


class Later(Executor):
    """Runs what it is given when the test says so."""

    def __init__(self) -> None:
        self.tasks: list[Callable[[], object]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        self.tasks.append(lambda: fn(*args, **options))
        return Future()


class AtOnce(Executor):
    """Runs what it is given at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **options))
        return done


class Quiet:
    """A session with a Controller that has a cloud and nothing else."""

    def __init__(self) -> None:
        self.returns = 0
        self.version = "22.1.4"
        self.error: Exception | None = None
        self.comes_back_at = ""

    def get(self, path: str, *, params: Any = None, tenant: Any = None, native: bool = False) -> bytes:
        if self.error is not None:
            raise self.error
        self.returns += path == self.comes_back_at
        if path == "/api/cloud":
            return b'{"results": [{"name": "Default-Cloud", "uuid": "u", "ipam_provider_ref": "i"}]}'
        if path == "/api/serviceenginegroup":
            return b'{"results": [{"name": "Default-Group"}]}'
        return b'{"results": []}'


class Case:
    """A full sync, its time, and a Controller."""

    def __init__(self, frequency: int = 0) -> None:
        self.clock = Clock()
        self.session = Quiet()
        line = Line(cast("AviSession", self.session), 1)
        line.close = lambda: None  # type: ignore[method-assign]
        self._sync = line.sync = cast("Any", Later())
        line.requests = cast("Any", AtOnce())
        pace = Pace(self.clock, random.Random(1), calm=CALM)
        self.posted: list[Callable[[], None]] = []
        using = settings(
            AKOSettings__fullSyncFrequency=frequency,
            ControllerSettings__cloudName="Default-Cloud",
            L7Settings__serviceType="NodePort",
        )
        self.full_sync = FullSync(line, using, pace, self.posted.append)

    def start(self) -> bool:
        """Start one if it is time; say whether it was."""
        self.full_sync.start_if_due(Sought, lambda _: None)
        return bool(self._sync.tasks)

    def read(self, seconds: float = 0.0) -> None:
        """Have the one that was started read, which takes so long."""
        (task,) = self._sync.tasks
        self._sync.tasks.clear()
        self.clock.now += seconds
        task()
        self.posted.pop()()

    def due_in(self) -> float | None:
        due = self.full_sync.next_due
        return None if due is None else due - self.clock.now


@pytest.fixture
def case() -> Case:
    """Give a Controller that was read a while ago."""
    made = Case()
    assert made.start()
    made.read()
    assert made.full_sync.failures == 0, made.full_sync.failure
    assert made.due_in() is None
    made.clock.now += 1000
    return made


def test_it_is_at_once_when_it_was_calm(case: Case) -> None:
    case.full_sync.suspect()
    assert case.due_in() == 0
    assert case.start()
    case.read()
    assert case.due_in() is None


def test_however_often_something_is_suspicious_it_is_calm_in_between(case: Case) -> None:
    count = case.full_sync.count
    for _ in range(600):
        case.full_sync.suspect()
        if case.start():
            case.read()
        case.clock.now += 0.1
    assert 4 <= case.full_sync.count - count <= 600 * 0.1 / CALM


def test_suspicions_in_a_row_are_followed_more_and_more_rarely(case: Case) -> None:
    waits = []
    for _ in range(8):
        case.full_sync.suspect()
        waits.append(cast("float", case.due_in()))
        case.clock.now += waits[-1]
        assert case.start()
        case.read()
    assert waits[:3] == [0, CALM, CALM]
    assert 20 < waits[-1] <= 60


def test_reading_takes_a_small_part_of_the_time(case: Case) -> None:
    """A large Controller is not read all the time because it is ill."""
    case.full_sync.suspect()
    assert case.start()
    case.read(seconds=30)
    case.full_sync.suspect()
    assert case.due_in() == 300


def test_one_that_is_due_sooner_anyway_stays_so() -> None:
    case = Case(frequency=7)
    assert case.start()
    case.read(seconds=1)
    case.full_sync.suspect()
    assert case.due_in() == 7


def test_one_that_is_under_way_sees_for_itself(case: Case) -> None:
    case.full_sync.suspect()
    assert case.start()
    case.full_sync.suspect()
    case.read()
    assert case.due_in() is None


def test_a_controller_that_came_back_while_it_was_read_is_read_again(case: Case) -> None:
    """A part of what was read may be of what it was before; not if it came back at the first request."""
    case.full_sync.suspect()
    assert case.start()
    case.session.comes_back_at = "/api/pool"
    case.read()
    assert case.due_in() == CALM
    case.clock.now += CALM
    case.session.comes_back_at = "/api/cloud"
    assert case.start()
    case.read()
    assert case.due_in() is None


def test_what_has_failed_is_tried_again_in_its_own_time(case: Case) -> None:
    """The Controller has asked to be left alone for so long."""
    case.full_sync.suspect()
    assert case.start()
    busy = AviUnreachable("busy")
    busy.retry_after = 77.0
    case.session.error = busy
    case.read()
    assert case.due_in() == 77
    case.full_sync.suspect()
    assert case.due_in() == 77
