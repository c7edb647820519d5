"""Failures, injected: a sample of them always, and that the page tells of all as they are declared."""

from __future__ import annotations

import re

import pytest

from tests.monitoring import page, promtool
from tests.monitoring.failures import CALM, FAILURES, Failure
from tests.monitoring.rules import alerts
from tests.monitoring.trial import tried

SAMPLE = ("the Avi Controller refuses one object (400)", "a value of the ConfigMap cannot be used")


def _marked(failure: Failure) -> object:
    marks = [] if failure.name in SAMPLE else [pytest.mark.campaign]
    return pytest.param(failure, id=failure.name, marks=marks)


@pytest.mark.skipif(not promtool.is_there(), reason=promtool.MISSING)
@pytest.mark.long
@pytest.mark.parametrize("failure", [_marked(failure) for failure in (*FAILURES, *CALM)])
def test_a_failure_shows_as_it_is_told(failure: Failure) -> None:
    trial = tried(failure)
    assert not trial.faults, "\n".join(trial.faults)


def test_the_page_tells_of_each_failure_what_is_declared() -> None:
    """Times are those of the last campaign; they must keep what is promised."""
    rows = page.read()
    assert list(rows) == [failure.name for failure in FAILURES]
    for failure in FAILURES:
        *said, after, fired = rows[failure.name]
        assert tuple(said) == page.told(failure)
        assert tuple(re.findall(r"\[(\w+)\]\(runbooks/\1\.md\) \d+ min", fired)) == failure.alerts
        assert after == "–" or float(after.removesuffix(" s")) <= failure.seconds


def test_every_failure_fires_an_alert_that_there_is() -> None:
    names = {alert.name for alert in alerts()}
    assert all(failure.alerts and set(failure.alerts) <= names for failure in FAILURES)
    assert len(FAILURES) >= 15
    text = " ".join(page.PAGE.read_text(encoding="utf-8").split())
    assert all(calm.name in text and not calm.alerts for calm in CALM)
