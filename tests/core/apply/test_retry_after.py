"""When the Controller asks to be left alone nothing more of the tree is sent, nor what waits for its turn by then."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from queue import SimpleQueue
from typing import Any

import pytest

from ako.core.apply.dispatcher import Dispatcher
from ako.core.apply.jobs import Halt
from ako.core.apply.worker import AviWorker
from ako.core.avi.errors import AviError, AviUnreachable
from ako.core.avi.line import Line
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, Pool, PoolServer
from ako.core.model.mark import UNMARKED
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Create, Operation
from tests.builders import settings
from tests.core.avi.conftest import OpenSession, controller, open_session, script
from tests.core.avi.scripted import Reply, Script, error
from tests.core.clock import Clock
from tests.waiting import PATIENCE

__all__ = ["controller", "open_session", "script"]

SECONDS = 7.0
BUSY = error(503, "busy", Retry_After="7")
Answer = tuple[Operation, ObservedObject | AviError | None]


def made(name: str) -> Reply:
    return Reply(201, json.dumps({"name": name, "uuid": f"pool-{name}", "_last_modified": "1"}).encode())


class Case:
    """A worker with one thread, so that all but one request wait for their turn."""

    def __init__(self, line: Line, script: Script) -> None:
        self.script = script
        self.answers: SimpleQueue[Answer] = SimpleQueue()
        self.looks: SimpleQueue[Any] = SimpleQueue()
        self.line = line
        self.worker = AviWorker(line, settings(), lambda *one: self.answers.put(one), lambda *one: self.looks.put(one))

    def requests(self) -> int:
        return len(self.script.calls("POST", "/api/pool"))

    def answer(self) -> Answer:
        return self.answers.get(timeout=PATIENCE)


@pytest.fixture
def case(open_session: OpenSession, script: Script) -> Iterator[Case]:
    line = Line(open_session(), 1)
    yield Case(line, script)
    line.close()


def test_what_waits_for_its_turn_is_not_sent_any_more(case: Case) -> None:
    case.script.then("POST", "/api/pool", BUSY, made("c--other"))
    halt = Halt()
    for number in range(5):
        case.worker.carry_out(Create(Pool(name=f"c--{number}")), halt, UNMARKED)
    case.worker.carry_out(Create(Pool(name="c--other")), Halt(), UNMARKED)
    answers = [case.answer() for _ in range(6)]
    assert case.requests() == 2, "one of the plan, and that of another one"
    results = [result for _, result in answers]
    assert isinstance(results[0], AviUnreachable)
    assert results[0].retry_after == SECONDS
    for result in results[1:5]:
        assert isinstance(result, AviUnreachable)
        assert "not sent" in str(result)
        assert not result.may_have_been_carried_out
    assert isinstance(results[5], ObservedObject)


def test_nothing_of_the_tree_is_sent_for_so_long_whatever_changes(case: Case) -> None:
    """Not what waited for its turn, not what comes after it, and not what is edited meanwhile."""
    clock = Clock()
    pools = [Pool(name=f"c--{number}") for number in range(5)]
    trees: dict[str, list[Pool]] = {"one": list(pools), "two": []}

    def desired_of(tree: TreeName) -> Mapping[AviRef, AviObject]:
        return {pool.ref: pool for pool in trees[tree.name]}

    dispatcher = Dispatcher(Observed(), desired_of, case.worker, "c--", Pace(clock, random.Random(1)))
    dispatcher.knowledge.adopt({})
    case.script.then("POST", "/api/pool", BUSY)
    dispatcher.plan_anew([TreeName("one")])
    dispatcher.start_due()
    for _ in pools:
        dispatcher.finished(*case.answer())
    assert case.requests() == 1
    for step in range(int(SECONDS)):
        trees["one"][step % 5] = Pool(name=f"c--{step % 5}", servers=(PoolServer.at("10.0.0.1", step),))
        dispatcher.touch([TreeName("one")])
        dispatcher.start_due()
        assert not dispatcher.is_busy
        assert dispatcher.next_due == clock.now + SECONDS - step
        clock.now += 1
    case.script.then("POST", "/api/pool", *(made(f"c--{number}") for number in range(5)))
    dispatcher.start_due()
    dispatcher.looked_up(*case.looks.get(timeout=PATIENCE))  # the first one may have been carried out
    dispatcher.start_due()
    for _ in pools:
        dispatcher.finished(*case.answer())
    assert case.requests() == 1 + 5
    assert dispatcher.is_idle
