"""Is the controller alive, is it ready, and if not, why: what the health server tells."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from prometheus_client import Gauge

from ako.core.control.health_server import Check, Health
from ako.core.control.loop import Controller
from ako.core.control.metrics import Metrics
from ako.core.observe.assignment import told

STANDSTILL = 60.0
"""Seconds without a turn of the loop after which it counts as dead."""


def health_of(controller: Controller, metrics: Metrics) -> Health:
    """Give what the health server tells about a controller."""

    def is_alive() -> bool:
        return time.monotonic() - controller.turned_at < STANDSTILL

    def errors() -> tuple[Mapping[str, str], ...]:
        session = controller.session
        if (last := session.last_error) is None:
            return ()
        return ({"error": str(last), "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(session.failed_at))},)

    def is_connected() -> bool | None:
        session = controller.session
        return session.connected if session.connected or session.last_error else None

    def checks() -> tuple[Check, ...]:
        return tuple(_checks(controller))

    def exposition() -> bytes:
        update_metrics(controller, metrics)
        return metrics.exposition()

    return Health(is_alive=is_alive, checks=checks, avi_errors=errors, is_connected=is_connected, exposition=exposition)


def _checks(controller: Controller) -> list[Check]:
    store, session = controller.reconciler.pipeline.store, controller.session
    held = controller.reconciler.dispatcher.guard.held
    unread = [f"{kind}: {reason}" for kind in store.kinds() if (reason := store.unread(kind))]
    failure = controller.full_sync.failure
    return [
        Check("kubernetes", not unread, "; ".join(unread)),
        Check("avi", session.connected, str(session.last_error or ("" if session.connected else "not connected yet"))),
        Check("guard", not held, f"plan {held.id} waits for being confirmed" if held else ""),
        Check("shards", is_met=True, detail=told(controller.reconciler.elsewhere)),
        Check("full sync", controller.reconciler.is_observed and not failure, failure),
    ]


def update_metrics(controller: Controller, metrics: Metrics) -> None:
    """Bring the gauges up to date.

    Called on threads of the server while the thinking thread works: `list` copies in one step, a loop would not.
    """
    reconciler = controller.reconciler
    _fill(metrics.objects, Counter((ref.type,) for ref in list(reconciler.dispatcher.observed)).items())
    _fill(metrics.problems, Counter((problem.reason,) for problem in controller.desk.announcer.open_problems).items())
    _fill(metrics.plugin_failures, controller.plugins.failures.items())
    metrics.full_syncs.set(controller.full_sync.count)


def _fill(gauge: Gauge, counts: Iterable[tuple[tuple[str, ...], int]]) -> None:
    """Set a gauge for each tuple of labels, and for no other."""
    gauge.clear()
    for labels, count in list(counts):
        gauge.labels(*labels).set(count)
