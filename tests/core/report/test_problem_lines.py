"""Faults of users' objects in the log: each once, and of hundreds at once some and a count."""

from __future__ import annotations

import logging

import pytest

from ako.core.base.refs import Kind, ObjectRef
from ako.core.hooks.claims import Problem
from ako.core.report.problem_lines import ProblemLines
from tests.core.clock import Clock

INGRESS = Kind("networking.k8s.io", "v1", "Ingress")


def problem(number: int, reason: str, message: str = "") -> Problem:
    return Problem(ObjectRef(INGRESS, "default", f"i{number}"), reason, message or f"no {number}", "mend it")


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, logger="ako.core.report")
    return caplog


def test_a_line_has_reason_and_remedy_as_text_and_as_fields(lines: pytest.LogCaptureFixture) -> None:
    ProblemLines(Clock()).tell(problem(1, "SecretNotFound"))
    (record,) = lines.records
    assert record.getMessage() == "SecretNotFound: no 1; mend it"
    fields = {name: vars(record)[name] for name in ("object", "reason", "remedy")}
    assert fields == {"object": "Ingress/default/i1", "reason": "SecretNotFound", "remedy": "mend it"}


@pytest.mark.parametrize(("reason", "most"), [("Rejected", 3), ("Unreadable", 3), ("SecretNotFound", 20)])
def test_hundreds_at_once_are_a_few_lines_and_one_that_counts(
    lines: pytest.LogCaptureFixture, reason: str, most: int
) -> None:
    clock = Clock()
    told = ProblemLines(clock)
    for number in range(300):
        told.tell(problem(number, reason))
    assert len(lines.records) == most
    assert told.next_due == clock.now + 10
    told.sum_up()
    assert len(lines.records) == most, "there may be more yet"
    clock.now += 10
    told.sum_up()
    last = lines.records[-1].getMessage()
    assert last.startswith(
        f"{reason}: {300 - most} more objects have a problem of this reason: Ingress/default/i{most}"
    )
    assert last.endswith(f"and {297 - most} more; each is told by an Event")
    assert told.next_due is None
    assert len(lines.records) == most + 1


def test_an_outage_of_days_is_a_handful_of_lines(lines: pytest.LogCaptureFixture) -> None:
    """All hosts are refused anew at each full sync, each time with another word."""
    clock = Clock()
    told = ProblemLines(clock)
    for _ in range(400):
        for number in range(30):
            told.tell(problem(number, "Rejected", f"at {clock.now}"))
        clock.now += 30
        told.sum_up()
    assert len(lines.records) < 25, "in more than three hours"
    told.sum_up(is_last=True)


def test_the_lines_known_from_ako_come_for_each_object(lines: pytest.LogCaptureFixture) -> None:
    told = ProblemLines(Clock())
    for number in range(100):
        text = f'Duplicate entries found for hostpath default/i{number}: a.com/ in ingresses: ["default/i0"]'
        told.tell(problem(number, "DuplicateHostPath", text))
    assert len(lines.records) == 100
    assert all(record.getMessage().startswith("Duplicate entries found for") for record in lines.records)
