"""Changes on their way: each is counted until it has arrived, and measured from when it was heard."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.refs import Kind, NamespacedName, ObjectRef, TreeName
from ako.core.control.underway import Underway, Waiting
from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed, Removed, Upserted
from tests.core.clock import Clock

INGRESS, SECRET = Kind("networking.k8s.io", "v1", "Ingress"), Kind("", "v1", "Secret")
A, B, C = (TreeName(name) for name in "abc")


class Scene:
    """Changes, trees, and a clock that goes on by a second with each step."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.begun = self.clock.now
        self.underway = Underway(self.clock)

    def hears(self, *names: str, kind: Kind = INGRESS) -> Scene:
        self.underway.taken(self.overhears(*names, kind=kind), ())
        return self

    def overhears(self, *names: str, kind: Kind = INGRESS) -> list[Change]:
        """Hear changes that are not taken in yet; give them."""
        changes: list[Change] = [Upserted(kind, NamespacedName("ns", name), {}) for name in names]
        for change in changes:
            self.underway.heard(change, self.clock.now)
        self._later()
        return changes

    def touches(self, *trees: TreeName, is_measured: bool = True) -> Scene:
        self.underway.touched(trees, is_measured=is_measured)
        return self._later()

    def writes(self, *trees: TreeName) -> Scene:
        self.underway.written(trees)
        return self

    def settles(self, *trees: TreeName) -> Scene:
        self.underway.settle(set(trees).__contains__)
        return self._later()

    def _later(self) -> Scene:
        self.clock.now += 1.0
        return self

    @property
    def took(self) -> dict[str, tuple[int, float]]:
        """Give how many were measured, and how long all of them took, by kind."""
        rows = self.underway.durations.read()
        return {labels[0]: (row.count, round(row.seconds, 3)) for labels, row in rows.items()}

    @property
    def waiting(self) -> tuple[int, float | None]:
        """Give how many wait, and the second in which the oldest was heard."""
        found: Waiting = self.underway.waiting
        return found.count, None if found.oldest is None else found.oldest - self.begun

    def is_at_rest(self) -> bool:
        return self.underway.waiting == Waiting()


def test_what_waits_for_ever_does_not_keep_all_that_came_and_went_after_it() -> None:
    scene = Scene().hears("x").touches(A)
    for _ in range(1000):
        scene.hears("y").touches(B).writes(B).settles(B)
    assert len(scene.underway._ages) < 100
    assert scene.waiting == (1, 0.0)
    scene.settles(A)
    assert scene.is_at_rest()


def test_a_change_waits_until_all_that_it_changes_is_in_line() -> None:
    scene = Scene().hears("x")
    assert scene.waiting == (1, 0.0)
    scene.touches(A, B).writes(A).settles(A)
    assert scene.waiting == (1, 0.0)
    assert scene.took == {}
    scene.writes(B).settles(A, B)
    assert scene.is_at_rest()
    assert scene.took == {str(INGRESS): (1, 3.0)}


def test_what_changes_nothing_is_done_at_once_and_what_is_not_sent_is_not_measured() -> None:
    scene = Scene().hears("x").touches()
    assert scene.is_at_rest()
    assert scene.took == {}
    scene.hears("x").touches(A).settles(A)
    assert scene.is_at_rest()
    assert scene.took == {}


def test_an_object_that_changes_again_waits_once_as_old_as_its_first_change() -> None:
    scene = Scene().hears("x", "y").touches(A).hears("x").touches(B).hears("x").touches()
    assert scene.waiting == (2, 0.0)
    scene.writes(A).settles(A)
    assert scene.waiting == (1, 0.0), "y has arrived, of x the later change has not"
    assert scene.took == {str(INGRESS): (1, 6.0)}
    scene.writes(B).settles(B)
    assert scene.took == {str(INGRESS): (2, 13.0)}


def test_a_tree_that_is_held_up_keeps_no_other_change_waiting() -> None:
    scene = Scene().hears("x").touches(A).hears("y", kind=SECRET).touches(B).writes(B).settles(B)
    assert scene.waiting == (1, 0.0)
    assert scene.took == {str(SECRET): (1, 2.0)}


def test_lists_are_one_change_of_their_kind_and_what_cannot_be_read_is_none() -> None:
    scene = Scene()
    names: Iterable[NamespacedName] = (NamespacedName("ns", name) for name in "xyz")
    changes: list[Change] = [
        Listed(INGRESS, {name: {} for name in names}),
        AvailabilityChanged(SECRET, Availability.UNKNOWN),
    ]
    for change in changes:
        scene.underway.heard(change, scene.clock.now)
    scene.underway.taken(changes, ())
    assert scene.waiting == (1, 0.0)
    scene.touches(A).writes(A).settles(A)
    assert scene.took == {str(INGRESS): (1, 1.0)}


def test_what_was_heard_before_the_controller_was_read_waits_and_is_not_measured() -> None:
    scene = Scene().hears("x").touches(A, is_measured=False)
    assert scene.waiting == (1, 0.0)
    scene.hears("y").touches(B).writes(A, B).settles(A, B)
    assert scene.took == {str(INGRESS): (1, 2.0)}


def test_a_removal_is_a_change_and_who_stands_by_follows_none() -> None:
    scene = Scene()
    gone = Removed(INGRESS, NamespacedName("ns", "x"))
    scene.underway.heard(gone, scene.clock.now)
    scene.underway.taken([gone], ())
    scene.touches(A)
    assert scene.waiting[0] == 1
    scene.underway.forget()
    assert scene.is_at_rest()
    scene.writes(A).settles(A)
    assert scene.took == {}


def test_an_object_that_changes_without_end_in_an_outage_takes_no_room() -> None:
    scene = Scene()
    for number in range(500):
        scene.hears("x").touches(A, *([B] if number == 3 else []))
    assert scene.waiting == (1, 0.0)
    assert {len(batches) for batches in scene.underway._waiting.values()} == {1}
    scene.writes(A).settles(A)
    assert scene.waiting == (1, 0.0)
    scene.settles(B)
    assert scene.is_at_rest()


def test_what_nobody_reads_and_is_no_source_does_not_wait_with_what_came_beside_it() -> None:
    scene = Scene()
    new, other, unread = (Upserted(INGRESS, NamespacedName("ns", name), {}) for name in ("new", "other", "unread"))
    for change in (new, other, unread):
        scene.underway.heard(change, scene.clock.now)
    scene.underway.taken([other], [ObjectRef(INGRESS, "ns", "new")])
    assert scene.waiting == (2, 0.0)
    scene.touches(A)
    assert scene.waiting == (2, 0.0)
    scene.writes(A).settles(A)
    assert scene.took == {str(INGRESS): (2, 2.0)}


@given(
    st.lists(st.tuples(st.sampled_from(["overhears", "hears", "touches", "settles"]), st.sets(st.sampled_from("abc"))))
)
def test_the_oldest_is_the_oldest_of_all_that_wait(steps: list[tuple[str, set[str]]]) -> None:
    """As looking through all of them would say; and when everything is in line, nothing waits, and nothing is kept."""
    scene = Scene()
    for step, names in steps:
        getattr(scene, step)(*(names if step.endswith("hears") else map(TreeName, sorted(names))))
        underway = scene.underway
        ages = {key: batch.changes[key] for key, batch in underway._batches.items()}
        ages = {**underway._heard, **underway._taken, **ages}
        assert underway.waiting == Waiting(len(ages), min(ages.values(), default=None))
        assert {key for found in underway._waiting.values() for batch in found for key in batch.changes} == set(
            underway._batches
        )
    scene.hears().touches().settles(A, B, C)
    assert scene.is_at_rest()
    assert not underway_holds(scene.underway)


def underway_holds(underway: Underway) -> bool:
    return any((underway._batches, underway._waiting, underway._taken, underway._ages))
