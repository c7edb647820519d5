"""What to do about some trees: a plan, from what they want and what is there. Sends nothing, and knows no time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ako.core.base.refs import AviRef
from ako.core.model import AviObject, VsVip
from ako.core.model.names import plain_name
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.homes import Homes
from ako.core.plan.plan import Plan, plan_changes
from ako.core.plan.protection import Protection, hold_back
from ako.core.plan.refusals import Refusal, without_refused

Desired = Mapping[AviRef, AviObject]


class Planner:
    """Makes plans, each for trees that are linked.

    Args:
        observed: what is on the Controller.
        desired_of: the objects of a tree, empty if it is not wanted any more.
        is_doubtful: whether a tree has to be compared completely; else it is enough to look at what changed.
        prefix: how names of ours begin.

    Attributes:
        homes: which tree an object belongs to.
        refused: what the Controller refused, as it was wanted; it is left out, with what cannot be without it.
        protection: what must not be taken away.
    """

    def __init__(
        self,
        observed: Observed,
        desired_of: Callable[[str], Desired],
        is_doubtful: Callable[[str], bool],
        prefix: str,
    ) -> None:
        self.homes = Homes()
        self.refused: dict[AviRef, Refusal] = {}
        self.protection = Protection()
        self._observed = observed
        self._desired_of = desired_of
        self._is_doubtful = is_doubtful
        self._prefix = prefix
        self._planned: dict[str, Desired] = {}

    def tree_of(self, ref: AviRef) -> str:
        """Give the tree of an object; the one of its name, if it has none."""
        return self.homes.tree_of(ref) or ref.name

    def groups(self, pending: Iterable[str]) -> list[frozenset[str]]:
        """Give the trees that have to be planned together."""
        return list(linked(pending, self._sources))

    def note(self, tree: str) -> None:
        """Note that a tree's plan is carried out as it was made just now."""
        self._planned[tree] = self._desired_of(tree)

    def forget(self, tree: str) -> None:
        """Forget a tree that wants nothing any more."""
        self._planned.pop(tree, None)

    def plan(self, trees: frozenset[str]) -> Plan:
        """Compare what changed since the last plan; everything, where what is there is in doubt."""
        for tree in sorted(trees):
            self.homes.settle(tree, (ref for ref, _ in self._changed(tree)))
        if self.protection or self.refused or any(map(self._is_doubtful, trees)):
            return self.plan_all(trees, self.protection)
        desired = {ref: item for tree in sorted(trees) for ref, item in self._changed(tree)}
        gone = (ref for tree in trees for ref in self._planned.get(tree, {}).keys() - self._desired_of(tree).keys())
        return plan_changes(desired, self._seen({*desired, *(r for r in gone if r not in desired)}), self._prefix)

    def plan_all(self, trees: frozenset[str], protection: Protection) -> Plan:
        """Compare everything, and take nothing away that is protected."""
        desired: dict[AviRef, AviObject] = {}
        for tree in sorted(trees):
            desired.update(self._desired_of(tree))
        scope = desired.keys() | {ref for tree in trees for ref in self.homes.objects_of(tree)}
        observed = self._seen(scope)
        for ref in [r for r in scope if r in self.refused and desired.get(r) != self.refused[r].object]:
            del self.refused[ref]  # it is not wanted any more as it was refused
        desired = without_refused(desired, self.refused, observed)
        return plan_changes(hold_back(desired, observed, protection), observed, self._prefix)

    def _sources(self, tree: str) -> Iterator[str]:
        """Give the other trees that objects, DNS names or whoever has another name now come from.

        Who gets the name that he needs, or loses it, and has a tree of his own, has it under the other name.
        """
        plain = plain_name(tree)
        if plain and (self._desired_of(plain) or self.homes.objects_of(plain)):
            yield plain
        for ref, wanted in self._changed(tree):
            home = self.homes.tree_of(ref)
            if home not in {None, tree}:
                yield str(home)
            if isinstance(wanted, VsVip):
                holders = {self._observed.holder(fqdn) for fqdn in wanted.fqdns}
                yield from (self.tree_of(holder) for holder in holders if holder is not None and holder != ref)

    def _changed(self, tree: str) -> Iterator[tuple[AviRef, AviObject]]:
        """Give the objects of a tree that are not wanted as they were when it was last planned."""
        before: Desired = {} if self._is_doubtful(tree) else self._planned.get(tree, {})
        return ((ref, item) for ref, item in self._desired_of(tree).items() if before.get(ref) is not item)

    def _seen(self, refs: Iterable[AviRef]) -> dict[AviRef, ObservedObject]:
        return {ref: seen for ref in refs if (seen := self._observed.get(ref)) is not None}


def linked(pending: Iterable[str], sources_of: Callable[[str], Iterable[str]]) -> Iterator[frozenset[str]]:
    """Group trees: those that are pending, with those that something of theirs comes from.

    Whichever of two linked trees is looked at first, both are in one group: else what moves would be taken away from
    the one in a plan of its own, before it is there in the other.
    """
    neighbours: dict[str, set[str]] = {}
    for tree in pending:
        neighbours.setdefault(tree, set())
        for source in sources_of(tree):
            neighbours[tree].add(source)
            neighbours.setdefault(source, set()).add(tree)
    left = dict.fromkeys(neighbours)
    while left:
        group: set[str] = set()
        reached = [next(iter(left))]
        while reached:
            tree = reached.pop()
            if tree not in group:
                group.add(tree)
                reached += neighbours[tree]
        for tree in group:
            del left[tree]
        yield frozenset(group)
