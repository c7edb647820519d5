"""Questions from other threads: answered between two passes, waited for as long as somebody waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest
from msgspec.structs import replace

from ako.core.control.election import Standing
from ako.core.control.leadership import Phase
from ako.core.control.questions import NoAnswerError, Questions, notes_of
from ako.core.control.state import State
from ako.core.control.world import Message
from ako.core.explain import explainer
from ako.core.plan.deletion_guard import Held
from tests.builders import endpoints, ingress, service
from tests.core.control.rig import Rig
from tests.core.control.running import Running
from tests.e2e.stage import AviControl
from tests.waiting import PATIENCE

OBSERVED = State(is_observed=True)


def questions(inbox: SimpleQueue[Message], state: State = OBSERVED) -> Questions:
    rig = Rig(service("web"), endpoints("web", "10.0.0.1"), ingress("shop", ("shop.com", "/", "web:80")))
    return Questions(inbox.put, rig.reconciler, lambda: state)


def test_a_running_controller_answers_while_it_works(url: str) -> None:
    with Running(url) as ako:
        ako.comes_to_rest()
        answer = ako.controller.questions.ask("shop.com", PATIENCE)
    assert [(told.host, told.state) for told in answer.hosts] == [("shop.com", "live")]
    assert (answer.asked_of, answer.notes) == ("the controller of cluster c", ())
    assert answer.at.endswith("Z")


def test_questions_of_many_are_all_answered(url: str) -> None:
    with Running(url) as ako, ThreadPoolExecutor(8) as askers:
        ako.comes_to_rest()
        answers = list(askers.map(lambda _: ako.controller.questions.ask("shop.com", PATIENCE), range(40)))
    assert all(answer.is_found for answer in answers)


def test_nobody_waits_longer_than_he_says_and_then_nothing_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()
    asked = questions(inbox)
    with pytest.raises(NoAnswerError, match="it is busy; ask again"):
        asked.ask("shop.com", 0.01)
    monkeypatch.setattr(asked, "answer", lambda _: pytest.fail("nobody waits for it any more"))
    inbox.get()()
    asked.answer_all()
    assert asked.faults.count == 0


def test_a_fault_of_this_program_costs_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()
    asked = questions(inbox)

    def fails(*_: object) -> None:
        raise LookupError("a fault")

    monkeypatch.setattr(explainer.Explainer, "answer", fails)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(asked.ask, "shop.com", PATIENCE)
        inbox.get(timeout=PATIENCE)()
        asked.answer_all()
        with pytest.raises(NoAnswerError, match="a fault of this program"):
            waiting.result(PATIENCE)
    assert asked.faults.count == 1


@pytest.mark.parametrize(
    ("state", "note"),
    [
        (State(), "the Avi Controller has not been read yet; until then nothing is written."),
        (State(sync_failure="no route"), "the Avi Controller has not been read yet: no route; until then"),
        (
            State(works=False, standing=Standing(Phase.STANDBY, holder="ako-1_0123456789ab")),
            "this replica stands by, and works nothing out; ako-1 works: ask that one.",
        ),
        (replace(OBSERVED, unread=("v1/Secret: 403",)), "v1/Secret: 403; what was known of it before stays in force."),
        (replace(OBSERVED, held=Held("1a2b", frozenset({"a.com", "b.com"}))), "plan 1a2b would leave 2 hosts"),
        (replace(OBSERVED, tenants=("tenant blue cannot be read",)), "tenant blue cannot be read"),
        (replace(OBSERVED, hazard="two write"), "two write"),
    ],
)
def test_what_bears_on_the_whole_is_told_with_every_answer(state: State, note: str) -> None:
    answer = questions(SimpleQueue(), state).answer("nowhere.com")
    assert any(told.startswith(note) for told in answer.notes)
    assert answer.works == state.works
    assert list(notes_of(OBSERVED)) == []


def test_an_answer_is_of_one_moment(avi: AviControl, url: str) -> None:
    """What is declared is answered after the pass that it brought about, never in the midst of it."""
    with Running(url) as ako:
        ako.comes_to_rest()
        ako.cluster.declare(ingress("late", ("late.com", "/", "web:80")))
        told = ako.controller.questions.ask("late.com", PATIENCE).hosts
        ako.comes_to_rest()
        assert ako.controller.questions.ask("late.com", PATIENCE).hosts[0].state == "live"
    assert {one.state for one in told} <= {"pending", "live"}
    assert avi.pool_of("late.com")
