"""What is drift, and what is our own unfinished business."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from ako.core.apply.dispatcher import Dispatcher
from ako.core.avi.errors import AviUnreachable
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, Pool, PoolGroup, PoolGroupMember, PoolServer
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.drift import DriftWatch
from ako.core.plan.plan import Create, Delete, Operation, Plan, Update
from ako.core.plan.proposal import Proposal
from ako.core.settings import DriftAction
from tests.core.silence import Silence

POOL = AviRef("pool", "c--p")
OLD, NEW, EDITED = (Pool(name=POOL.name, servers=(PoolServer.at("10.0.0.1", port),)) for port in (80, 81, 82))


def seen(*items: AviObject | None) -> Mapping[AviRef, ObservedObject]:
    return {item.ref: ObservedObject("u", item) for item in items if item is not None}


class History:
    """Full syncs, one after the other, and what is wanted by then."""

    def __init__(self, action: DriftAction = "report") -> None:
        self.watch = DriftWatch("c--")
        self.watch.action = lambda _: action
        self.known = seen()

    def sync(self, *items: AviObject | None) -> None:
        there = seen(*items)
        self.watch.compare(self.known, there, frozenset())
        self.known = there

    def plan(self, *items: AviObject | None) -> Plan:
        wanted = {item.ref: item for item in items if item is not None}
        (proposal,) = self.watch.apply([Proposal.of(frozenset({TreeName("t")}), wanted, self.known, "c--")])
        self.watch.note(proposal)
        return proposal.plan

    def carry_out(self, *items: AviObject | None) -> None:
        for operation in self.plan(*items).operations:
            self.watch.writes(operation.ref)
            self.watch.written(operation.ref, succeeded=True)
        self.known = seen(*items)


@pytest.mark.parametrize(
    ("before", "now", "wanted", "drift"),
    [
        (OLD, EDITED, OLD, Update),
        (OLD, None, OLD, Create),
        (None, EDITED, None, Delete),
        (OLD, EDITED, NEW, None),
        (OLD, OLD, NEW, None),
        (OLD, None, NEW, None),
        (OLD, OLD, None, None),
        (OLD, EDITED, None, None),
        (None, None, NEW, None),
        (None, EDITED, NEW, None),
        (OLD, EDITED, EDITED, None),
    ],
)
def test_it_is_drift_if_what_was_known_is_what_is_wanted(
    before: Pool | None, now: Pool | None, wanted: Pool | None, drift: type[Operation] | None
) -> None:
    history = History()
    history.known = seen(before)
    history.sync(now)
    left = history.plan(wanted)
    found = history.watch.take()
    assert [one.operation for one in found] == ([drift] if drift else [])
    assert bool(left) is (drift is None and wanted != now)


def test_what_is_left_is_told_at_each_full_sync_and_no_more_often() -> None:
    history = History()
    history.known = seen(OLD)
    for _ in range(2):
        history.sync(EDITED)
        assert not history.plan(OLD)
        assert not history.plan(OLD)
        assert len(history.watch.take()) == 1


def test_what_is_left_is_ours_again_when_something_else_is_wanted() -> None:
    history = History()
    history.known = seen(OLD)
    history.sync(EDITED)
    assert not history.plan(OLD)
    history.carry_out(NEW)
    assert history.plan(OLD), "back to what was wanted once: nobody else asks for it"


def test_what_is_repaired_is_told_when_it_is_done() -> None:
    history = History("repair")
    history.known = seen(OLD)
    history.sync(EDITED)
    assert history.plan(OLD)
    assert history.watch.take() == []
    history.watch.written(POOL, succeeded=False)
    assert history.watch.take() == []
    history.carry_out(OLD)
    assert [(one.operation, one.fields) for one in history.watch.take()] == [(Update, ("servers",))]


def test_what_was_put_back_before_it_could_be_repaired_is_not_told_of_a_later_write() -> None:
    history = History("repair")
    history.known = seen(OLD)
    history.sync(EDITED)
    assert history.plan(OLD)
    history.watch.written(POOL, succeeded=False)
    history.sync(OLD)
    history.carry_out(NEW)
    assert history.watch.take() == []
    assert (history.watch.found.total(), history.watch.repaired.total()) == (1, 0)


def test_what_may_yet_change_by_what_we_wrote_is_not_drift() -> None:
    watch = DriftWatch("c--")
    watch.action = lambda _: "report"
    watch.compare(seen(OLD), seen(EDITED), {POOL})
    proposal = Proposal.of(frozenset({TreeName("t")}), {POOL: OLD}, seen(EDITED), "c--")
    assert proposal.plan
    assert watch.apply([proposal]) == [proposal]


def test_a_write_of_ours_that_comes_late_is_not_drift() -> None:
    """It overtook the one after it; a policy to leave drift must not leave that."""
    worker, wanted, now = Silence(), {POOL: NEW}, [0.0]
    pace = Pace(lambda: now[0], random.Random(1))
    dispatcher = Dispatcher(Observed(), lambda _: wanted, worker, "c--", pace)
    dispatcher.planner.drift.action = lambda _: "report"
    dispatcher.knowledge.adopt(seen(OLD))
    dispatcher.plan_anew([TreeName("t")])
    dispatcher.start_due()
    lost = AviUnreachable("no answer")
    lost.may_have_been_carried_out = True
    dispatcher.finished(worker.sent[-1], lost)
    now[0] += 1.0
    dispatcher.start_due()
    dispatcher.looked_up(POOL, ObservedObject("u", OLD))
    wanted[POOL] = EDITED
    dispatcher.start_due()
    dispatcher.finished(worker.sent[-1], ObservedObject("u", EDITED))
    assert dispatcher.is_idle
    dispatcher.knowledge.begin_observation()
    dispatcher.knowledge.adopt(seen(NEW))
    dispatcher.plan_anew([TreeName("t")])
    dispatcher.start_due()
    assert [operation.object for operation in worker.sent if isinstance(operation, Update)] == [NEW, EDITED, EDITED]


def test_what_others_refer_to_is_made_anew_though_its_deletion_would_be_left() -> None:
    """Else they would be refused for ever."""
    empty, full = PoolGroup(name="c--g"), PoolGroup(name="c--g", members=(PoolGroupMember(POOL),))
    history = History()
    history.known = seen(OLD, empty)
    history.sync(empty)
    assert not history.plan(OLD, empty)
    assert {operation.ref for operation in history.plan(OLD, full).operations} == {POOL, full.ref}
