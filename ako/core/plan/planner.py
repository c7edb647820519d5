"""What to do about some trees: from what they want and what is there, through the policies, to a plan.

`propose` answers and changes nothing; `note` takes in that a proposal is carried out. Sends nothing, and knows no time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ako.core.avi.errors import AviError, AviForbidden
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, VsVip
from ako.core.model.names import plain_name
from ako.core.observe.observed import Observed
from ako.core.observe.ownership import TakenName
from ako.core.plan.deletion_guard import DeletionGuard
from ako.core.plan.differences import differences
from ako.core.plan.drift import DriftWatch
from ako.core.plan.homes import Homes
from ako.core.plan.left_out import Refusal, RefusalReason
from ako.core.plan.plan import Desired
from ako.core.plan.proposal import Looking, Policy, Proposal
from ako.core.plan.protection import Protected
from ako.core.plan.refusals import Refusals
from ako.core.plan.shared_routes import SharedRoutes

_NOTHING: Desired = {}

Group = frozenset[TreeName]
"""Trees that are planned together."""


class Planner:
    """Makes plans, each for trees that are linked.

    Args:
        observed: what is on the Controller.
        desired_of: the objects of a tree, empty if it is not wanted any more.
        is_doubtful: whether a tree has to be compared completely; else it is enough to look at what changed.
        prefix: how names of ours begin.

    Attributes:
        steps: how many plans were made or carried out so far.
        drafts: of how many trees plans are drafted at present, and of how many they are to be; nothing while none is.
        homes: which tree an object belongs to.
        refused, protected, routes, guard, drift: the policies, in the order in which they are applied.
        refusals: how often an object was refused, by reason.
    """

    def __init__(
        self,
        observed: Observed,
        desired_of: Callable[[TreeName], Desired],
        is_doubtful: Callable[[TreeName], bool],
        prefix: str,
    ) -> None:
        self.steps = 0
        self.drafts = (0, 0)
        self.homes = Homes()
        self.refused = Refusals(observed)
        self.protected = Protected(observed, self.homes)
        self.routes = SharedRoutes()
        self.guard = DeletionGuard(observed)
        self.drift = DriftWatch(prefix)
        self.refusals: Counter[RefusalReason] = Counter()
        self._observed = observed
        self._desired_of = desired_of
        self._is_doubtful = is_doubtful
        self._prefix = prefix
        self._planned: dict[TreeName, Desired] = {}
        self._compared: dict[TreeName, tuple[Desired, Desired, tuple[list[AviRef], list[AviRef]]]] = {}
        self._named: dict[str, TreeName] = {}
        """DNS name → the tree that was last planned with it: it may be on its way there."""

    @property
    def policies(self) -> Sequence[Policy]:
        """Give what stands between desired and plan, in order."""
        return (
            self.refused,  # what the Controller would not take stays as it is there
            self.protected,  # what is not known takes nothing away
            self.routes,  # what may be another cluster's stays
            self.guard,  # too much at once waits for being confirmed
            self.drift,  # what others changed is told, and left where that is the policy
        )

    def tree_of(self, ref: AviRef) -> TreeName:
        """Give the tree of an object; the one of its name, if it has none."""
        return self.homes.tree_for(ref)

    def desired_of(self, tree: TreeName) -> Desired:
        """Give the objects that are wanted of a tree, before any policy."""
        return self._desired_of(tree)

    def groups(self, pending: Iterable[TreeName]) -> list[Group]:
        """Give the trees that have to be planned together."""
        return list(linked(pending, self._sources))

    def propose(self, due: Iterable[Group], others: Iterable[Group] = ()) -> Sequence[Proposal]:
        """Propose what to do about trees that are due; about others too, where all deletions are judged together."""
        proposals: Sequence[Proposal] = self._drafted(due)
        if self.guard.asks_for_all(proposals):
            proposals = [*proposals, *self._drafted(others)]
        judged = self._judge(proposals)
        if any(map(self.guard.lets_go, judged)):
            # What waited was looked at, not what names it: all of that has to go in one plan.
            judged = self._judge([self._draft(p.trees, completely=self.guard.lets_go(p)) for p in judged])
        return judged

    def weigh(self, tree: TreeName) -> Proposal:
        """Give what would be done about a tree, with what is linked to it, if all of it were compared now."""
        group = next(iter(self.groups([tree])))
        (judged,) = self._judge([self._draft(group, completely=True)])
        return judged

    def note(self, proposal: Proposal) -> None:
        """Note that a proposal is carried out."""
        self.steps += 1
        for tree in sorted(proposal.trees):
            wanted = self._desired_of(tree)
            self.homes.settle(tree, (ref for ref in proposal.asked if ref in wanted))
            self._note_names(tree, wanted)
            self._planned[tree] = wanted
        self.drift.note(proposal)

    def start_anew(self, wanted: Iterable[TreeName], expected: Mapping[TreeName, Iterable[AviRef]]) -> set[TreeName]:
        """Let every object belong to a tree again, after all was observed; give the trees that have any.

        What may yet come of writes (`expected`) belongs to their trees, so that it goes if nobody wants it by then.
        """
        self.refused.clear()
        self.homes.clear()
        for tree in wanted:
            self.homes.settle(tree, self._desired_of(tree))
        for tree, refs in expected.items():
            self.homes.settle(tree, sorted(ref for ref in refs if self.homes.tree_of(ref) is None))
        self.homes.take_in(dict(self._observed.items()))
        return {*wanted, *self.homes.trees()}

    # What the Controller refused.

    def refuse(self, tree: TreeName, ref: AviRef, fault: PermissionError) -> None:
        """Note that an object cannot be had as a tree wants it, because there is one that is not ours."""
        if (wanted := self._desired_of(tree).get(ref)) is not None:
            self.refusals[RefusalReason.TAKEN] += 1
            self.refused.note(tree, Refusal(wanted, str(fault), is_foreign=True, is_taken=isinstance(fault, TakenName)))

    def refuse_wanted(self, trees: Iterable[TreeName], sent: AviObject, error: AviError) -> None:
        """Note that an object was refused: as it is wanted, before anything was laid into it, or as it was sent."""
        named = sorted(trees)
        tree = next((tree for tree in named if sent.ref in self._desired_of(tree)), named[0])
        wanted = self._desired_of(tree).get(sent.ref, sent)
        is_forbidden = isinstance(error, AviForbidden)
        self.refusals[RefusalReason.FORBIDDEN if is_forbidden else RefusalReason.REJECTED] += 1
        self.refused.note(tree, Refusal(wanted, error.message, is_forbidden=is_forbidden))

    def retry_refused(self, tree: TreeName) -> bool:
        """Have what a tree shares, and what it wants otherwise by now, tried again; say whether that is anything."""
        again = [
            ref
            for ref in self.refused.refs_of([tree])
            if (ref.namesake == tree and not self.refused.is_taken(ref))
            or (wanted := self._desired_of(tree).get(ref)) is None
            or not self.refused.of(wanted)
        ]
        self.refused.forget(again)
        return bool(again)

    def retry_type(self, avi_type: str) -> list[TreeName]:
        """Have all refused objects of a type tried again; give their trees."""
        again = [ref for ref, refusal in self.refused.items() if ref.type == avi_type and not refusal.is_taken]
        self.refused.forget(again)
        return [self.tree_of(ref) for ref in again]

    def is_gone(self, tree: TreeName) -> bool:
        """Say whether a tree wants nothing any more and has no objects."""
        return not self._desired_of(tree) and not self.homes.objects_of(tree)

    def forget(self, tree: TreeName) -> None:
        """Forget a tree that wants nothing any more."""
        self._note_names(tree, {})
        self._planned.pop(tree, None)
        self._compared.pop(tree, None)

    def _judge(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        for policy in self.policies:
            proposals = policy.apply(proposals)
        return proposals

    def _drafted(self, groups: Iterable[Group]) -> list[Proposal]:
        """Draft one after the other, and count the trees for whoever watches."""
        listed, drafted = list(groups), list[Proposal]()
        done, of = 0, sum(map(len, listed))
        try:
            for group in listed:
                self.drafts = done, of
                drafted.append(self._draft(group))
                done += len(group)
        finally:
            self.drafts = 0, 0
        return drafted

    def _draft(self, trees: Group, *, completely: bool = False) -> Proposal:
        """Compare what changed since the last plan, and what the policies have to see; in doubt everything."""
        self.steps += 1
        desired = self._desired_together(trees)
        if completely or any(map(self._is_doubtful, trees)):
            scope = desired.keys() | {ref for tree in trees for ref in self.homes.objects_of(tree)}
        else:
            scope = {ref for tree in trees for ref, _ in self._changed(tree)}
            scope.update(ref for tree in trees for ref in self._differences(tree)[1] if ref not in desired)
            looking: tuple[Looking, ...] = (self.refused, self.protected, self.guard)
            for policy in looking:
                scope.update(policy.scope(trees, desired))
            desired = {ref: desired[ref] for ref in scope if ref in desired}
        observed = {ref: seen for ref in scope if (seen := self._observed.get(ref)) is not None}
        return Proposal.of(trees, desired, observed, self._prefix)

    def _desired_together(self, trees: Group) -> Desired:
        if len(trees) == 1:
            return self._desired_of(next(iter(trees)))
        return {ref: item for tree in sorted(trees) for ref, item in self._desired_of(tree).items()}

    def _note_names(self, tree: TreeName, wanted: Desired) -> None:
        """Note which DNS names a tree is planned with now."""
        ref = tree.ref(VsVip.avi_type)
        before, now = self._planned.get(tree, {}).get(ref), wanted.get(ref)
        if before is now:
            return
        left, new = (frozenset(item.fqdns) if isinstance(item, VsVip) else frozenset[str]() for item in (before, now))
        for fqdn in left - new:
            if self._named.get(fqdn) == tree:
                del self._named[fqdn]
        self._named.update(dict.fromkeys(new - left, tree))

    def _sources(self, tree: TreeName) -> Iterator[TreeName]:
        """Give the other trees that objects, DNS names or whoever has another name now come from, or that wait with it.

        Who gets the name that he needs, or loses it, and has a tree of his own, has it under the other name.
        """
        yield from self.guard.waiting_with(tree) - {tree}
        plain = tree._replace(name=plain_name(tree.name))
        if plain and (self._desired_of(plain) or self.homes.objects_of(plain)):
            yield plain
        yield from self._left_elsewhere(tree)
        for ref, wanted in self._changed(tree):
            home = self.homes.tree_of(ref)
            if home is not None and home != tree:
                yield home
            if isinstance(wanted, VsVip):
                holders = {self._observed.holder(fqdn) for fqdn in wanted.fqdns}
                yield from (self.tree_of(holder) for holder in holders if holder is not None and holder != ref)
                yield from {self._named.get(fqdn, tree) for fqdn in wanted.fqdns} - {tree}

    def _left_elsewhere(self, tree: TreeName) -> Iterator[TreeName]:
        """Give the trees of the same name in other tenants that want nothing any more: it has moved here."""
        there = (tree._replace(tenant=tenant) for tenant in self._observed.tenants if tenant != tree.tenant)
        yield from (other for other in there if self.homes.objects_of(other) and not self._desired_of(other))

    def _changed(self, tree: TreeName) -> Iterator[tuple[AviRef, AviObject]]:
        """Give the objects of a tree that are not wanted as they were when it was last planned."""
        wanted = self._desired_of(tree)
        if self._is_doubtful(tree):
            return iter(wanted.items())
        return ((ref, wanted[ref]) for ref in self._differences(tree)[0])

    def _differences(self, tree: TreeName) -> tuple[list[AviRef], list[AviRef]]:
        """Give what of a tree is wanted otherwise than when it was last planned, and what no longer."""
        before, wanted = self._planned.get(tree, _NOTHING), self._desired_of(tree)
        known = self._compared.get(tree)
        if known is None or known[0] is not before or known[1] is not wanted:
            known = self._compared[tree] = (before, wanted, differences(before, wanted))
        return known[2]


def linked(
    pending: Iterable[TreeName], sources_of: Callable[[TreeName], Iterable[TreeName]]
) -> Iterator[frozenset[TreeName]]:
    """Group trees: those that are pending, with those that something of theirs comes from.

    Whichever of two linked trees is looked at first, both are in one group: else what moves would be taken away from
    the one in a plan of its own, before it is there in the other.
    """
    neighbours: dict[TreeName, set[TreeName]] = {}
    for tree in pending:
        neighbours.setdefault(tree, set())
        for source in sources_of(tree):
            neighbours[tree].add(source)
            neighbours.setdefault(source, set()).add(tree)
    left = dict.fromkeys(neighbours)
    while left:
        group: set[TreeName] = set()
        reached = [next(iter(left))]
        while reached:
            tree = reached.pop()
            if tree not in group:
                group.add(tree)
                reached += neighbours[tree]
        for tree in group:
            del left[tree]
        yield frozenset(group)
