"""What the health server tells of a controller."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.errors import AviUnreachable
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.control.checks import SHUTDOWN, Check, Readiness, checks_of
from ako.core.control.election import Standing
from ako.core.control.leadership import Phase
from ako.core.control.loop import Controller
from ako.core.control.metrics import Metrics
from ako.core.control.readiness import health_of
from ako.core.control.state import State
from ako.core.plan.deletion_guard import Held
from tests.core.clock import Clock
from tests.metrics.page import label_values


def test_an_error_has_the_time_it_happened_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1e9)
    session = AviSession(AviEndpoint(url="http://127.0.0.1:1", username="admin", password="admin"))
    readiness, showing = SimpleNamespace(checks=tuple), SimpleNamespace(overview=None)
    questions = SimpleNamespace(ask=None)
    controller = SimpleNamespace(session=session, progress=0, readiness=readiness, showing=showing, questions=questions)
    health = health_of(cast("Controller", controller), Metrics())
    assert list(health.avi_errors()) == []
    with pytest.raises(AviUnreachable):
        session.get("/api/pool")
    monkeypatch.undo()
    (told,) = health.avi_errors()
    assert told["timestamp"] == "2001-09-09T01:46:40Z"
    session.close()


def test_the_last_errors_are_remembered_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as AKO remembers; one that goes on has the time at which it came last."""
    session = AviSession(AviEndpoint(url="http://127.0.0.1:1", username="admin", password="admin"))
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    for number in range(14):
        for _ in range(2):
            clock.now += 1
            session._settle(AviUnreachable(f"fault {number}"))
    assert session.errors == tuple((f"fault {n}", Clock().now + 2 * n + 2) for n in range(4, 14))
    session._settle(None)
    assert len(session.errors) == 10, "an answer does not unsay them"
    session.close()


def test_a_check_keeps_the_moment_at_which_it_changed() -> None:
    """Not that at which somebody asked, nor that at which its words changed; and a clock that is set moves nothing."""
    clock, day, now = Clock(), Clock(), [Check("avi", is_met=False, detail="refused"), Check("guard", is_met=True)]
    readiness = Readiness(lambda: now, Pace(clock, random.Random(1), now=day))

    def pass_by(seconds: float) -> None:
        clock.now += seconds
        day.now += seconds

    day.now = 1e9
    assert [(check.since, check.seconds) for check in readiness.checks()] == [(1e9, 0.0)] * 2
    pass_by(5.0)
    now[0] = Check("avi", is_met=False, detail="no route")
    assert readiness.checks()[0] == Check("avi", is_met=False, detail="no route", since=1e9, seconds=5.0)
    pass_by(5.0)
    now[0] = Check("avi", is_met=True)
    readiness.checks()
    pass_by(3.0)
    day.now -= 3600.0
    avi, guard = readiness.checks()
    assert (avi.since, avi.seconds) == (1e9 + 10.0, 3.0)
    assert (guard.since, guard.seconds) == (1e9, 13.0), "another check that changes is no news of this one"
    now.pop()
    readiness.checks()
    now.append(Check("guard", is_met=True))
    assert readiness.checks()[1].seconds == 0.0, "it was not there"


def test_the_pages_list_every_check() -> None:
    page = (Path(__file__).parents[3] / "docs" / "health.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z ]+)` \|", page, re.M)
    standing = Standing(Phase.LEADING, "ako-0_x", 1)
    states = (State(standing=standing, hazard="two write", tenants=("blue cannot be read",)), State(works=False))
    checks = [check for state in states for check in checks_of(state, None, 600.0, is_connected=False)]
    names = dict.fromkeys(check.name for check in (*checks, SHUTDOWN))
    assert listed == list(names)
    assert label_values()["all", "check"] == set(names)


@pytest.mark.parametrize("standing", [None, Standing(Phase.STANDBY, "ako-1_x", 1, "the right to get it is missing")])
def test_whatever_is_not_met_says_what_is_missing_and_what_to_do(standing: Standing | None) -> None:
    """But for what nothing can be done about."""
    held = Held(id="1a2b", served=frozenset({"shop.com"}))
    working = State(unread=("v1/Secret: forbidden",), held=held, sync_failure="403: no role")
    for state in (working, State(works=False, standing=standing)):
        failed = [check for check in checks_of(state, None, 600.0, is_connected=False) if not check.is_met]
        assert failed
        assert [check.name for check in failed if not (check.detail and check.remedy)] == []
