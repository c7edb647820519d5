"""A Controller that takes long is told, however many requests wait for it, in a line or two."""

from __future__ import annotations

import logging

import pytest

from ako.core.avi.session import SLOW
from tests.core.avi.conftest import OpenSession


class Passing:
    """A clock on which time passes whenever somebody looks at it."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def slow_lines(caplog: pytest.LogCaptureFixture, level: int = logging.WARNING) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == level and " to answer " in one.getMessage()]


def test_it_is_told_once_with_the_request(
    open_session: OpenSession, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session = open_session(clock=Passing(SLOW + 1))
    for _ in range(10):
        session.get("/api/pool", params={"name": "x"})
    (line,) = slow_lines(caplog)
    assert line.startswith(f"the Avi Controller at {url} took 6.0 s to answer POST /login")
    assert len(slow_lines(caplog, logging.DEBUG)) >= 10, "those that were left out"


def test_answers_that_come_in_time_are_not_worth_a_word(
    open_session: OpenSession, caplog: pytest.LogCaptureFixture
) -> None:
    session = open_session(clock=Passing(SLOW / 4))
    for _ in range(10):
        session.get("/api/pool")
    assert not slow_lines(caplog)
