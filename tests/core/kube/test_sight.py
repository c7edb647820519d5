"""When is it said that nothing is heard, of which kinds, and since when: by a clock that is moved."""

from __future__ import annotations

import logging
import random
import threading

import pytest

from ako.core.base.backoff import Pace
from ako.core.base.refs import Kind
from ako.core.kube.sight import BLIND_SECONDS, LOST_SECONDS, End, Sight, blindness
from tests.core.clock import Clock
from tests.waiting import PATIENCE, SETTLING

A, B, C = Kind("", "v1", "Service"), Kind("", "v1", "Secret"), Kind("x.io", "v1", "Absent")
NOON = 1767355200.0 - 1000.0
"""The time of day when the clock was at 0."""


@pytest.fixture(autouse=True)
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "ako")
    return caplog


def seen(clock: Clock) -> Sight:
    """Build a Sight of two kinds that are followed, and of one that is not served."""
    sight = Sight(Pace(clock, random.Random(1), now=lambda: NOON + clock.now))
    for kind in (A, B, C):
        sight.begin(kind)
    sight.listed(A)
    sight.listed(B)
    sight.denied(C)
    return sight


def lose(sight: Sight, *kinds: Kind) -> None:
    for kind in kinds:
        sight.lost(kind, "refused")


def test_a_short_absence_is_not_worth_a_word(told: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    sight = seen(clock)
    lose(sight, A, B)
    clock.now += BLIND_SECONDS - 1
    lose(sight, A, B)
    sight.listed(A)
    sight.listed(B)
    assert told.messages == []
    assert not blindness(sight.reports())


def test_one_line_when_nothing_is_heard_and_one_when_all_is(told: pytest.LogCaptureFixture) -> None:
    """What is not served is no sign of life: it is asked for by the minute only."""
    clock = Clock()
    sight = seen(clock)
    clock.now += 60
    for _ in range(100):
        lose(sight, A, B)
        clock.now += 1
    sight.listed(A)
    lose(sight, B)
    (line,) = told.messages
    assert line == (
        "the Kubernetes API server has not been heard of since 2026-01-02T12:01:00Z (10 s): v1/Secret, v1/Service: "
        "refused; what is known stays in force, and it is tried on"
    )
    sight.listed(B)
    since = "2026-01-02T12:01:00Z"
    assert told.messages[1:] == [f"Kubernetes is heard of again, after it was not since {since}, for 1 min 40 s"]
    sight.heard(A)
    assert len(told.messages) == 2


def test_some_kinds_alone_are_given_more_time_and_named(told: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    sight = seen(clock)
    for _ in range(int(LOST_SECONDS) + 30):
        lose(sight, A)
        clock.now += 1
    assert len(told.messages) == 1
    assert told.messages[0].startswith("nothing has been heard since 2026-01-02T12:00:00Z (200 s): v1/Service: ")
    lose(sight, B)
    assert "has not been heard of" in told.messages[1], "then of all of them"


def test_a_server_that_answers_for_one_kind_is_there() -> None:
    clock = Clock()
    sight = seen(clock)
    lose(sight, A, B)
    clock.now += 30
    sight.denied(C)
    assert not blindness(sight.reports()).is_whole
    clock.now += 30
    sight.lost(C, "refused")
    assert blindness(sight.reports()).is_whole


def test_a_silent_watch_is_lost_since_it_was_heard_last_if_nobody_answers_then() -> None:
    clock = Clock()
    sight = seen(clock)
    clock.now += 90
    sight.ended(A, End.SILENT)
    assert not blindness(sight.reports()), "it may just be quiet"
    sight.lost(A, "no answer")
    assert blindness(sight.reports()).seconds == 90
    sight.heard(A)
    clock.now += 5
    sight.ended(A, End.BROKEN)
    sight.lost(A, "refused")
    assert blindness(sight.reports()).seconds == 0


def test_what_was_never_heard_of_is_lost_since_the_start() -> None:
    clock = Clock()
    sight = Sight(Pace(clock, random.Random(1), now=lambda: NOON + clock.now))
    sight.begin(A)
    clock.now += 12
    sight.lost(A, "refused")
    (report,) = sight.reports()
    assert (report.heard_at, report.lost_seconds, report.is_up, report.lists) == (0.0, 12.0, False, 0)
    assert blindness((report,)).is_lasting


def test_who_looked_earlier_has_not_the_last_word(told: pytest.LogCaptureFixture) -> None:
    """Each kind is followed by a thread of its own: one may look, and another be heard before the first tells."""
    looked, may_tell = threading.Event(), threading.Event()

    class Slow(Kind):
        def __str__(self) -> str:
            if threading.current_thread() is earlier:
                looked.set()
                may_tell.wait(PATIENCE)
            return "Slow"

    clock = Clock()
    sight = Sight(Pace(clock, random.Random(1), now=lambda: NOON + clock.now))
    slow = Slow("", "v1", "Slow")
    earlier = threading.Thread(target=sight.lost, args=(slow, "refused"))
    sight.begin(slow)
    sight.listed(slow)
    sight.lost(slow, "refused")
    clock.now += BLIND_SECONDS
    later = threading.Thread(target=sight.listed, args=(slow,))
    earlier.start()
    assert looked.wait(PATIENCE)
    later.start()
    later.join(SETTLING)
    may_tell.set()
    earlier.join()
    later.join()
    assert not blindness(sight.reports())
    assert [record.levelname for record in told.records][-1:] != ["WARNING"]


def test_a_server_that_is_away_for_thousands_of_tries_is_two_lines(told: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    sight = seen(clock)
    for number in range(5000):
        sight.lost(A, f"refused, {number}")
        sight.lost(B, f"reset, {number}")
        clock.now += 30
    sight.listed(A)
    sight.listed(B)
    assert len(told.records) == 2
    assert told.messages[1].endswith(", for 1 d 17 h")
    assert vars(told.records[1])["duration_ms"] == 150_000_000.0


def comes_and_goes(sight: Sight, clock: Clock, times: int) -> None:
    for _ in range(times):
        lose(sight, A, B)
        clock.now += 20
        lose(sight, A, B)
        sight.listed(A)
        sight.listed(B)
        clock.now += 60


def test_a_server_that_comes_and_goes_all_day_is_a_handful_of_lines(told: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    comes_and_goes(seen(clock), clock, 1000)
    assert 6 <= len(told.records) <= 20
    assert " times since the last line" in told.text


def test_however_often_a_server_was_away_before_one_that_is_for_long_is_told(told: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    sight = seen(clock)
    comes_and_goes(sight, clock, 500)
    before = len(told.records)
    for _ in range(200):
        lose(sight, A, B)
        clock.now += 30
    sight.listed(A)
    sight.listed(B)
    loss, sign = told.messages[before:]
    assert "has not been heard of since" in loss
    assert sign.endswith(", for 1 h 40 min")
