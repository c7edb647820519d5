"""An outage is a handful of lines, however long it lasts and how often something fails in it."""

from __future__ import annotations

import logging

import pytest

from ako.core.base.outages import FIRST_PAUSE, LASTING, LONG, QUIET, Outages, Seldom, Tenfold
from tests.core.clock import Clock

DAY = 86400.0


@pytest.mark.parametrize("every", [0.01, 1.0, 60.0])
def test_what_fails_all_day_is_told_a_few_times_and_counted(every: float) -> None:
    clock = Clock()
    seldom = Seldom[str](clock)
    told = []
    tries = int(min(DAY / every, 200_000))
    for _ in range(tries):
        told.append(seldom.happened("x"))
        clock.now += DAY / tries
    said = [count for count in told if count is not None]
    assert said[0] == 0, "the first at once"
    assert 4 <= len(said) <= 8
    assert sum(said) + len(said) <= tries
    assert sum(said[1:]) > tries / 4, "those that were not told are counted"


def test_what_was_quiet_for_long_is_news() -> None:
    clock = Clock()
    seldom = Seldom[str](clock)
    assert seldom.happened("x") == 0
    assert seldom.happened("x") is None
    assert seldom.happened("y") == 0
    clock.now += QUIET - 1
    assert seldom.happened("x") == 1
    clock.now += 4 * FIRST_PAUSE + QUIET
    assert seldom.happened("x") == 0


def test_a_line_is_at_debug_where_it_is_not_told_and_the_next_one_counts_those() -> None:
    clock = Clock()
    seldom = Seldom[str](clock)
    assert seldom.weigh("x", "{} more") == (logging.WARNING, "")
    assert [seldom.weigh("x", "{} more") for _ in range(7)] == [(logging.DEBUG, "")] * 7
    clock.now += FIRST_PAUSE
    assert seldom.weigh("x", "and {} more like it") == (logging.WARNING, " (and 7 more like it)")


def test_each_outage_that_lasts_is_two_lines_with_how_long_it_took() -> None:
    clock = Clock()
    outages = Outages(clock)
    assert outages.end() is None
    assert outages.begin() == 0
    for _ in range(5000):
        clock.now += 1
        assert outages.begin() is None
    assert outages.end() == 5000
    assert outages.end() is None


def test_short_losses_one_after_the_other_are_counted_with_the_next_that_lasts() -> None:
    clock = Clock()
    outages = Outages(clock)
    lines = 0
    for _ in range(1000):
        lines += outages.begin() is not None
        clock.now += 0.01
        lines += outages.end() is not None
        clock.now += 0.1
    assert lines == 2
    assert outages.begin() is None
    clock.now += LASTING
    assert outages.begin() == 999, "this one lasts"
    clock.now += 5
    assert outages.end() == LASTING + 5


def test_however_many_outages_there_were_one_that_is_long_is_told() -> None:
    clock = Clock()
    outages = Outages(clock)
    lines = 0
    for _ in range(300):
        for _ in range(6):
            lines += outages.begin() is not None
            clock.now += LASTING / 5
        lines += outages.end() is not None
        clock.now += 60
    assert lines <= 20, "minutes of them are not"
    begun = clock.now
    while outages.begin() is None:
        clock.now += 1
    assert clock.now - begun <= LONG
    clock.now += 500
    assert outages.end() == clock.now - begun


def test_an_outage_that_nobody_looked_at_for_hours_is_over_and_how_long_it_was_not_known() -> None:
    """A replica that stands by does not ask the Controller: when it works again, that may have been back for long."""
    clock = Clock()
    outages = Outages(clock)
    assert outages.begin() == 0
    clock.now += DAY
    assert outages.end() is None
    assert outages.begin() == 0
    clock.now += DAY
    assert outages.begin() == 0, "another one"
    clock.now += 60
    assert outages.end() == 60


def test_without_a_clock_the_first_are_told_and_then_each_tenfold() -> None:
    tally = Tenfold[str]()
    told = [count for _ in range(5000) if (count := tally.happened("x"))]
    assert told == [1, 2, 3, 10, 100, 1000]
    assert tally.happened("y") == 1
