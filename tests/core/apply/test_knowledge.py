"""What is believed about objects, against a model that looks it up in everything that ever happened."""

from __future__ import annotations

import random
from collections.abc import Container, Iterable, Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.apply.knowledge import Knowledge
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, IpAddr, Pool, PoolServer, Vip, VsVip
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.drift import DriftWatch
from tests.core.clock import Clock
from tests.properties import share_of

LINGER = 60.0
POOL, OLD, NEW = (AviRef(kind, name) for kind, name in (("pool", "c--p"), ("vsvip", "c--old"), ("vsvip", "c--new")))
ONE, TWO = TreeName("one"), TreeName("two")
REFS, TREES = (POOL, OLD, NEW), (ONE, TWO)

Seen = Mapping[AviRef, ObservedObject]
Event = tuple[str, AviRef | None, frozenset[TreeName]]


def version(ref: AviRef, number: int) -> ObservedObject:
    """Give an object as it may be there; a VsVip whose number is odd has no address yet."""
    if ref.type == "pool":
        item: AviObject = Pool(name=ref.name, servers=(PoolServer.at("10.0.0.1", 80 + number),))
    else:
        vips = () if number % 2 else (Vip(ip_address=IpAddr.of(f"10.1.0.{number}")),)
        item = VsVip(name=ref.name, vip=vips)
    return ObservedObject(f"u{number}", item)


class Model:
    """Everything that happened since the last time that all was forgotten, in order."""

    def __init__(self) -> None:
        self.log: list[Event] = []
        self.late: dict[AviRef, tuple[float, frozenset[TreeName]]] = {}
        self.there: dict[AviRef, ObservedObject] = {}
        self.is_read = False

    def note(self, what: str, ref: AviRef | None = None, trees: Iterable[TreeName] = ()) -> None:
        self.log.append((what, ref, frozenset(trees)))

    def _last(self, whats: Container[str], ref: AviRef | None, tree: TreeName | None = None) -> int:
        """Give the place of the last of some events, of an object and a tree; -1 if there was none."""
        places = (
            place
            for place, (what, about, trees) in enumerate(self.log)
            if what in whats and about in {ref, None} and (tree is None or tree in trees)
        )
        return max(places, default=-1)

    def is_writing(self, ref: AviRef, until: int | None = None) -> bool:
        log = self.log[:until]
        sent = sum(what == "write" and about == ref for what, about, _ in log)
        return sent > sum(what in {"written", "gone", "failed"} and about == ref for what, about, _ in log)

    def is_claimed(self, ref: AviRef) -> bool:
        return self._last({"claim"}, ref) > self._last({"let go"}, ref)

    def is_freed(self, ref: AviRef) -> bool:
        """Another VsVip was deleted while this one was being written."""
        if ref.type != "vsvip" or not self.is_writing(ref):
            return False
        since = self._last({"write"}, ref)
        return any(what == "gone" and about != ref and about in {OLD, NEW} for what, about, _ in self.log[since:])

    def reading(self, ref: AviRef) -> set[TreeName]:
        since = self._last({"was read"}, ref)
        return {
            tree for what, about, trees in self.log[since + 1 :] if (what, about) == ("read", ref) for tree in trees
        }

    def is_unsure(self, ref: AviRef, tree: TreeName) -> bool:
        return self._last({"doubt"}, ref, tree) > self._last({"was read"}, ref, tree)

    def is_just_read(self, ref: AviRef, tree: TreeName) -> bool:
        return self._last({"was read"}, ref, tree) > self._last({"plan"}, None, tree)

    def is_fresher(self, ref: AviRef) -> bool:
        """It was written or read since the observation began, or was being written then."""
        began = self._last({"begin"}, None)
        return max(self._last({"write"}, ref), self._last({"was read"}, ref)) > began or self.is_writing(ref, began)

    def expected(self, observation: Seen) -> dict[AviRef, ObservedObject]:
        """Give what is there after an observation, by the better knowledge of each object."""
        pictures = ((ref, self.there if self.is_fresher(ref) else observation) for ref in REFS)
        return {ref: picture[ref] for ref, picture in pictures if ref in picture}

    def no_drift(self) -> set[AviRef]:
        return {
            ref
            for ref in REFS
            if ref in self.late or self.is_claimed(ref) or any(self.is_unsure(ref, tree) for tree in TREES)
        }


class Spy(DriftWatch):
    """Keeps what it is given to compare, and what of it may yet change."""

    def __init__(self) -> None:
        super().__init__("c--")
        self.compared: tuple[Seen, Seen] | None = None
        self.unsure: set[AviRef] = set()

    def compare(self, known: Seen, seen: Seen, unsure: Container[AviRef]) -> None:
        self.compared, self.unsure = (dict(known), dict(seen)), {ref for ref in REFS if ref in unsure}


class History:
    """A knowledge and its model, to which the same happens."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.drift = Spy()
        pace = Pace(self.clock, random.Random(1), linger=LINGER)
        self.knowledge = Knowledge(Observed(), self.drift, pace)
        self.model = Model()

    def do(self, step: str, ref: AviRef, trees: frozenset[TreeName], number: int) -> None:
        """Have something happen, if it can."""
        getattr(self, step)(ref, trees, number)

    # Plans and their writes.

    def claim(self, ref: AviRef, trees: frozenset[TreeName], _: int) -> None:
        self.knowledge.claim([ref], trees)
        self.model.note("claim", ref, trees)
        self.model.note("plan", None, trees)

    def let_go(self, ref: AviRef, _: frozenset[TreeName], __: int) -> None:
        self.knowledge.let_go([ref])
        self.model.note("let go", ref)

    def write(self, ref: AviRef, _: frozenset[TreeName], __: int) -> None:
        if not self.model.is_writing(ref):
            self.knowledge.write(ref)
            self.model.note("write", ref)

    def written(self, ref: AviRef, _: frozenset[TreeName], number: int) -> None:
        if self.model.is_writing(ref):
            self.model.note("written", ref)
            self.model.there[ref] = version(ref, number)
            self.knowledge.written(ref, version(ref, number))

    def gone(self, ref: AviRef, _: frozenset[TreeName], __: int) -> None:
        if self.model.is_writing(ref):
            self.model.note("gone", ref)
            self.model.there.pop(ref, None)
            self.knowledge.written(ref, None)

    def failed(self, ref: AviRef, trees: frozenset[TreeName], number: int) -> None:
        if not self.model.is_writing(ref):
            return
        unsure, may_be_late = [(), (ref,), REFS, (ref,)][number % 4], number % 4 == 3
        self.model.note("failed", ref)
        for other in unsure:
            self.model.note("doubt", other, trees)
        if may_be_late:
            self.model.late[ref] = (self.clock.now + LINGER, trees)
        self.knowledge.failed(ref, trees, unsure, may_be_late=may_be_late)

    # Doubts and look-ups.

    def doubt(self, ref: AviRef, trees: frozenset[TreeName], _: int) -> None:
        for tree in trees:
            self.knowledge.doubt(tree, ref)
        self.model.note("doubt", ref, trees)

    def read(self, ref: AviRef, trees: frozenset[TreeName], number: int) -> None:
        refs = {ref, REFS[number % len(REFS)]}
        new = self.knowledge.read(refs, trees)
        assert new == sorted(other for other in refs if not self.model.reading(other))
        for other in refs:
            self.model.note("read", other, trees)

    def was_read(self, ref: AviRef, _: frozenset[TreeName], number: int) -> None:
        waiting = self.model.reading(ref)
        assert self.knowledge.was_read(ref) == waiting
        self.model.note("was read", ref, waiting)
        if number:
            self.knowledge.observed.put(ref, version(ref, number))
            self.model.there[ref] = version(ref, number)
        else:
            self.knowledge.observed.forget(ref)
            self.model.there.pop(ref, None)

    def look_later(self, ref: AviRef, trees: frozenset[TreeName], _: int) -> None:
        self.knowledge.look_later(ref, trees)
        self.model.late[ref] = (self.clock.now + LINGER, trees)

    # Complete observations.

    def begin_observation(self, _: AviRef, __: frozenset[TreeName], ___: int) -> None:
        assert set(self.knowledge.begin_observation()) == self.model.there.keys()
        self.model.note("begin")

    def adopt(self, ref: AviRef, _: frozenset[TreeName], number: int) -> None:
        if self.model._last({"begin"}, None) <= self.model._last({"adopt"}, None):
            return
        observation = {other: version(other, number + place) for place, other in enumerate(REFS) if other != ref}
        known, expected = dict(self.model.there), self.model.expected(observation)
        self.drift.compared = None
        self.knowledge.adopt(observation)
        assert self.drift.compared == ((known, expected) if self.model.is_read else None), (
            "the first one shows no drift"
        )
        if self.model.is_read:
            assert self.drift.unsure == self.model.no_drift()
        self.model.there, self.model.is_read = expected, True
        self.model.note("adopt")

    def forget(self, *_: object) -> None:
        self.knowledge.forget()
        self.model = Model()

    # Time.

    def wait(self, _: AviRef, __: frozenset[TreeName], number: int) -> None:
        self.clock.now += number * 10.0
        due = list(self.knowledge.take_due())
        late = {ref: trees for ref, trees in due if trees}
        assert late == {ref: trees for ref, (until, trees) in self.model.late.items() if until <= self.clock.now}
        self.model.late = {ref: rest for ref, rest in self.model.late.items() if ref not in late}
        assert {ref for ref, trees in due if not trees} <= self.without_address

    @property
    def without_address(self) -> set[AviRef]:
        items = ((ref, seen.object) for ref, seen in self.model.there.items())
        return {ref for ref, item in items if isinstance(item, VsVip) and not item.addresses}

    def check(self) -> None:
        """Compare everything that can be asked."""
        knowledge, model = self.knowledge, self.model
        assert dict(knowledge.observed.items()) == model.there
        assert knowledge.observed.without_address == self.without_address
        assert knowledge.is_read is model.is_read
        for ref in REFS:
            assert knowledge.is_claimed([ref]) is model.is_claimed(ref)
            assert knowledge.is_free_again(ref) is model.is_freed(ref)
        for tree in TREES:
            assert knowledge.unsure_of([tree]) == {ref for ref in REFS if model.is_unsure(ref, tree)}
            assert knowledge.just_read([tree]) == {ref for ref in REFS if model.is_just_read(ref, tree)}
            assert knowledge.is_reading(tree) is any(tree in model.reading(ref) for ref in REFS)
        assert knowledge.is_reading() is any(map(model.reading, REFS))
        if model.late:
            assert knowledge.next_due is not None
            assert knowledge.next_due <= min(until for until, _ in model.late.values())


STEPS = (
    *("claim", "claim", "let_go", "write", "write", "written", "gone", "failed", "failed"),
    *("doubt", "read", "read", "was_read", "was_read", "look_later"),
    *("begin_observation", "begin_observation", "adopt", "adopt", "adopt", "wait", "forget"),
)
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        st.sampled_from(REFS),
        st.sampled_from([frozenset({ONE}), frozenset({TWO}), frozenset(TREES)]),
        st.integers(0, 7),
    ),
    min_size=25,
    max_size=50,
)


@settings(max_examples=share_of(150))
@given(HISTORIES)
def test_what_is_believed_is_what_a_model_believes(
    steps: Sequence[tuple[str, AviRef, frozenset[TreeName], int]],
) -> None:
    history = History()
    for step in steps:
        history.do(*step)
        history.check()
