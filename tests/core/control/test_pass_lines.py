"""One line for each pass that changed anything, with what brought it about; none for one that did nothing."""

from __future__ import annotations

import logging
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ako.core.avi.errors import error_for
from ako.core.control.pass_lines import PassLines
from ako.core.control.sync_lines import SyncLines
from ako.core.engine.changes import Upserted
from ako.core.observe.full_sync import FullSync
from ako.core.plan.plan import Create, Operation, Plan
from tests.builders import NOT_DEFAULT, endpoints, ingress, kind_of, name_of, service
from tests.core.control.rig import Rig

WEB = (service("web"), endpoints("web", "10.0.0.1"))


class Told:
    """A rig whose passes are told."""

    def __init__(self, caplog: pytest.LogCaptureFixture, level: int = logging.INFO) -> None:
        caplog.set_level(level, logger="ako.core.control")
        self._caplog = caplog
        self.rig = Rig(*WEB, ingress("shop", ("shop.com", "/", "web:80")))
        self._passes = PassLines(self.rig.reconciler, self.rig.clock)
        self._passes.follow(0)
        self.syncs = 0
        self._turn = self.rig.turn
        self.rig.turn = self.turn  # type: ignore[method-assign]

    def turn(self) -> None:
        self._turn()
        self._passes.follow(self.syncs)

    def apply(self, *manifests: Any) -> None:
        """Change objects, as a controller hears of it."""
        for manifest in manifests:
            heard = Upserted(kind_of(manifest), name_of(manifest), {})
            self.rig.reconciler.underway.heard(heard, self.rig.clock.now)
        self.rig.apply(*manifests)
        self.rig.settle()

    def starts_over(self) -> None:
        """Have nothing known of the Controller until it is read."""
        self._passes.forget()
        self.rig.reconciler.start_over(self.rig)

    def lines(self) -> list[str]:
        """Give the lines since this was asked last."""
        lines = [record.getMessage() for record in self._caplog.records]
        self._caplog.clear()
        return lines


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Told:
    made = Told(caplog)
    made.starts_over()
    made.apply(ingress("first", ("first.com", "/", "web:80")))
    made.rig.sync()
    (line,) = made.lines()
    assert re.fullmatch(r"\d+ created(, \d+ updated)? in 0 ms for 1 host, because of the start \(plan \w{12}\)", line)
    return made


def test_a_pass_says_how_much_for_how_many_and_because_of_whom(told: Told) -> None:
    told.apply(ingress("a", ("a.com", "/", "web:80")))
    (line,) = told.lines()
    assert re.search(r"^\d+ created(, \d+ updated)? in 0 ms for 1 host, because of Ingress/default/a \(plan", line), (
        line
    )
    told.apply(*(ingress(f"i{n}", (f"h{n}.com", "/", "web:80")) for n in range(30)))
    (line,) = told.lines()
    assert "for 30 hosts, because of Ingress/default/i0, Ingress/default/i1, Ingress/default/i10 and 27 more (" in line


def test_what_brought_it_about_is_what_was_read_for_it_and_nothing_else(told: Told) -> None:
    told.apply(endpoints("web", "10.0.0.2"), endpoints("unread", "10.0.0.3"))
    (line,) = told.lines()
    assert "because of EndpointSlice/default/web-1 (" in line, line


def test_a_pass_that_did_nothing_has_no_line(told: Told) -> None:
    told.apply(endpoints("unread", "10.0.0.3"))
    told.apply(ingress("first", ("first.com", "/", "web:80")))
    told.rig.sync()
    told.rig.wait(3600)
    assert told.lines() == []


def test_what_failed_is_counted_in_it_and_a_pass_of_failures_has_none(told: Told) -> None:
    def refuse(operation: Operation) -> Any:
        is_pool = operation.ref.type == "pool" and isinstance(operation, Create)
        return error_for("POST", "/api/pool", 400, "no room") if is_pool else None

    told.rig.faults.append(refuse)
    told.apply(ingress("bad", ("bad.com", "/", "web:80")))
    failures, first, second = told.lines()
    assert failures == "Avi Controller: POST /api/pool: 400 no room"
    assert first.startswith("1 created, 1 failed, 3 not tried because of that in 0 ms, because of Ingress/default/bad")
    assert second.startswith("3 created in 0 ms, because of Ingress/default/bad"), "what does not need the pool"
    told.rig.faults[:] = [lambda operation: error_for("POST", f"/api/{operation.ref.type}", 503, "away")]
    told.apply(endpoints("web", "10.0.0.3"))
    told.rig.wait(200)
    assert [line for line in told.lines() if "Avi Controller" not in line] == []
    told.rig.faults.clear()
    told.rig.wait(120)
    assert [line for line in told.lines() if "updated in" in line], "once it worked"


def test_after_a_full_sync_that_is_the_cause(told: Told) -> None:
    pool = next(ref for ref in told.rig.controller.observed if ref.type == "pool")
    told.rig.controller.observed.forget(pool)
    told.syncs += 1
    told.rig.sync()
    assert any("because of a full sync (" in line for line in told.lines())


@pytest.mark.parametrize("level", [logging.INFO, logging.WARNING])
def test_a_start_or_full_sync_that_found_nothing_to_do_is_not_the_cause_of_what_comes_later(
    caplog: pytest.LogCaptureFixture, level: int
) -> None:
    told = Told(caplog, level)
    told.starts_over()
    told.rig.sync()
    told.syncs += 1
    told.rig.sync()
    assert told.lines() == []
    caplog.set_level(logging.INFO, logger="ako.core.control")
    told.apply(ingress("a", ("a.com", "/", "web:80")))
    (line,) = told.lines()
    assert "because of Ingress/default/a (" in line


def test_the_id_is_that_of_the_plan(caplog: pytest.LogCaptureFixture) -> None:
    told = Told(caplog)
    mark = len(told.rig.writes)
    told.apply(ingress("a", ("a.com", "/", "web:80")))
    plan = Plan(tuple(operation for _, operation in told.rig.writes[mark:]))
    (record,) = [record for record in caplog.records if record.levelno == logging.INFO]
    assert vars(record)["plan"] == plan.id
    assert f"(plan {plan.id})" in record.getMessage()
    assert vars(record)["duration_ms"] == 0.0


def test_each_decision_is_a_line_at_debug_and_costs_nothing_else(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(caplog, logging.DEBUG)
    told.apply(ingress("a", ("a.com", "/", "web:80")))
    lines = told.lines()
    assert any(
        re.fullmatch(r"host a\.com is in tree my-cluster--Shared-L7-\d, shard \d, for Ingress/default/a", x)
        for x in lines
    )
    created = [line for line in lines if line.startswith("create ")]
    assert "create pool my-cluster--a.com_-default-a: it is wanted and not there" in created
    assert all(len(line) <= 501 for line in lines)

    def never(*_: object) -> None:
        raise AssertionError("worked out what nobody reads")

    caplog.set_level(logging.INFO, logger="ako.core.control")
    monkeypatch.setattr("ako.core.control.pass_lines.tell_decisions", never)
    told.apply(ingress("b", ("b.com", "/", "web:80")))


def test_what_is_refused_is_told_as_left_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    told = Told(caplog, logging.DEBUG)
    told.apply(ingress("a", ("a.com", "/", "web:80")))
    refusal = error_for("PATCH", "/api/pool", 400, "no such port")
    told.rig.faults.append(lambda operation: refusal if operation.ref.name == "my-cluster--a.com_-default-a" else None)
    told.apply(endpoints("web", "10.0.0.5"))
    told.rig.wait(5)
    assert any(
        re.search(
            r"pool my-cluster--a.com_-default-a is left as it is, not updated: the Avi Controller refused it: no such",
            line,
        )
        for line in told.lines()
    )


def full_sync(count: int, seconds: float = 0.1, *, was_suspicion: bool = False) -> FullSync:
    """Give what is told of so many full syncs."""
    return cast("FullSync", SimpleNamespace(count=count, seconds=seconds, was_suspicion=was_suspicion))


def test_what_waits_for_being_confirmed_is_told_as_held_back(caplog: pytest.LogCaptureFixture) -> None:
    told = Told(caplog, logging.DEBUG)
    told.rig.use(ako__guard__maxDeletePercent=1)
    told.apply(ingress("a", ("a.com", "/", "web:80")))
    told.lines()
    told.apply(NOT_DEFAULT)
    assert told.rig.reconciler.held.served == {"a.com", "shop.com"}
    lines = told.lines()
    for host in ("a.com", "shop.com"):
        assert f"{host} stays served: its deletion is held back until it is confirmed" in lines
    assert not [line for line in lines if line.startswith("delete ")]


def test_a_full_sync_is_one_line_with_what_others_had_changed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="ako.core.control")
    rig = Rig(*WEB, ingress("shop", ("shop.com", "/", "web:80")))
    read = full_sync(1, 0.132)
    lines = SyncLines(rig.reconciler, rig.clock)
    for _ in range(3):
        lines.follow(read)
    (record,) = caplog.records
    found = len(list(rig.reconciler.observed.ours()))
    assert record.getMessage().startswith(f"full sync: {found} objects of ours found in 132 ms (")
    assert record.getMessage().endswith("; no drift")
    assert vars(record)["duration_ms"] == 132.0
    pool = next(ref for ref in rig.controller.observed if ref.type == "pool")
    rig.controller.observed.forget(pool)
    rig.sync()
    lines.follow(full_sync(2, 0.132))
    assert caplog.records[-1].getMessage().endswith("; drift repaired: 1 pool")


def test_what_fails_for_ever_keeps_no_full_sync_from_being_told(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(*WEB, ingress("shop", ("shop.com", "/", "web:80")))
    lines = SyncLines(rig.reconciler, rig.clock)
    rig.controller.observed.forget(next(ref for ref in rig.controller.observed if ref.type == "pool"))
    rig.faults.append(lambda operation: error_for("POST", f"/api/{operation.ref.type}", 503, "away"))
    rig.sync()
    rig.settle()
    caplog.set_level(logging.INFO, logger="ako.core.control.sync_lines")
    lines.follow(full_sync(1))
    assert "; drift found and not repaired: 1 pool" in caplog.text


def test_full_syncs_of_suspicion_that_find_nothing_are_told_seldom(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="ako.core.control")
    rig = Rig(*WEB, ingress("shop", ("shop.com", "/", "web:80")))
    lines = SyncLines(rig.reconciler, rig.clock)
    for count in range(1, 501):
        rig.clock.now += 60
        lines.follow(full_sync(count, was_suspicion=True))
    assert 3 <= len(caplog.records) <= 8, "in more than eight hours"
