"""Is the controller alive, is it ready, and if not, why: what the health server tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import Gauge

from ako.core.base.moment import rfc3339
from ako.core.control.health_pages import Health
from ako.core.control.loop import Controller
from ako.core.control.metrics import Metrics
from ako.core.control.state import State

STANDSTILL = 60.0
"""Seconds in which the loop got nowhere after which it counts as dead, however much there is to do."""


class Liveness:
    """Says whether a loop gets anywhere: what it has done so far is looked at whenever somebody asks.

    Args:
        progress: a number that grows with all that is done.
        clock: seconds, growing.
    """

    def __init__(self, progress: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._progress = progress
        self._clock = clock
        self._seen = progress()
        self._since = clock()

    def standstill(self) -> float:
        """Give the seconds since anything was done, if they are so many that the loop counts as dead, else 0."""
        now, progress = self._clock(), self._progress()
        if progress != self._seen:
            self._seen, self._since = progress, now
        return now - self._since if now - self._since >= STANDSTILL else 0.0


def health_of(controller: Controller, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> Health:
    """Give what the health server tells about a controller; `clock` is that of its liveness."""

    def errors() -> list[Mapping[str, str]]:
        return [{"error": error, "timestamp": rfc3339(at)} for error, at in controller.session.errors]

    def is_connected() -> bool | None:
        session = controller.session
        return session.connected if session.connected or session.last_error else None

    def exposition() -> bytes:
        update_metrics(controller.state, metrics)
        return metrics.exposition()

    return Health(
        standstill=Liveness(lambda: controller.progress, clock).standstill,
        checks=controller.readiness.checks,
        works=lambda: controller.state.works,
        avi_errors=errors,
        is_connected=is_connected,
        exposition=exposition,
    )


def update_metrics(state: State, metrics: Metrics) -> None:
    """Bring the gauges up to date."""
    _fill(metrics.objects, (((name,), count) for name, count in state.objects.items()))
    _fill(metrics.problems, (((reason,), count) for reason, count in state.problems.items()))
    _fill(metrics.plugin_failures, state.plugin_failures.items())
    _fill(metrics.faults, (((stage,), count) for stage, count in state.faults.items()))
    metrics.leader.set(state.works)
    metrics.lease_transitions.set(state.standing.transitions if state.standing else 0)
    metrics.watches.reports = state.watches
    _fill(metrics.in_tenants, (((tenant,), count) for tenant, count in state.in_tenants.items()))
    metrics.tenants_unread.set(len(state.tenants))
    metrics.full_syncs.set(state.full_syncs)
    metrics.held.set(len(state.held.served))
    metrics.odd.set(len(state.held.odd))
    metrics.namesakes.set(sum(len(namesake.objects) for namesake in state.namesakes))


def _fill(gauge: Gauge, counts: Iterable[tuple[tuple[str, ...], int]]) -> None:
    """Set a gauge for each tuple of labels, and for no other."""
    gauge.clear()
    for labels, count in counts:
        gauge.labels(*labels).set(count)
