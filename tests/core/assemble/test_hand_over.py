"""A name that changes hands: at every single write everybody is answered by his own servers, or not yet."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.apply.dispatcher import Dispatcher
from ako.core.assemble.hand_over import HandOver
from ako.core.avi.errors import AviError
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef
from ako.core.model import AviObject
from ako.core.observe.observed import Observed
from ako.core.plan.plan import Create, Delete, Operation, Update
from tests.core.assemble.following import NOTHING
from tests.core.assemble.worlds import CLASHES, KUBERNETES, Clash, Source, fed, objects_of
from tests.core.control.test_convergence import PREFIX, Rig
from tests.properties import share_of

DAYS = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 5)]
IDS = [clash.title for clash in CLASHES]


class Watched(Rig):
    """A rig in which it is looked at every answer whether anybody is answered by servers of others, or no more."""

    def __init__(self, clash: Clash, seed: int = 1) -> None:
        super().__init__(random.Random(seed))
        self.fed = fed(clash.plugins)
        self.hand_over = HandOver(self.fed.pipeline, self.dispatcher.knowledge.names_there)
        self.clash = clash
        self.declared: dict[str, tuple[Source, str]] = {}
        self.live: set[str] = set()
        self.doomed: set[str] = set()
        """Those that were withdrawn while something was under way: until that is done, they may yet go."""

    def declare(self, source: Source, created: str) -> None:
        """Add a source, or give it another age."""
        self.fed.apply(*source.base, source.make(created))
        self.declared[source.name] = (source, created)

    def restart(self) -> None:
        """Lose everything but what is declared, and what is on the Controller."""
        self.in_flight.clear()
        self.fed = fed(self.clash.plugins)
        self.dispatcher = Dispatcher(Observed(), self._desired_of, self, PREFIX, Pace(lambda: 0.0, self.rng))
        self.hand_over = HandOver(self.fed.pipeline, self.dispatcher.knowledge.names_there)
        for source, created in self.declared.values():
            self.declare(source, created)
        self.hand_over.refresh()
        self.hand_over.resume(self.objects.values())
        self.hand_over.refresh()
        self.observe()

    def withdraw(self, source: Source) -> None:
        """Take a source away."""
        self.fed.delete(source.make(""))
        self.declared.pop(source.name, None)
        self.live.discard(source.name)
        self.doomed.add(source.name)

    def look(self) -> None:
        """Take in what is new, and start what is due."""
        self.hand_over.free()
        self.dispatcher.touch(self.hand_over.refresh().trees)
        self.dispatcher.start_due()
        if self.dispatcher.is_idle:
            self.doomed.clear()

    def answer_one(self, error: AviError | None = None) -> None:
        super().answer_one(error)
        objects = self.objects
        for source in self.clash.sources:
            servers = source.ask(objects)
            if source.name in self.live:
                assert servers == source.server, f"{source.name} is not served any more"
            else:
                assert servers in {NOTHING, source.server}, f"{source.name} is answered by somebody else"
            if servers and source.name in self.declared.keys() - self.doomed:
                self.live.add(source.name)

    def converge(self) -> None:
        """Carry everything out, in any order that is allowed; at the end there is what is wanted, and it serves."""
        self.look()
        while self.in_flight:
            self.answer_one()
            self.look()
        assert self.dispatcher.is_idle
        objects = self.objects
        assert objects.keys() == objects_of(self.fed).keys()
        for source, _ in self.declared.values():
            assert source.ask(objects) == source.server, source.name

    @property
    def objects(self) -> dict[AviRef, AviObject]:
        """Give what is on the Controller."""
        return {ref: seen.object for ref, seen in self.controller.observed.items()}

    def written(self) -> list[Operation]:
        """Give what was written since the last call."""
        writes, self.controller.writes = self.controller.writes, []
        return writes


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("clash", CLASHES, ids=IDS)
def test_the_plain_name_comes_back_new_object_first(clash: Clash, seed: int) -> None:
    for older, younger in itertools.permutations(clash.sources, 2):
        rig = Watched(clash, seed)
        rig.declare(older, DAYS[0])
        rig.declare(younger, DAYS[1])
        rig.converge()
        others = {ref for ref in rig.objects if ref.name.startswith(f"{clash.name}-") and plain_of(ref) in rig.objects}
        assert others
        rig.written()
        rig.withdraw(older)
        rig.converge()
        writes = rig.written()
        assert others.isdisjoint(rig.objects)
        for other in others:
            plain = plain_of(other)
            steps = [(type(write), write.ref) for write in writes if write.ref in {plain, other}]
            assert steps == [(Delete, plain), (Create, plain), (Delete, other)], "never made of what is another's"


def plain_of(ref: AviRef) -> AviRef:
    return AviRef(ref.type, ref.name[:-9])


@pytest.mark.parametrize("clash", CLASHES, ids=IDS)
def test_the_arrival_of_a_younger_one_writes_nothing_of_the_older(clash: Clash) -> None:
    for older, younger in itertools.permutations(clash.sources, 2):
        rig = Watched(clash)
        rig.declare(older, DAYS[0])
        rig.converge()
        before = rig.objects
        rig.written()
        rig.declare(younger, DAYS[1])
        rig.converge()
        assert {write.ref for write in rig.written() if write.ref in before and "Shared" not in write.ref.name} == set()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("clash", CLASHES, ids=IDS)
def test_an_older_one_that_comes_later_gets_the_name_when_it_is_free(clash: Clash, seed: int) -> None:
    for older, younger in itertools.permutations(clash.sources, 2):
        rig = Watched(clash, seed)
        rig.declare(younger, DAYS[1])
        rig.converge()
        before = rig.objects
        rig.written()
        rig.declare(older, DAYS[0])
        rig.converge()
        updated = {write.ref for write in rig.written() if isinstance(write, Update) and write.ref in before}
        assert {ref for ref in updated if ref.name.startswith(clash.name)} == set(), "never made of what is another's"


@pytest.mark.parametrize("clash", CLASHES, ids=IDS)
@pytest.mark.parametrize("answers", range(0, 14, 3))
def test_a_name_that_came_free_while_nobody_looked_changes_hands_no_otherwise(clash: Clash, answers: int) -> None:
    """Nor is anybody mixed up by a start in the middle of it."""
    for older, younger in itertools.permutations(clash.sources, 2):
        rig = Watched(clash, seed=answers)
        rig.declare(older, DAYS[0])
        rig.declare(younger, DAYS[1])
        rig.converge()
        rig.withdraw(older)
        rig.restart()
        rig.look()
        for _ in range(answers):
            if rig.in_flight:
                rig.answer_one()
                rig.look()
        rig.restart()
        rig.converge()
        assert not {
            ref
            for ref in rig.objects
            if ref.name.startswith(f"{clash.name}-") and len(plain_of(ref).name) == len(clash.name)
        }


SOURCES = tuple(source for clash in CLASHES if clash.plugins == KUBERNETES for source in clash.sources)
EVERYBODY = Clash("everybody", KUBERNETES, SOURCES, "")
ACTIONS = st.sampled_from([*DAYS[:3], "withdraw", "restart"])
EVENTS = st.lists(st.tuples(st.integers(0, len(SOURCES) - 1), ACTIONS, st.integers(0, 12)), max_size=8)


@pytest.mark.long
@settings(max_examples=share_of(150))
@given(EVENTS, st.integers(0, 2**32))
def test_whatever_comes_and_goes_while_others_are_written_nobody_is_mixed_up(
    events: Sequence[tuple[int, str, int]], seed: int
) -> None:
    rig = Watched(EVERYBODY, seed)
    for index, action, answers in events:
        if action == "restart":
            rig.restart()
        elif action == "withdraw":
            rig.withdraw(SOURCES[index])
        else:
            rig.declare(SOURCES[index], action)
        rig.look()
        for _ in range(min(answers, len(rig.in_flight))):
            rig.answer_one()
            rig.look()
    rig.converge()
    scratch = Watched(EVERYBODY, seed)
    for source, created in rig.declared.values():
        scratch.declare(source, created)
    scratch.converge()
    in_use = {ref for ref in rig.objects if "Shared" not in ref.name}
    assert in_use == {ref for ref in scratch.objects if "Shared" not in ref.name}
