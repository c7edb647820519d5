"""What somebody else changed of ours on the Controller: found at a full sync, repaired or left by policy.

An operation is drift if what we knew of its object before the full sync was as we want it. If it was not, the operation
is our own unfinished business: a change that was refused, or is still to be written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence

from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import AviObject
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Create, Delete, Operation, Plan, Update, plan_changes
from ako.core.plan.proposal import Drift, Proposal
from ako.core.settings import DriftAction


class DriftWatch:
    """A policy: tells drift from what is ours to do, and collects it until somebody takes it.

    Args:
        prefix: how names of ours begin.

    Attributes:
        action: what to do about an object of some Avi type.
        found: how many objects were found changed, by type: each once for every full sync that finds it so.
        repaired: how many of them were repaired, by type.
    """

    def __init__(self, prefix: str) -> None:
        self.action: Callable[[str], DriftAction] = lambda _: "repair"
        self._prefix = prefix
        self._before: dict[AviRef, ObservedObject | None] = {}
        self._left: dict[AviRef, AviObject | None] = {}
        self._under_repair: dict[AviRef, Drift] = {}
        self._untold: set[AviRef] = set()
        self._news: list[Drift] = []
        self.found: Counter[str] = Counter()
        self.repaired: Counter[str] = Counter()

    def compare(
        self,
        known: Mapping[AviRef, ObservedObject],
        seen: Mapping[AviRef, ObservedObject],
        unsure: Container[AviRef],
    ) -> None:
        """Note what is there otherwise than it was known, but for what may yet change by what we wrote."""
        self._before = {
            ref: before
            for ref in (*known, *(ref for ref in seen if ref not in known))
            if ref not in unsure and _content(before := known.get(ref)) != _content(seen.get(ref))
        }
        self._untold = {*self._before, *self._left}
        self._under_repair = {ref: drift for ref, drift in self._under_repair.items() if ref in unsure}

    def forget(self) -> None:
        """Take nothing for drift of what is there."""
        self._before.clear()
        self._left.clear()
        self._under_repair.clear()

    def apply(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        """Say what was changed by somebody else, and leave it where that is the policy.

        What others of the plan refer to is not left.
        """
        return [self._sifted(proposal) for proposal in proposals] if self._before or self._left else proposals

    def _sifted(self, proposal: Proposal) -> Proposal:
        drifts: list[Drift] = []
        left: dict[AviRef, Operation] = {}
        for operation in proposal.plan.operations:
            ref = operation.ref
            if self._is_drift(operation, proposal.asked.get(ref)):
                drifts.append(Drift(ref, type(operation), _fields(operation), self.action(ref.type)))
                if drifts[-1].action == "report":
                    left[ref] = operation
        return replace(proposal, plan=_without(proposal.plan, left), drifts=tuple(drifts))

    def note(self, proposal: Proposal) -> None:
        """Note that a proposal is carried out: what of it is drift is under repair, or left and told."""
        for drift in proposal.drifts:
            is_news = drift.ref in self._untold
            self._untold.discard(drift.ref)
            self.found[drift.ref.type] += is_news
            if drift.action == "repair":
                self._under_repair[drift.ref] = drift
                continue
            self._left[drift.ref] = proposal.asked.get(drift.ref)
            if is_news:
                self._news.append(drift)

    def writes(self, ref: AviRef) -> None:
        """Note that an object is written: what was known of it before says nothing any more."""
        self._before.pop(ref, None)
        self._left.pop(ref, None)

    def written(self, ref: AviRef, *, succeeded: bool) -> None:
        """Note what came of writing an object."""
        drift = self._under_repair.get(ref)
        if drift is not None and succeeded:  # if it failed it is tried again
            del self._under_repair[ref]
            self._news.append(drift)
            self.repaired[ref.type] += 1

    def take(self) -> list[Drift]:
        """Give what was repaired, or found at a full sync and left, since the last call."""
        news, self._news = self._news, []
        return news

    def _is_drift(self, operation: Operation, wanted: AviObject | None) -> bool:
        ref = operation.ref
        if ref in self._left:
            return self._left[ref] == wanted
        if ref not in self._before:
            return False
        before = self._before[ref]
        if before is None or wanted is None:
            return before is None and wanted is None
        owed = plan_changes({ref: wanted}, {ref: before}, self._prefix).operations
        if isinstance(operation, Update):
            return not any(set(_fields(other)) & set(_fields(operation)) for other in owed)
        return not owed


def _without(plan: Plan, left: dict[AviRef, Operation]) -> Plan:
    """Leave operations out, but for the creation of what those that stay refer to."""
    kept = [operation for operation in plan.operations if operation.ref not in left]
    for operation in kept:  # grows while it is gone through
        needed = () if isinstance(operation, Delete) else operation.object.references()
        kept.extend(left.pop(ref) for ref in needed if isinstance(left.get(ref), Create))
    return Plan(tuple(kept)) if left else plan


def _content(seen: ObservedObject | None) -> AviObject | None:
    return None if seen is None else seen.object


def _fields(operation: Operation) -> tuple[str, ...]:
    return tuple(change.field for change in operation.changes) if isinstance(operation, Update) else ()
