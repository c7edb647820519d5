"""Questions from other threads, answered on the one that thinks, between two passes.

Whoever asks waits for as long as he says; a question that nobody waits for any more is not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

from msgspec.structs import replace

from ako.core.base.errors import AkoError
from ako.core.base.faults import Faults
from ako.core.base.moment import rfc3339_now
from ako.core.control.confirmation import why_apart, why_held
from ako.core.control.reconcile import Reconciler
from ako.core.control.state import State
from ako.core.control.world import Message
from ako.core.explain.answer import Answer
from ako.core.explain.explainer import Explainer
from ako.core.explain.picture import Picture
from ako.core.model.names import Names
from ako.core.plan.deletion_guard import Held
from ako.core.report.outcomes import Outcomes


class NoAnswerError(AkoError):
    """There was no answer in time."""


class Questions:
    """Takes questions and has them answered.

    Args:
        tell: takes what happened to the thinking thread.
        reconciler: holds all that there is to know.
        state: gives how the controller is.

    Attributes:
        faults: of this program, in answers.
    """

    def __init__(self, tell: Callable[[Message], None], reconciler: Reconciler, state: Callable[[], State]) -> None:
        self.faults = Faults("explain")
        self._tell = tell
        self._reconciler = reconciler
        self._state = state
        self._asked: list[tuple[str, Future[Answer]]] = []

    def ask(self, question: str, patience: float) -> Answer:
        """Have a question answered; from any thread but the one that thinks.

        Args:
            question: as it was written.
            patience: for how many seconds to wait.

        Raises:
            NoAnswerError: it was not answered in that time, or by a fault of this program.
        """
        future: Future[Answer] = Future()
        self._tell(lambda: self._asked.append((question, future)))
        try:
            return future.result(patience)
        except TimeoutError:
            future.cancel()
            raise NoAnswerError(f"the controller gave no answer in {patience:g} s: it is busy; ask again.") from None

    def answer_all(self) -> None:
        """Answer what was asked since the last call."""
        asked, self._asked = self._asked, []
        for question, future in asked:
            if not future.set_running_or_notify_cancel():
                continue
            with self.faults.contained(f"question {question!r}"):
                future.set_result(self.answer(question))
                continue
            future.set_exception(NoAnswerError("a fault of this program is in the way of an answer; the log has more."))

    def answer(self, question: str, held: Held | None = None) -> Answer:
        """Answer a question at once; on the thread that thinks.

        Args:
            question: as it was written.
            held: what would wait for being confirmed, for who only looks; None: what does.
        """
        reconciler, state = self._reconciler, self._state()
        state = state if held is None else replace(state, held=held)
        answer = Explainer(picture_of(reconciler, state.held)).answer(question)
        asked_of = f"the controller of cluster {reconciler.settings.ako_settings.cluster_name}"
        notes = (*answer.notes, *notes_of(state))
        return replace(answer, asked_of=asked_of, at=rfc3339_now(), works=state.works, notes=notes)


def picture_of(reconciler: Reconciler, held: Held, *, is_asked: bool = True) -> Picture:
    """Give what an explanation reads.

    Args:
        reconciler: holds it.
        held: what waits for being confirmed, or would.
        is_asked: there is an Avi Controller, and not an assumed one.
    """
    planner, settings = reconciler.dispatcher.planner, reconciler.settings
    router = Names(settings.ako_settings.cluster_name).created_by
    return Picture(
        pipeline=reconciler.pipeline,
        outcomes=Outcomes(reconciler.pipeline, reconciler.observed, planner.refused, router),
        observed=reconciler.observed,
        planner=planner,
        quarantine=reconciler.quarantine,
        held=held,
        is_observed=reconciler.is_observed and is_asked,
    )


def notes_of(state: State) -> Iterator[str]:
    """Say what of the whole bears on every answer, each with what ends it."""
    if not state.works:
        holder = state.standing.holder.rpartition("_")[0] if state.standing else ""
        who = f"{holder or 'another one'} works" if state.standing is not None else "another one works"
        yield f"this replica stands by, and works nothing out; {who}: ask that one."
    elif not state.is_observed:
        why = f": {state.sync_failure}" if state.sync_failure else ""
        yield f"the Avi Controller has not been read yet{why}; until then nothing is written."
    if state.held:
        yield why_held(state.held)
    yield from map(why_apart, state.namesakes)
    yield from (f"{kind}; what was known of it before stays in force." for kind in state.unread)
    yield from state.tenants
    if state.hazard:
        yield state.hazard
