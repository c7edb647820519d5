"""Changes of Kubernetes objects that are on their way to the Controller: how many, since when, and how long it took.

A change is heard, waits, and changes what some trees are to be; it has arrived when the Controller is in line with all
of these. What is of something that nobody has read, or changes no tree, needs no write, and counts as done at once,
without a duration. Several changes of one object that wait are one, as old as the first. What is heard before the
Controller has been read waits like any other, but is not measured: what would be is the start of this program. A
complete list is one change, as that is all that is heard.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable

from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName, ObjectRef, TreeName
from ako.core.base.tally import Durations
from ako.core.engine.changes import AvailabilityChanged, Change, Listed

BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)

_SPARE = 64
"""How many ages of what has arrived may be kept, beside as many as wait."""

Changed = tuple[Kind, NamespacedName | None]
"""The object that changed; None: a list of all of a kind."""


def _changed(change: Change) -> Changed | None:
    """Give what a change is about; None if it is about no object."""
    if isinstance(change, AvailabilityChanged):
        return None
    return change.kind, None if isinstance(change, Listed) else change.name


class _Batch:
    """Changes that were taken in together, and the trees that wait because of them."""

    __slots__ = ("changes", "is_measured", "is_written", "trees")

    def __init__(self, changes: dict[Changed, float], trees: set[TreeName], *, is_measured: bool) -> None:
        self.changes = changes
        self.trees = trees
        self.is_measured = is_measured
        self.is_written = False


class Waiting(Struct, frozen=True):
    """How many changes wait, and when the oldest was heard (on the clock); None if none waits."""

    count: int = 0
    oldest: float | None = None


class Underway:
    """Follows changes; runs on the thinking thread.

    Args:
        clock: seconds, growing.

    Attributes:
        durations: from the moment at which a change was heard until it had arrived, by kind.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.durations = Durations(BOUNDS)
        self._clock = clock
        self._heard: dict[Changed, float] = {}
        self._taken: dict[Changed, float] = {}
        self._batches: dict[Changed, _Batch] = {}
        self._waiting: dict[TreeName, list[_Batch]] = {}
        self._ages: list[tuple[float, int, Changed]] = []
        """A heap of what was put into a batch; what has arrived goes when it comes up, or when most of all has."""
        self._numbers = itertools.count()

    def heard(self, change: Change, moment: float) -> None:
        """Note that a change was heard at some moment, of the clock."""
        if (changed := _changed(change)) is not None:
            self._heard.setdefault(changed, moment)

    def taken(self, noticed: Iterable[Change], edited: Iterable[ObjectRef]) -> None:
        """Note that all that was heard is in the store: what was read before of that, and the source objects among it.

        Anything else is of no consequence.
        """
        heard, self._heard = self._heard, {}
        for ref in edited:
            for changed in ((ref.kind, ref.namespaced_name), (ref.kind, None)):
                if changed in heard:
                    self._taken.setdefault(changed, heard[changed])
        for change in noticed:
            if (found := _changed(change)) in heard and found is not None:
                self._taken.setdefault(found, heard[found])

    def touched(self, trees: Iterable[TreeName], *, is_measured: bool) -> None:
        """Note which trees follow from what was taken in."""
        heard, self._taken = self._taken, {}
        wanted = set(trees)
        if not wanted or not heard:
            return
        batch = _Batch({}, wanted, is_measured=is_measured)
        for earlier in {id(found): found for key in heard if (found := self._batches.get(key)) is not None}.values():
            self._take_over(batch, earlier, heard)
        for changed, moment in heard.items():
            if changed not in batch.changes:
                batch.changes[changed] = moment
                heapq.heappush(self._ages, (moment, next(self._numbers), changed))
            self._batches[changed] = batch
        self._sift()
        for tree in batch.trees:
            self._waiting.setdefault(tree, []).append(batch)

    def written(self, trees: Iterable[TreeName]) -> None:
        """Note that something was sent for some trees."""
        for tree in trees:
            for batch in self._waiting.get(tree, ()):
                batch.is_written = True

    def behind(self, trees: Iterable[TreeName]) -> tuple[Changed, ...]:
        """Give what changed that some trees wait because of, in the order in which it was heard."""
        batches = {id(batch): batch for tree in trees for batch in self._waiting.get(tree, ())}
        heard = {changed: moment for batch in batches.values() for changed, moment in batch.changes.items()}
        return tuple(sorted(heard, key=lambda changed: (heard[changed], str(changed))))

    def settle(self, is_in_line: Callable[[TreeName], bool]) -> None:
        """Note which trees the Controller is in line with."""
        for tree in [tree for tree in self._waiting if is_in_line(tree)]:
            for batch in self._waiting.pop(tree):
                batch.trees.discard(tree)
                if not batch.trees:
                    self._arrived(batch)

    def forget(self) -> None:
        """Follow nothing any more: somebody else does it."""
        for held in (self._heard, self._taken, self._batches, self._waiting):
            held.clear()
        self._ages.clear()

    @property
    def waiting(self) -> Waiting:
        """Say how many changes wait."""
        while self._ages and not self._is_waiting(*self._ages[0]):
            heapq.heappop(self._ages)
        # What was heard and not taken in is there only where a fault of this program is in the way of that.
        untouched = {**self._heard, **self._taken}
        new = untouched.keys() - self._batches.keys()
        moments = (*(untouched[changed] for changed in new), *(moment for moment, _, _ in self._ages[:1]))
        return Waiting(len(self._batches) + len(new), min(moments, default=None))

    def _sift(self) -> None:
        """Leave out what has arrived, where one that waits for long would keep all that came after it from going."""
        if len(self._ages) > _SPARE + 2 * len(self._batches):
            self._ages = [age for age in self._ages if self._is_waiting(*age)]
            heapq.heapify(self._ages)

    def _is_waiting(self, moment: float, _: int, changed: Changed) -> bool:
        batch = self._batches.get(changed)
        return batch is not None and batch.changes[changed] == moment

    def _take_over(self, batch: _Batch, earlier: _Batch, heard: Iterable[Changed]) -> None:
        """Let a batch wait for all that an earlier one waits for, as far as that was about the same objects."""
        again = [changed for changed in heard if changed in earlier.changes]
        batch.changes.update((changed, earlier.changes.pop(changed)) for changed in again)
        batch.trees |= earlier.trees
        batch.is_measured &= earlier.is_measured
        batch.is_written |= earlier.is_written
        if not earlier.changes:
            for tree in earlier.trees:
                self._waiting[tree].remove(earlier)

    def _arrived(self, batch: _Batch) -> None:
        now = self._clock()
        for changed, moment in batch.changes.items():
            del self._batches[changed]
            if batch.is_measured and batch.is_written:
                self.durations.observe(max(0.0, now - moment), str(changed[0]))
