"""When the Controller is read as a whole, and whose reading counts."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, cast

import pytest

from ako.core.avi.errors import AviAuthError, AviUnreachable
from ako.core.avi.line import Line
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.hooks.site import CloudFacts
from ako.core.observe import full_sync
from ako.core.observe.cloud import InvalidInput
from ako.core.observe.full_sync import FullSync, Observation
from ako.core.observe.tenants import Sought
from ako.core.settings import Settings
from tests.builders import CLOUD_FACTS, settings
from tests.core.clock import Clock
from tests.core.later import Later

EVERY = 1800.0


class Session:
    """A session that is read from in no time; `failure` is what that ends with, if not well."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.returns = 0


class Play:
    """A full sync whose clock and threads are the test's."""

    def __init__(self, **flags: Any) -> None:
        self.clock = Clock()
        self.began = 0
        self.done: list[Observation] = []
        self.threads = Later()
        self.line = self.connected()
        self.settings = settings(AKOSettings__disableStaticRouteSync=True, **flags)
        pace = Pace(self.clock, random.Random(1))
        self.sync = FullSync(self.line, self.settings, pace, lambda what: what())

    def connected(self) -> Line:
        """Give a line to a Controller."""
        line = Line(cast("AviSession", Session()), 1)
        line.sync = cast("ThreadPoolExecutor", self.threads)
        return line

    @property
    def session(self) -> Session:
        return cast("Session", self.line.session)

    def leave(self) -> None:
        """Go on with another Controller."""
        self.line = self.connected()
        self.sync.use(self.line, self.settings)

    def start(self) -> bool:
        """Have one started if it is due; say whether one was."""
        before = self.began
        self.sync.start_if_due(self.begin, self.done.append)
        return self.began > before

    def begin(self) -> Sought:
        self.began += 1
        return Sought()

    def read(self) -> None:
        """Start one that is due, and have it read everything."""
        assert self.start()
        self.threads.do()

    def wait(self) -> float:
        """Let time pass until one is due; give how long that was."""
        assert self.sync.next_due is not None
        before, self.clock.now = self.clock.now, max(self.clock.now, self.sync.next_due)
        return self.clock.now - before


@pytest.fixture(autouse=True)
def _what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the session say what reading it comes to."""

    def read_cloud(session: Session, _: Settings) -> CloudFacts:
        if session.failure is not None:
            raise session.failure
        return CLOUD_FACTS

    monkeypatch.setattr(full_sync, "read_cloud", read_cloud)
    monkeypatch.setattr(full_sync, "observe_all", lambda *_, **__: {})


def away(retry_after: float | None = None) -> AviUnreachable:
    error = AviUnreachable("not now", status=503)
    error.retry_after = retry_after
    return error


@pytest.mark.parametrize(("every", "then"), [(EVERY, EVERY), (0, None)])
def test_it_comes_as_often_as_the_settings_say(every: float, then: float | None) -> None:
    play = Play(AKOSettings__fullSyncFrequency=every)
    play.read()
    assert play.sync.next_due == (None if then is None else play.clock.now + then)
    assert not play.start()
    assert not play.sync.is_owed
    if then is not None:
        play.clock.now += then - 1
        assert not play.start()
        play.clock.now += 1
        assert play.start()


def test_it_begins_before_anything_is_read_and_one_at_a_time() -> None:
    play = Play()
    assert play.start()
    assert play.began == 1
    assert play.done == []
    play.clock.now += 10 * EVERY
    assert play.sync.next_due is None
    assert not play.start()
    play.threads.do()
    assert len(play.done) == 1
    assert play.sync.next_due == play.clock.now + EVERY


def test_it_is_tried_again_with_growing_waits_to_a_ceiling() -> None:
    play = Play()
    play.session.failure = away()
    waits = []
    for count in range(1, 20):
        play.read()
        assert play.sync.failures == count
        waits.append(play.wait())
    assert waits[0] <= 0.5
    assert all(after > before for before, after in pairwise(waits[:6:2]))
    assert all(30 <= wait <= 60 for wait in waits[-8:])
    play.session.failure = None
    play.read()
    assert (play.sync.failures, play.sync.failure) == (0, "")
    assert play.sync.next_due == play.clock.now + EVERY


def test_it_is_not_tried_again_before_the_time_it_was_asked_to_wait() -> None:
    play = Play()
    play.session.failure = away(retry_after=500.0)
    play.read()
    assert play.wait() == 500.0


@pytest.mark.parametrize(
    ("failure", "reason", "needs_mending"),
    [
        (away(), "AviUnreachable", False),
        (AviAuthError("password"), "AviUnreachable", True),
        (InvalidInput("no such cloud"), "InvalidConfiguration", True),
        (ValueError("a fault of this program"), "AviUnreachable", False),
    ],
)
def test_what_is_wrong_is_said(failure: Exception, reason: str, needs_mending: bool) -> None:
    play = Play()
    play.session.failure = failure
    play.read()
    assert (play.sync.reason, play.sync.needs_mending) == (reason, needs_mending)
    assert str(failure) in play.sync.failure
    assert play.sync.is_owed
    play.session.failure = None
    play.wait()
    play.read()
    assert not play.sync.needs_mending


def test_one_that_is_asked_for_while_one_runs_follows_it() -> None:
    """That one may have read too early."""
    play = Play()
    assert play.start()
    play.sync.request()
    assert not play.start()
    play.threads.do()
    assert play.sync.is_owed
    play.read()
    assert not play.sync.is_owed
    assert play.sync.next_due == play.clock.now + EVERY
    assert len(play.done) == 2


def test_what_was_read_over_a_line_that_was_left_counts_for_nothing() -> None:
    """Nor is it waited for."""
    play = Play()
    assert play.start()
    play.leave()
    assert play.start()
    play.threads.do()
    assert play.done == []
    assert play.sync.count == 0
    assert play.sync.is_owed
    assert play.sync.next_due is None, "the other Controller is being read"
    play.threads.do()
    assert len(play.done) == 1


def test_a_failure_over_a_line_that_was_left_counts_for_nothing() -> None:
    play = Play()
    play.session.failure = AviAuthError("password")
    assert play.start()
    play.leave()
    assert play.start()
    play.threads.do()
    assert play.sync.failures == 0
    assert not play.sync.needs_mending
    play.threads.do()
    assert len(play.done) == 1
