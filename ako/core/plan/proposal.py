"""A proposal: what is to be done about trees that are planned together, on its way through the policies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef, NamespacedName, TreeName
from ako.core.observe.served import Served
from ako.core.plan.plan import Desired, Operation, Plan, Seen, plan_changes
from ako.core.settings import DriftAction


class Loss(Struct, frozen=True):
    """A host or port claim that would no longer be served.

    Attributes:
        served: which one.
        carriers: the objects by which it is.
        owners: the Kubernetes objects that these were made for.
    """

    served: Served
    carriers: frozenset[AviRef]
    owners: frozenset[NamespacedName]

    @property
    def name(self) -> str:
        """Give the host, or the name of the virtual service."""
        return self.served if isinstance(self.served, str) else self.served.name


class Drift(Struct, frozen=True):
    """One object that is not as we knew it, although nothing else is wanted of it.

    Attributes:
        ref: which object.
        operation: what brings it back: `Create` if it was deleted, `Delete` if it was made, `Update` if changed.
        fields: what was changed; empty if the whole object went, or came.
        action: `repair` or `report`, by `ako.drift.policy`.
    """

    ref: AviRef
    operation: type[Operation]
    fields: tuple[str, ...]
    action: DriftAction


class Proposal(Struct, frozen=True, kw_only=True):
    """What is wanted of some trees, what is there, and the plan that follows.

    Attributes:
        trees: the trees that are planned together.
        asked: the objects as the trees want them, as far as they are looked at.
        desired: what of that is wanted now; a policy may change it.
        observed: what is there of all that is looked at.
        plan: the difference of the two, less what a policy takes out of it.
        prefix: how names of ours begin.
        held: who would no longer be served, but for being held until an operator allows it.
        drifts: what somebody else changed.
    """

    trees: frozenset[TreeName]
    asked: Desired
    desired: Desired
    observed: Seen
    plan: Plan
    prefix: str
    held: tuple[Loss, ...] = ()
    drifts: tuple[Drift, ...] = ()

    @classmethod
    def of(cls, trees: frozenset[TreeName], desired: Desired, observed: Seen, prefix: str) -> Proposal:
        """Propose what makes everything as it is wanted."""
        plan = plan_changes(desired, observed, prefix)
        return cls(trees=trees, asked=desired, desired=desired, observed=observed, plan=plan, prefix=prefix)

    def wanting(self, desired: Desired) -> Proposal:
        """Give the proposal for another desired state."""
        return replace(self, desired=desired, plan=plan_changes(desired, self.observed, self.prefix))


class Policy(Protocol):
    """A rule between what is wanted and what is done about it: it answers, and what becomes of that is noted apart."""

    def apply(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        """Give what is left of the proposals of a pass."""


class Looking(Policy, Protocol):
    """A policy for which it is not enough to see what changed."""

    def scope(self, trees: frozenset[TreeName], desired: Desired) -> Iterable[AviRef]:
        """Give the objects of some trees that the policy has to see beside those that changed.

        `desired` is all that the trees want.
        """
