"""A fault of this program in one tree or one answer costs that tree a while, and nobody else anything."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from ako.core.apply.dispatcher import Dispatcher
from ako.core.apply.execution import Execution
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, DnsInfo, Pool, PoolServer, VsVip
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Create, Delete, Operation
from tests.core.clock import Clock
from tests.core.silence import Silence

GOOD, BAD = Pool(name="c--good"), Pool(name="c--bad")


class Spiteful(PoolServer, frozen=True):
    """A server that cannot be compared with another one."""

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError("spilled")

    def __hash__(self) -> int:
        return 0


class Shy(Pool, frozen=True):
    """A pool that does not say what it refers to."""

    def references(self) -> Iterator[AviRef]:
        raise ZeroDivisionError("spilled")


SPITEFUL = Pool(name=BAD.name, servers=(Spiteful(PoolServer.at("10.0.0.1", 80).ip, 80),))
SHY = Shy(name=BAD.name)


class Case:
    """Two trees, and a Controller that has what the test says."""

    def __init__(self, *there: AviObject) -> None:
        self.clock = Clock()
        self.worker = Silence()
        self.wanted: dict[str, AviObject] = {"good": GOOD}
        pace = Pace(self.clock, random.Random(1))
        self.dispatcher = Dispatcher(Observed(), self._desired_of, self.worker, "c--", pace)
        self.dispatcher.knowledge.adopt({item.ref: ObservedObject("u", item) for item in there})

    def _desired_of(self, tree: TreeName) -> dict[AviRef, AviObject]:
        return {item.ref: item for name, item in self.wanted.items() if name == tree.name}

    def want(self, **trees: AviObject) -> None:
        self.wanted.update(trees)
        self.dispatcher.touch(map(TreeName, trees))

    def begin(self) -> None:
        self.dispatcher.plan_anew(map(TreeName, self.wanted))
        self.dispatcher.start_due()

    def passes(self, seconds: float) -> None:
        self.clock.now += seconds
        self.dispatcher.start_due()

    def told(self) -> list[str]:
        return [f"{type(operation).__name__} {operation.ref.name}" for operation in self.worker.sent]

    def answer(self, operation: Operation) -> None:
        seen = None if isinstance(operation, Delete) else ObservedObject("u", operation.object)
        self.dispatcher.finished(operation, seen)


@pytest.mark.parametrize(
    ("bad", "there"), [(SPITEFUL, Pool(name=BAD.name, servers=(PoolServer.at("10.0.0.1", 81),))), (SHY, GOOD)]
)
def test_a_tree_that_cannot_be_planned_waits_alone(
    bad: AviObject, there: AviObject, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it is compared or ordered; it is tried again with growing pauses, and at once when it is edited."""
    case = Case(there)
    case.wanted = {"bad": bad, "well": Pool(name="c--well")}
    case.begin()
    assert sorted(case.told()) == ["Create c--well"] + (["Delete c--good"] if there is GOOD else [])
    assert "spilled" in caplog.text
    assert "Traceback" in caplog.text

    counts = [case.dispatcher.faults.count]
    waits = []
    for _ in range(4):
        due = case.dispatcher.next_due
        assert due is not None
        waits.append(due - case.clock.now)
        case.dispatcher.start_due()
        if waits[-1] > 0:
            assert case.dispatcher.faults.count == counts[-1], "nothing is tried before its time"
        case.passes(waits[-1])
        counts.append(case.dispatcher.faults.count)
    assert counts == sorted(set(counts)), "tried each time"
    assert waits[0] == 0
    assert waits[1] < waits[2] < waits[3]

    case.want(bad=BAD)
    case.dispatcher.start_due()
    assert BAD.ref in {operation.ref for operation in case.worker.sent}


def test_what_is_linked_to_it_waits_with_it() -> None:
    """Else what moves over would be taken away where it is, and be nowhere."""
    holder = VsVip(name="c--old", dns_info=(DnsInfo("moving.com"),))
    server = PoolServer.at("10.0.0.1", 81)
    case = Case(holder, Pool(name=BAD.name, servers=(server,)))
    taker = VsVip(name="c--new", dns_info=(DnsInfo("moving.com"),))
    trees = {"old": (VsVip(name="c--old"),), "new": (SPITEFUL, taker), "apart": (GOOD,)}
    case._desired_of = lambda tree: {item.ref: item for item in trees.get(tree.name, ())}  # type: ignore[method-assign]
    case.dispatcher = Dispatcher(Observed(), case._desired_of, case.worker, "c--", Pace(case.clock, random.Random(1)))
    case.dispatcher.knowledge.adopt(
        {holder.ref: ObservedObject("u", holder), BAD.ref: ObservedObject("u", Pool(name=BAD.name, servers=(server,)))}
    )
    case.wanted = dict.fromkeys(trees, GOOD)
    case.begin()
    assert case.told() == ["Create c--good"]


def test_an_answer_that_cannot_be_taken_in_counts_as_none() -> None:
    """Its object is read before its tree is planned again; others are not held up."""
    case = Case()
    case.want(bad=BAD)
    case.begin()
    bad, good = sorted(case.worker.sent, key=lambda operation: operation.ref)
    case.dispatcher.finished(bad, ObservedObject("u", SHY))
    case.answer(good)
    assert case.dispatcher.faults.count == 1
    assert case.dispatcher.is_settled(TreeName("good"))
    assert BAD.ref not in case.dispatcher.knowledge.observed
    case.dispatcher.start_due()
    assert case.worker.asked == [BAD.ref]
    case.dispatcher.looked_up(BAD.ref, ObservedObject("u", BAD))
    case.dispatcher.start_due()
    assert case.dispatcher.is_idle
    assert len(case.worker.sent) == 2


def test_what_was_read_and_cannot_be_taken_in_is_read_again_later() -> None:
    case = Case()
    case.want(bad=BAD)
    case.begin()
    bad = next(operation for operation in case.worker.sent if operation.ref == BAD.ref)
    case.dispatcher.finished(bad, ObservedObject("u", SHY))
    case.dispatcher.start_due()
    for tries in range(2, 5):
        case.dispatcher.looked_up(BAD.ref, ObservedObject("u", SHY))
        case.dispatcher.start_due()
        assert len(case.worker.asked) == tries - 1, "not at once"
        assert case.dispatcher.next_due is not None
        case.passes(case.dispatcher.next_due - case.clock.now)
        assert len(case.worker.asked) == tries
    assert isinstance(bad, Create)


def test_a_preview_tells_of_all_others() -> None:
    case = Case(Pool(name=BAD.name, servers=(PoolServer.at("10.0.0.1", 81),)))
    case.wanted["bad"] = SPITEFUL
    case.dispatcher.plan_anew(map(TreeName, case.wanted))
    plan, held = case.dispatcher.preview()
    assert [operation.ref for operation in plan.operations] == [GOOD.ref]
    assert not held


def test_what_is_meant_to_end_the_process_does() -> None:
    class Deadly(Shy, frozen=True):
        def references(self) -> Iterator[AviRef]:
            raise KeyboardInterrupt

    case = Case()
    case.wanted["bad"] = Deadly(name=BAD.name)
    with pytest.raises(KeyboardInterrupt):
        case.begin()


@pytest.mark.parametrize("method", ["finish", "start"])
def test_a_plan_that_cannot_be_gone_on_with_is_given_up(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its trees are planned anew once all of its answers are there; others are not held up."""
    case = Case()
    case._desired_of = lambda tree: {  # type: ignore[method-assign]
        item.ref: item for item in ((BAD, Pool(name="c--other")) if tree.name == "bad" else (GOOD,))
    }
    case.dispatcher = Dispatcher(Observed(), case._desired_of, case.worker, "c--", Pace(case.clock, random.Random(1)))
    case.dispatcher.knowledge.adopt({})
    case.wanted = {"bad": BAD, "good": GOOD}
    case.begin()
    sent = {operation.ref: operation for operation in case.worker.sent}
    assert len(sent) == 3
    with monkeypatch.context() as fault:
        fault.setattr(Execution, method, _spill)
        case.answer(sent[BAD.ref])
    assert not case.dispatcher.is_settled(TreeName("bad"))
    assert case.dispatcher.next_due is None, "the other answer may still come"
    case.answer(sent[AviRef("pool", "c--other")])
    case.answer(sent[GOOD.ref])
    assert case.dispatcher.is_settled(TreeName("good"))
    assert case.dispatcher.faults.count == 1
    due = case.dispatcher.next_due
    assert due is not None
    case.passes(due - case.clock.now)
    assert case.dispatcher.is_settled("bad"), "what was answered is known, and nothing is left to do"
    assert case.dispatcher.is_idle
    assert len(case.worker.sent) == 3


def _spill(*_: object, **__: object) -> None:
    raise ZeroDivisionError("spilled")
