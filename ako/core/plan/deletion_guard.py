"""Nobody deletes too much at once: what would waits for being confirmed, everything else goes on. Pure bookkeeping.

Counted are virtual services. Not counted is what goes because its owners were edited or deleted one by one; what a
whole list, a setting or a class would take away at once is. An edit speaks for the trees that it changed until they are
in line; an edit of something whose deletion waits says nothing about that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from ako.core.base.refs import AviRef, NamespacedName
from ako.core.plan.plan import Delete, Operation, Plan
from ako.core.translate.metadata import read_metadata

FEW = 5
"""Fewer deletions than this are never too many."""


class DeletionGuard:
    """Judges plans together, those of earlier passes that still wait included.

    Attributes:
        max_percent: share of our virtual services that may be deleted at once without being confirmed.
        confirmed: id of deletions that are allowed, however many they are.
        held: the deletions that wait.
    """

    def __init__(self) -> None:
        self.max_percent = 100
        self.confirmed = ""
        self.held = Plan()
        self._intended: dict[str, set[NamespacedName]] = {}
        self._waiting: dict[frozenset[str], tuple[Operation, ...]] = {}

    def intend(self, tree: str, deleted: Set[NamespacedName], edited: Set[NamespacedName]) -> None:
        """Note that a tree changed because objects were deleted or edited one by one."""
        is_waiting = any(tree in trees for trees in self._waiting)
        if meant := (deleted if is_waiting else deleted | edited):
            self._intended.setdefault(tree, set()).update(meant)

    def forget(self, tree: str) -> None:
        """Note that a tree is in line: what was meant has been done."""
        self._intended.pop(tree, None)

    def judge(self, due: Mapping[frozenset[str], Plan], observed: Iterable[AviRef]) -> bool:
        """Take in the plans that are due, by their trees; say whether those that take something down must wait."""
        judged = {tree for trees in due for tree in trees}
        still = {trees: deletions for trees, deletions in self._waiting.items() if judged.isdisjoint(trees)}
        new = {trees: _deletions(plan) for trees, plan in due.items() if takes_down(plan)}
        waiting = {**still, **new}
        doomed = Plan(tuple(operation for trees in sorted(waiting, key=sorted) for operation in waiting[trees]))
        unmeant = Plan(tuple(op for trees in waiting for op in waiting[trees] if not self._is_intended(op, trees)))
        if not deletes_too_much(unmeant, observed, self.max_percent) or doomed.id == self.confirmed:
            waiting, doomed = {}, Plan()
        self._waiting, self.held = waiting, doomed
        return bool(doomed)

    def _is_intended(self, operation: Operation, trees: Iterable[str]) -> bool:
        if not isinstance(operation, Delete):
            return False
        owners = read_metadata(getattr(operation.observed.object, "service_metadata", None)).owners
        meant = {name for tree in trees for name in self._intended.get(tree, ())}
        return bool(owners) and set(owners) <= meant


def takes_down(plan: Plan) -> bool:
    """Say whether a plan deletes a virtual service."""
    return any(map(_deletes_virtual_service, plan.operations))


def deletes_too_much(plan: Plan, observed: Iterable[AviRef], percent: int) -> bool:
    """Say whether a plan would delete more than a share of our virtual services; a few never are too many."""
    doomed = sum(map(_deletes_virtual_service, plan.operations))
    if doomed < FEW:
        return False
    owned = sum(1 for ref in observed if ref.type == "virtualservice")
    return doomed * 100 > owned * percent


def _deletions(plan: Plan) -> tuple[Operation, ...]:
    return tuple(operation for operation in plan.operations if isinstance(operation, Delete))


def _deletes_virtual_service(operation: object) -> bool:
    return isinstance(operation, Delete) and operation.ref.type == "virtualservice"
