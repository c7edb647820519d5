"""Mutations of a state, one after the other: which request notices, if any."""

from __future__ import annotations

import logging
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ako.sim.schema import load_schema
from ako.sim.store import Record
from tests.traffic.go_ako import State
from tests.traffic.mutations.bench import Bench
from tests.traffic.mutations.changes import Changes, Mutation
from tests.traffic.mutations.questions import Whose, questions_of
from tests.traffic.mutations.reasons import reason_for
from tests.traffic.mutations.setting import Setting
from tests.traffic.mutations.states import Field
from tests.traffic.mutations.tracing import Seen


@dataclass(frozen=True)
class Verdict:
    """What became of a mutation.

    Attributes:
        by: the request that noticed, empty if none did.
        fault: what was wrong with its answer.
        is_read: whether any request has the data plane look at what is changed.
    """

    state: str
    kind: str
    name: str
    path: str
    deed: str
    detail: str
    by: str = ""
    fault: str = ""
    is_read: bool = True
    reason: str = ""

    @property
    def row(self) -> tuple[str, str, str]:
        """Give what mutations are counted by."""
        return self.kind, self.path, self.deed

    def __str__(self) -> str:
        return f"{self.state}: {self.kind} {self.name}: {self.path or 'object'} {self.deed}: {self.detail}"


class WrongWithoutMutationError(Exception):
    """A request is answered wrong though nothing was changed."""


class Judge:
    """Tries mutations of one state."""

    def __init__(self, bench: Bench, state: State, fields: Set[Field], whose: Whose) -> None:
        self._bench = bench
        self._state = state
        self._fields = fields
        bench.hold(state.controller)
        self._questions = questions_of(state, whose)
        asking = [(promise.asked, found) for promise in state.promises if (found := whose(promise)) is not None]
        self._setting = Setting(bench.records, bench.listeners(), asking)
        self.ours = [one for one in bench.records if is_ours(one, state)]
        self._catches: dict[str, Counter[int]] = {}
        self._reading = self._read()

    def _read(self) -> list[frozenset[Seen]]:
        """Ask everything of the right objects; give what each request has read of them."""
        self._bench.watch()
        wrong: list[str] = []
        reading: list[frozenset[Seen]] = []
        for question in self._questions:
            if question.of:  # the one before it, at length
                reading.append(reading[-1])
                continue
            self._bench.tracer.taken()
            if fault := question.fault(self._bench):
                wrong.append(f"{self._state.name}: {question.name}: {fault}")
            reading.append(self._bench.tracer.taken())
        self._bench.unwatch()
        if wrong:
            raise WrongWithoutMutationError("\n".join(wrong))
        return reading

    @property
    def questions(self) -> int:
        """Say how many requests there are."""
        return len(self._questions)

    def mutations(self) -> list[Mutation]:
        """Give all mutations of the state."""
        return list(Changes(load_schema(), self._bench.records, self.ours, self._bench.stranger, self._fields).all())

    def try_all(self, mutations: Sequence[Mutation]) -> Iterator[Verdict]:
        """Try mutations."""
        for mutation in mutations:
            yield self._judged(mutation)

    def _judged(self, mutation: Mutation) -> Verdict:
        asked = [place for place in range(len(self._questions)) if self._may_notice(place, mutation)]
        told = (self._state.name, mutation.kind, mutation.name, mutation.path, mutation.deed, mutation.detail)
        if not asked:
            return Verdict(*told, is_read=False, reason=reason_for(mutation, self._setting))
        before = self._catches.setdefault(mutation.name, Counter())
        asked.sort(key=lambda place: (-before[place], place))
        with self._bench.wrong(mutation.changed), _silence():
            for place in asked:
                question = self._questions[place]
                if fault := question.fault(self._bench):
                    before[place] += 1
                    return Verdict(*told, by=question.name, fault=fault)
        return Verdict(*told, reason=reason_for(mutation, self._setting))

    def is_read(self, mutation: Mutation) -> bool:
        """Say whether any request has the data plane look at what is changed."""
        return any(self._may_notice(place, mutation) for place in range(len(self._questions)))

    def fault_of_any(self, mutation: Mutation) -> str:
        """Ask everything, whether it can notice or not; give what was wrong."""
        with self._bench.wrong(mutation.changed), _silence():
            faults = (question.fault(self._bench) for question in self._questions if not question.of)
            return next((fault for fault in faults if fault), "")

    def content(self) -> list[tuple[str, bytes]]:
        """Give the objects that are held, in their order."""
        return [(record.uuid, record.encoded) for record in self._bench.controller.store.records()]

    def _may_notice(self, place: int, mutation: Mutation) -> bool:
        of = self._questions[place].of
        if of and not (mutation.path.endswith(of) and mutation.deed == "changed"):
            return False
        return mutation.touched is None or bool(mutation.touched & self._reading[place])


def is_ours(record: Record, state: State) -> bool:
    """Say whether an object was written by the product."""
    cluster = state.config["AKOSettings"]["clusterName"]
    return record.data.get("created_by") == f"ako-{cluster}" or record.name.startswith(f"{cluster}--")


@contextmanager
def _silence() -> Iterator[None]:
    """Let the data plane fall over wrong objects without telling it on stderr: its clients tell."""

    def nothing(_: Any) -> None:
        return

    hooks = threading.excepthook, sys.unraisablehook
    loops = logging.getLogger("asyncio")
    before = loops.disabled
    threading.excepthook, sys.unraisablehook, loops.disabled = nothing, nothing, True
    try:
        yield
    finally:
        loops.disabled = before
        threading.excepthook, sys.unraisablehook = hooks
