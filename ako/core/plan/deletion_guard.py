"""Nobody takes too much away at once: what would waits for being confirmed, everything else goes on.

Counted are hosts and port claims that are served and would no longer be. A single one is never held; two or more are
when they are more than a share of all that is served. Not counted is what goes because the objects that asked for it
were edited or deleted themselves: what a whole list, a setting, a class or a Secret would take away is. An edit speaks
for the trees that it changed until they are in line; an edit of something whose deletion waits says nothing about that.

Virtual services that this program would never make stop every deletion, however small: somebody else works under our
names, so that what nobody here wants may be wanted there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef, NamespacedName, TreeName
from ako.core.observe.observed import Observed
from ako.core.observe.served import Served, owners_of, served_by
from ako.core.plan.plan import Create, Delete, Desired, Operation
from ako.core.plan.proposal import Loss, Proposal
from ako.core.plan.protection import hold_back, protection_against
from ako.core.plan.reaching import surroundings


class Held(Struct, frozen=True):
    """What waits for being confirmed: a large deletion, or any at all.

    Attributes:
        id: a short name; the same hosts and port claims have the same one, in whatever process.
        served: who would no longer be served: hosts, and virtual services of port claims, by name.
        odd: the virtual services because of which everything waits, by name; then there is nothing else in it.
    """

    id: str = ""
    served: frozenset[str] = frozenset()
    odd: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.served or self.odd)

    @classmethod
    def of(cls, losses: Iterable[Loss]) -> Held:
        """Give losses a name."""
        served = frozenset(loss.name for loss in losses)
        return cls(_name_of(served), served)

    @classmethod
    def because_of(cls, odd: Iterable[AviRef]) -> Held:
        """Give what waits because of some virtual services a name."""
        names = frozenset(ref.name for ref in odd)
        return cls(_name_of({"odd", *names}), odd=names)


class DeletionGuard:
    """A policy: judges the proposals of a pass together, with those of earlier passes that still wait.

    Args:
        observed: what is on the Controller.

    Attributes:
        max_percent: share of what is served that may go at once without being confirmed; 100 allows everything.
        confirmed: id of what is allowed to go, however much it is.
        held: what waits.
    """

    def __init__(self, observed: Observed) -> None:
        self.max_percent = 100
        self.confirmed = ""
        self.held = Held()
        self._observed = observed
        self._odd: frozenset[AviRef] = frozenset()
        self._allowed: frozenset[AviRef] = frozenset()
        self._deleted: frozenset[NamespacedName] = frozenset()
        self._edited: frozenset[NamespacedName] = frozenset()
        self._intended: dict[TreeName, set[NamespacedName]] = {}
        self._waiting: dict[TreeName, tuple[Loss, ...]] = {}
        self._as_one: dict[TreeName, frozenset[TreeName]] = {}
        self._named = Held()
        self._decided_by: object = None
        self._changes_of_mind = 0
        """How often that changed which is meant."""
        self._looked_at: object = None
        self._is_let_go = False

    # What users mean.

    def mean(self, deleted: Set[NamespacedName], edited: Set[NamespacedName]) -> None:
        """Note that objects were deleted or edited one by one: the trees that change by it are meant to."""
        self._deleted, self._edited = self._deleted | deleted, self._edited | edited

    def mean_nothing(self) -> None:
        """Forget what was deleted and edited: somebody else has acted on it, or will have it confirmed."""
        self._deleted = self._edited = frozenset()
        self._intended.clear()

    def intend(self, trees: Iterable[TreeName]) -> None:
        """Note that trees changed by all that was deleted and edited since the last call.

        What waits is not wanted any more, so that its tree does not change when that is deleted which asked for it.
        """
        if not (self._deleted or self._edited):
            return
        waiting = [(tree, loss.owners) for tree, losses in self._waiting.items() for loss in losses]
        meant = self._deleted | self._edited.difference(*(owners for _, owners in waiting))
        left = (tree for tree, owners in waiting if not owners.isdisjoint(self._deleted))
        for tree in {*trees, *left} if meant else ():
            self._intended.setdefault(tree, set()).update(meant)
            self._changes_of_mind += 1
        self._deleted = self._edited = frozenset()

    def forget(self, tree: TreeName) -> None:
        """Note that a tree is in line: what was meant has been done, but for what waits."""
        self._changes_of_mind += tree in self._intended
        meant = self._intended.pop(tree, set())
        if left := meant & {owner for loss in self._waiting.get(tree, ()) for owner in loss.owners}:
            self._intended[tree] = left

    # What waits.

    @property
    def waiting(self) -> Set[TreeName]:
        """Give the trees of what waits."""
        return self._waiting.keys()

    def waiting_with(self, tree: TreeName) -> Set[TreeName]:
        """Give the trees that were held as one with a tree: what moves between them waits in both."""
        return self._as_one.get(tree, frozenset())

    @property
    def is_reopened(self) -> bool:
        """Say whether what waits has to be judged anew: by another setting, or because some of it waits no longer."""
        if not self._waiting:
            return False
        if self._decided_by != self._deciding:
            return True
        looked_at = (self._observed.losses, self._changes_of_mind, self._odd)
        if self._looked_at != looked_at:  # nothing else lets any of it go
            self._is_let_go, self._looked_at = self._lets_any_go(), looked_at
        return self._is_let_go

    def _lets_any_go(self) -> bool:
        stands_still = bool(self._standstill)  # what was meant does not go either
        return any(
            (not stands_still and self._is_intended(loss, (tree,)))
            or not all(ref in self._observed for ref in loss.carriers)
            for tree, losses in self._waiting.items()
            for loss in losses
        )

    def asks_for_all(self, proposals: Iterable[Proposal]) -> bool:
        """Say whether what is not due has to be judged too: else a deletion would pass in small parts."""
        return any(
            not proposal.trees.isdisjoint(self._waiting) or next(self._losses(proposal), None) for proposal in proposals
        )

    def lets_go(self, proposal: Proposal) -> bool:
        """Say whether somebody who waits would not have to any longer, after a proposal was judged."""
        waiting = {loss.served for tree in proposal.trees for loss in self._waiting.get(tree, ())}
        return not waiting <= {loss.served for loss in proposal.held}

    def note(self, proposals: Iterable[Proposal]) -> None:
        """Remember what waits after proposals were judged."""
        for proposal in proposals:
            for tree in proposal.trees:
                self._waiting.pop(tree, None)
                self._as_one.pop(tree, None)
            held = proposal.trees if proposal.held else frozenset()
            self._waiting.update(dict.fromkeys(held, proposal.held))
            self._as_one.update(dict.fromkeys(held, proposal.trees))
        self._decided_by, self._looked_at = self._deciding, None
        self.held = self.hold([loss for losses in self._waiting.values() for loss in losses])
        self._named = self.held if self.held.served else self._named

    def hold(self, losses: Sequence[Loss]) -> Held:
        """Say what waits where these losses do."""
        return self._standstill or self._name(losses)

    def suspect(self, odd: frozenset[AviRef]) -> None:
        """Note which virtual services this program would never make; what an operator said of some holds for them."""
        if self.confirmed == Held.because_of(self._unallowed).id:
            self._allowed |= self._odd
        self._odd, self._allowed = odd, self._allowed & odd

    @property
    def _unallowed(self) -> frozenset[AviRef]:
        return self._odd - self._allowed

    @property
    def _standstill(self) -> Held:
        """Give what nothing at all may go because of, as long as no operator said more; nothing if there is none."""
        if not any(ref in self._observed for ref in self._unallowed):
            return Held()
        held = Held.because_of(self._unallowed)
        return Held() if held.id == self.confirmed else held

    @property
    def _deciding(self) -> object:
        return self.max_percent, self.confirmed, self._standstill

    # As a policy.

    def scope(self, trees: frozenset[TreeName], desired: Desired) -> Set[AviRef]:
        """Give what serves those who wait, and what is around that."""
        carriers = {ref for tree in trees for loss in self._waiting.get(tree, ()) for ref in loss.carriers}
        return surroundings(trees, carriers, desired, self._observed) if carriers else carriers

    def apply(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        """Keep those served whom a proposal may not leave without service, or all that it would delete."""
        if self._standstill:
            return [_keeping(p, going) if (going := tuple(_going(p))) else p for p in proposals]
        losses = [tuple(x for x in self._losses(p) if not self._is_intended(x, p.trees)) for p in proposals]
        if not self._is_too_much([loss for of_one in losses for loss in of_one]):
            return proposals
        return [_keeping(p, held) if held else p for p, held in zip(proposals, losses, strict=True)]

    def _is_too_much(self, losses: Sequence[Loss]) -> bool:
        lost, live = len({loss.served for loss in losses}), len(self._observed.all_served())
        return lost > 1 and lost * 100 > live * self.max_percent and self._name(losses).id != self.confirmed

    def _name(self, losses: Sequence[Loss]) -> Held:
        """Give losses a name: the one that is known already, as long as they are not more than it stands for."""
        named = Held.of(losses)
        return replace(named, id=self._named.id) if named.served <= self._named.served else named

    def _losses(self, proposal: Proposal) -> Iterator[Loss]:
        """Give who is served and would no longer be."""
        going: dict[Served, set[AviRef]] = {}
        coming: set[Served] = set()
        for operation in proposal.plan.operations:
            before, after = _served_before(operation), _served_after(operation)
            coming |= after
            for served in before - after:
                going.setdefault(served, set()).add(operation.ref)
        for served, refs in going.items():
            others = self._observed.serving(served) - refs
            if served in coming or any(map(self._observed.is_reached, others)):
                continue
            if any(map(self._observed.is_reached, refs)):
                owners = (owners_of(proposal.observed[ref].object) for ref in refs)
                yield Loss(served, frozenset(refs), frozenset(owner for found in owners for owner in found))

    def _is_intended(self, loss: Loss, trees: Iterable[TreeName]) -> bool:
        if not loss.carriers.isdisjoint(self._odd):
            return True  # confirmed, or nothing at all would go
        meant = {name for tree in trees for name in self._intended.get(tree, ())}
        return bool(loss.owners) and loss.owners <= meant


def _name_of(names: Set[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:12]


def _going(proposal: Proposal) -> Iterator[Loss]:
    """Give everything that would be deleted, as a loss of itself."""
    for operation in proposal.plan.of(Delete):
        yield Loss(operation.ref, frozenset({operation.ref}), frozenset(owners_of(operation.observed.object)))


def _keeping(proposal: Proposal, losses: tuple[Loss, ...]) -> Proposal:
    """Give a proposal that takes nothing from those who would no longer be served."""
    carriers = {ref for loss in losses for ref in loss.carriers}
    protection = protection_against(proposal.observed[ref] for ref in carriers)
    return replace(proposal.wanting(hold_back(proposal.desired, proposal.observed, protection)), held=losses)


def _served_before(operation: Operation) -> frozenset[Served]:
    return frozenset() if isinstance(operation, Create) else frozenset(served_by(operation.observed.object))


def _served_after(operation: Operation) -> frozenset[Served]:
    return frozenset() if isinstance(operation, Delete) else frozenset(served_by(operation.object))
