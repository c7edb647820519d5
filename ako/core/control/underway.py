"""Changes of Kubernetes objects that are on their way to the Controller: how many, since when, and how long it took.

A change is heard, waits, and changes what some trees are to be; it has arrived when the Controller is in line with all
of these. What changes no tree needs no write, and counts as done at once, without a duration. Several changes of one
object that wait are one, as old as the first. What is heard before the Controller has been read waits like any other,
but is not measured: what would be is the start of this program. A complete list is one change, as that is all that is
heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName, TreeName
from ako.core.base.tally import Durations
from ako.core.engine.changes import AvailabilityChanged, Change, Listed

BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)

Changed = tuple[Kind, NamespacedName | None]
"""The object that changed; None: a list of all of a kind."""


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
        self._batches: dict[Changed, _Batch] = {}
        self._waiting: dict[TreeName, list[_Batch]] = {}
        self._count: Waiting | None = None

    def heard(self, change: Change, moment: float) -> None:
        """Note that a change was heard at some moment, of the clock."""
        if not isinstance(change, AvailabilityChanged):
            name = None if isinstance(change, Listed) else change.name
            self._heard.setdefault((change.kind, name), moment)
            self._count = None

    def touched(self, trees: Iterable[TreeName], *, is_measured: bool) -> None:
        """Note which trees follow from what was heard."""
        heard, self._heard = self._heard, {}
        self._count = None
        wanted = set(trees)
        if not wanted or not heard:
            return
        batch = _Batch({}, wanted, is_measured=is_measured)
        for earlier in {id(found): found for key in heard if (found := self._batches.get(key)) is not None}.values():
            self._take_over(batch, earlier, heard)
        for changed, moment in heard.items():
            batch.changes.setdefault(changed, moment)
            self._batches[changed] = batch
        for tree in batch.trees:
            self._waiting.setdefault(tree, []).append(batch)

    def written(self, trees: Iterable[TreeName]) -> None:
        """Note that something was sent for some trees."""
        for tree in trees:
            for batch in self._waiting.get(tree, ()):
                batch.is_written = True

    def settle(self, is_in_line: Callable[[TreeName], bool]) -> None:
        """Note which trees the Controller is in line with."""
        for tree in [tree for tree in self._waiting if is_in_line(tree)]:
            self._count = None
            for batch in self._waiting.pop(tree):
                batch.trees.discard(tree)
                if not batch.trees:
                    self._arrived(batch)

    def forget(self) -> None:
        """Follow nothing any more: somebody else does it."""
        self._count = None
        for held in (self._heard, self._batches, self._waiting):
            held.clear()

    @property
    def waiting(self) -> Waiting:
        """Say how many changes wait."""
        if self._count is None:
            moments = [*self._heard.values(), *(batch.changes[key] for key, batch in self._batches.items())]
            self._count = Waiting(len(self._batches.keys() | self._heard.keys()), min(moments, default=None))
        return self._count

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
