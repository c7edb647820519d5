"""The mutations of many states, tried by some processes beside each other."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

from tests.traffic.go_ako import state as of_go_ako
from tests.traffic.mutations.bench import Bench
from tests.traffic.mutations.choosing import chosen
from tests.traffic.mutations.judging import Judge, Verdict, WrongWithoutMutationError
from tests.traffic.mutations.states import Field, Written, scenario_ids, states_of
from tests.traffic.promise import Expected, Promise

THEIRS = "go-ako/"
"""Before the names of states that Go AKO left behind."""
GO_AKO = (
    "ingress__06-multi-path-02",
    "ingress__24-mixed-secure-insecure-hosts-02",
    "routes__09-alternate-backends-02",
    "routes__38-passthrough-02",
    "routes__34-reencrypt-destination-ca-02",
    "l4__02-multi-port-02",
)
"""States of Go AKO that are looked at too: one for each way of serving."""


@dataclass(frozen=True)
class Part:
    """What became of one state."""

    state: str
    verdicts: Sequence[Verdict] = ()
    wrong: str = ""
    questions: int = 0


@dataclass(frozen=True)
class Wanted:
    """Which mutations are tried: those of a type of objects, and of each row every so many."""

    kind: str = ""
    every: int = 1


@dataclass
class Campaign:
    """Finds states, chooses among them, and tries their mutations.

    Args:
        jobs: how many processes there are.
        tell: is told how far it has come.
    """

    wanted: Wanted
    jobs: int
    tell: Callable[[str], None]
    states: int = field(default=0, init=False)

    def run(self, names: str = "", *, all_states: bool = False) -> Iterator[Part]:
        """Try the mutations of all states whose name begins so; of those, without `all_states`, of enough."""
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.jobs, mp_context=context) as pool:
            found = self._found(pool, names)
            self.states = len(found)
            taken = found if all_states else chosen(found)
            fields = frozenset[Field]().union(*(one.fields for one in found))
            work = [pool.submit(judged, one, self.wanted) for one in taken]
            work += [pool.submit(judged_of_go_ako, name, fields, self.wanted) for name in _theirs(names)]
            self.tell(f"{len(found)} states were written for the scenarios; {len(work)} are looked at")
            yield from _as_they_come(work)

    def _found(self, pool: ProcessPoolExecutor, names: str) -> list[Written]:
        """Run the scenarios; for Go AKO's objects all of them, as fields are looked at that ours write too."""
        begins = "" if names.startswith(THEIRS) else names
        ids = [one for one in scenario_ids() if f"{one}-".startswith(begins) or begins.startswith(one)]
        states = [state for found in pool.map(states_of, ids) for state in found]
        return [one for one in states if one.state.name.startswith(begins)]


def _theirs(names: str) -> list[str]:
    return [name for name in GO_AKO if f"{THEIRS}{name}".startswith(names)]


def _as_they_come(work: Sequence[Future[Part]]) -> Iterator[Part]:
    for done in as_completed(work):
        yield done.result()


def judged(one: Written, wanted: Wanted) -> Part:
    """Try the mutations of a state of ours."""
    return _judged(one, wanted, lambda promise: promise.ours)


def judged_of_go_ako(name: str, fields: frozenset[Field], wanted: Wanted) -> Part:
    """Try the mutations of a state of Go AKO, of the fields that ours write too."""
    found = of_go_ako(name)
    return _judged(Written(found, fields), wanted, lambda promise: promise.theirs, before=THEIRS)


def _judged(one: Written, wanted: Wanted, whose: Callable[[Promise], Expected | None], before: str = "") -> Part:
    name = f"{before}{one.state.name}"
    with Bench() as bench:
        try:
            judge = Judge(bench, one.state, one.fields, whose)
        except WrongWithoutMutationError as wrong:
            return Part(name, wrong=str(wrong))
        mutations = [mutation for mutation in judge.mutations() if wanted.kind in {"", mutation.kind}]
        return Part(name, list(judge.try_all(mutations[:: wanted.every])), questions=judge.questions)
