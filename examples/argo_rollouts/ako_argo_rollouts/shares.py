"""Which Rollout shares the requests of a Service, and how; and what of a Rollout has no effect."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ako import NamespacedName, ObjectRef, Problem, Service, View
from ako_argo_rollouts.records import Rollout

LARGEST = 1_000_000
"""The largest weight that is believed: those of Argo are of 100, unless `maxTrafficWeight` says otherwise."""


class Share(Struct, frozen=True):
    """Of what comes for a Service, so much stays, and so much is for the Service of the canary."""

    canary: str
    stays: int
    goes: int


def share_of(view: View, namespace: str, service: str) -> Share | None:
    """Give how the requests for a Service are shared (a query); None if all of them stay.

    While that is equal, no host is translated anew, whatever else happens to the Rollout.
    """
    rollout = _first(view, namespace, service)
    if rollout is None or rollout.is_aborted or rollout.canary == rollout.stable:
        return None
    share = _share(rollout)
    return share if share and share.goes else None


def _first(view: View, namespace: str, service: str) -> Rollout | None:
    """Give the Rollout whose weights count: the oldest that names the Service as its stable one."""
    found = view.list(Rollout, "stable", NamespacedName(namespace, service))
    return min(found, key=lambda one: (one.metadata.created, one.metadata.name), default=None)


def _share(rollout: Rollout) -> Share | None:
    """Give what the status says; None if that is nothing that can be done."""
    weights = rollout.weights
    goes = weights.canary.weight if weights.canary else 0
    stays = weights.stable.weight if weights.stable else 100 - goes
    if not (0 <= goes <= LARGEST and 0 <= stays <= LARGEST and goes + stays):
        return None
    return Share(rollout.canary, stays, goes)


def problems_of(ref: ObjectRef, rollout: Rollout, view: View) -> tuple[Problem, ...]:
    """Say what of a Rollout has no effect."""
    if not (rollout.stable and rollout.canary):
        return ()  # it shares nothing
    return tuple(Problem(ref, *fault) for fault in _faults(rollout, view))


def _faults(rollout: Rollout, view: View) -> Iterator[tuple[str, str, str]]:
    namespace, canary = rollout.metadata.namespace, rollout.canary
    where = "spec.strategy.canary"
    if canary == rollout.stable:
        message = f"{where}.canaryService: {canary} is the stableService too, so that there is nothing to share."
        yield "SameService", message, "Name a Service that selects the new pods."
        return
    first = _first(view, namespace, rollout.stable)
    if first is not None and first.metadata.name != rollout.metadata.name:
        message = (
            f"{where}.stableService: the requests of Service {namespace}/{rollout.stable} are shared by Rollout "
            f"{first.metadata.name}, which is older; the weights of this one have no effect."
        )
        yield "RolloutConflict", message, "Have one Rollout for a Service."
        return
    if view.get(Service, namespace, canary) is None:
        message = f"{where}.canaryService: Service {namespace}/{canary} does not exist; all requests stay."
        yield "CanaryNotFound", message, "Create it, or name another one."
    if rollout.is_aborted:
        message = f"status.abort: it was given up; all requests for Service {namespace}/{rollout.stable} stay."
        yield "RolloutAborted", message, "Undo the change, or try it again."
    elif _share(rollout) is None:
        message = "status.canary.weights: they are no shares; all requests stay."
        yield "WeightsInvalid", message, f"Use weights from 0 to {LARGEST}, not all of them 0."
    if rollout.weights.additional:
        message = "status.canary.weights.additional: the Services of experiments get no requests."
        yield "ExperimentUnsupported", message, "Leave weights out of its experiments."
