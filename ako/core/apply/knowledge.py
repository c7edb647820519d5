"""What we believe about each object on the Controller, and how far that can be relied on. Pure bookkeeping.

| an object is… | because                                            | until                                     |
|---------------|----------------------------------------------------|-------------------------------------------|
| known         | it was read, or its write was answered             | one of the others holds                   |
| claimed       | a plan that is under way is about it               | the plan has come to its end              |
| being written | a request is under way                             | it is answered                            |
| unsure        | an error said so                                   | it has been read                          |
| being read    | a look-up is under way                             | it is answered                            |
| just read     | a look-up was answered                             | the next plan of the tree begins          |
| late          | its write had no answer, and may yet be carried out | it is looked at, when it no longer can be |
| free again    | an address became free while it was being written  | that write is answered                    |

A complete observation is older than what was written or read since it began: that stays as it is known.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from ako.core.apply.addresses import AddressWatch
from ako.core.apply.late_writes import LateWrites
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import VsVip
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.observe.ownership import Ownership
from ako.core.plan.drift import DriftWatch


class Knowledge:
    """The objects as they were last seen, with what is in doubt about them, and on behalf of which trees.

    Args:
        observed: what is on the Controller; kept up to date here.
        drift: is told what was known before a complete observation, and what we write ourselves.
        pace: when to look again.

    Attributes:
        observed: as above.
        ownership: what of it belongs to other clusters of our name, and is not among it.
        is_read: the Controller has been read as a whole.
    """

    def __init__(self, observed: Observed, drift: DriftWatch, pace: Pace) -> None:
        self.observed = observed
        self.ownership = Ownership()
        self.is_read = False
        self._drift = drift
        self._addresses = AddressWatch(pace)
        self._late = LateWrites(pace)
        self._claimed: set[AviRef] = set()
        self._writing: set[AviRef] = set()
        self._freed: set[AviRef] = set()
        self._unsure: dict[TreeName, set[AviRef]] = {}
        self._reading: dict[AviRef, set[TreeName]] = {}
        self._just_read: dict[TreeName, set[AviRef]] = {}
        self._fresher: set[AviRef] = set()
        self._is_observing = False

    # Complete observations.

    def begin_observation(self) -> tuple[AviRef, ...]:
        """Note that a complete observation begins: what is written or read from now on is known better.

        Gives what is known before it.
        """
        self._fresher, self._is_observing = set(self._writing), True
        return tuple(self.observed)

    def adopt(self, observation: Mapping[AviRef, ObservedObject], news: Container[str] = ()) -> None:
        """Take over a complete observation; what is in tenants that are `news` was not known, and is nobody's edit."""
        known = {ref: self.observed.get(ref) for ref in self._fresher}
        read = {ref: found for ref, found in observation.items() if ref not in known}
        read.update((ref, found) for ref, found in known.items() if found is not None)
        seen = self.ownership.sift(read)
        if self.is_read:
            # Nobody's edit is what was taken over, or was not looked at before.
            others = (ref for ref, found in seen.items() if found.remark or ref.tenant in news)
            self._drift.compare(dict(self.observed.items()), seen, {*self._in_doubt(), *others})
        self.observed.replace(seen)
        self._fresher.clear()
        self.is_read, self._is_observing = True, False

    def forget_tree(self, tree: TreeName) -> None:
        """Forget a tree that is gone."""
        self._unsure.pop(tree, None)
        self._just_read.pop(tree, None)

    def forget(self) -> None:
        """Forget everything: it may be another Controller."""
        for held in (self._claimed, self._writing, self._freed, self._fresher):
            held.clear()
        for by_key in (self._unsure, self._reading, self._just_read):
            by_key.clear()
        self._addresses.forget()
        self._late.forget()
        self._drift.forget()
        self.ownership.forget()
        self.observed.replace({})
        self.is_read = self._is_observing = False

    def names_there(self, names: Iterable[str]) -> set[str]:
        """Give those of some names that objects of ours have, or may come to have by what is under way."""
        unsure = {ref.name for ref in self._in_doubt()}
        return {name for name in names if name in unsure or self.observed.has_name(name)}

    def _in_doubt(self) -> set[AviRef]:
        return {*self._late, *self._claimed, *(ref for refs in self._unsure.values() for ref in refs)}

    # Plans and their writes.

    def is_claimed(self, refs: Iterable[AviRef]) -> bool:
        """Say whether a plan that is under way is about any of some objects."""
        return not self._claimed.isdisjoint(refs)

    def claim(self, refs: Iterable[AviRef], trees: Iterable[TreeName]) -> None:
        """Note that a plan of some trees begins, and what it is about."""
        self._claimed.update(refs)
        for tree in trees:
            self._just_read.pop(tree, None)

    def let_go(self, refs: Iterable[AviRef]) -> None:
        """Note that a plan has come to its end."""
        self._claimed.difference_update(refs)

    def write(self, ref: AviRef) -> None:
        """Note that a request is sent."""
        self._writing.add(ref)
        self._note_fresher(ref)
        self._drift.writes(ref)

    def written(self, ref: AviRef, seen: ObservedObject | None) -> None:
        """Take in what is there after a request was carried out."""
        self._answered(ref, succeeded=True)
        if seen is None:
            self.observed.forget(ref)
            if ref.type == VsVip.avi_type:
                self._freed.update(other for other in self._writing if other.type == VsVip.avi_type)
        else:
            self.observed.put(ref, seen)

    def failed(self, ref: AviRef, trees: Iterable[TreeName], unsure: Iterable[AviRef], *, may_be_late: bool) -> None:
        """Take in that a request was not carried out, or may yet be; and which objects may be otherwise than known."""
        self._answered(ref, succeeded=False)
        if may_be_late:
            self._late.note(ref, trees)
        for tree in trees:
            self._unsure.setdefault(tree, set()).update(unsure)

    def is_free_again(self, ref: AviRef) -> bool:
        """Say whether a write that is under way may be refused for an address that is free by now."""
        return ref in self._freed

    def _note_fresher(self, ref: AviRef) -> None:
        """Note that an object is known better than by an observation that is under way."""
        if self._is_observing:
            self._fresher.add(ref)

    def _answered(self, ref: AviRef, *, succeeded: bool) -> None:
        self._writing.discard(ref)
        self._freed.discard(ref)
        self._drift.written(ref, succeeded=succeeded)

    # Doubts and look-ups.

    def doubt(self, tree: TreeName, ref: AviRef) -> None:
        """Have an object read before the next plan of a tree."""
        self._unsure.setdefault(tree, set()).add(ref)

    def unsure_of(self, trees: Iterable[TreeName]) -> set[AviRef]:
        """Give what has to be read before some trees are planned."""
        return {ref for tree in trees for ref in self._unsure.get(tree, ())}

    def just_read(self, trees: Iterable[TreeName]) -> set[AviRef]:
        """Give what was read for some trees since their last plan began."""
        return {ref for tree in trees for ref in self._just_read.get(tree, ())}

    def read(self, refs: Iterable[AviRef], trees: Iterable[TreeName]) -> list[AviRef]:
        """Note that objects are to be read for some trees; give those that nobody has asked for yet."""
        new = []
        for ref in sorted(refs):
            if ref not in self._reading:
                new.append(ref)
            self._reading.setdefault(ref, set()).update(trees)
        return new

    def was_read(self, ref: AviRef) -> set[TreeName]:
        """Note that a look-up was answered; give the trees that wait for it."""
        trees = self._reading.pop(ref, set())
        self._note_fresher(ref)
        for tree in trees:
            self._unsure.get(tree, set()).discard(ref)
            self._just_read.setdefault(tree, set()).add(ref)
        return trees

    def is_reading(self, tree: TreeName | None = None) -> bool:
        """Say whether look-ups are under way, for a tree or at all."""
        return bool(self._reading) if tree is None else any(tree in trees for trees in self._reading.values())

    def take_due(self) -> Iterator[tuple[AviRef, frozenset[TreeName]]]:
        """Give what is to be looked at now by itself: addresses that are missing, for no tree yet, and late writes."""
        yield from ((ref, frozenset[TreeName]()) for ref in self._addresses.take_due(self.observed.without_address))
        yield from self._late.take_due()

    def look_later(self, ref: AviRef, trees: Iterable[TreeName]) -> None:
        """Have a late write looked at another time."""
        self._late.note(ref, trees)

    @property
    def next_due(self) -> float | None:
        """Give the time of the next look, None if there is none."""
        times = (self._addresses.next_due, self._late.next_due)
        return min((time for time in times if time is not None), default=None)
