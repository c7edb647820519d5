"""Durations in buckets, and since when something is so."""

from __future__ import annotations

import threading

import pytest

from ako.core.base.tally import Distribution, Durations, Since
from tests.core.clock import Clock


def test_a_duration_is_in_the_first_bucket_whose_bound_it_does_not_exceed() -> None:
    durations = Durations((0.1, 1.0))
    for seconds in (0.0, 0.1, 0.100001, 1.0, 2.0):
        durations.observe(seconds, "a")
    (row,) = durations.read().values()
    assert (row.counts, row.count) == ((2, 2, 1), 5)
    assert row.seconds == pytest.approx(3.200001)


def test_labels_are_there_from_the_start_only_if_they_are_known() -> None:
    assert Durations((1.0,)).read() == {}
    assert Durations((1.0,), ()).read() == {(): Distribution((0, 0), 0.0)}


def test_what_was_read_does_not_change_and_nothing_is_lost_among_threads() -> None:
    durations = Durations((1.0,))
    durations.observe(0.5, "a")
    before = durations.read()

    def observe() -> None:
        for _ in range(2000):
            durations.observe(2.0, "a")

    threads = [threading.Thread(target=observe) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert before == {("a",): Distribution((1, 0), 0.5)}
    assert durations.read() == {("a",): Distribution((1, 8000), 16000.5)}


def test_since_is_the_first_moment_of_the_present_time_and_not_of_one_before() -> None:
    clock = Clock()
    clock.now = 100.0
    since = Since(clock)
    told = []
    for is_so in (False, True, True, False, True):
        told.append(since.note(is_so=is_so))
        clock.now += 10.0
    assert told == [0.0, 110.0, 110.0, 0.0, 140.0]
