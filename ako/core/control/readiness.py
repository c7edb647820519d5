"""Is the controller alive, is it ready, and if not, why: what the health server tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from ako.core.base.moment import rfc3339
from ako.core.control.health_server import Health
from ako.core.control.loop import Controller
from ako.core.control.metrics import Metrics

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

    def is_alive(self) -> bool:
        """Say whether anything was done within the time after which a loop counts as dead."""
        now, progress = self._clock(), self._progress()
        if progress != self._seen:
            self._seen, self._since = progress, now
        return now - self._since < STANDSTILL


def health_of(controller: Controller, metrics: Metrics) -> Health:
    """Give what the health server tells about a controller."""

    def errors() -> tuple[Mapping[str, str], ...]:
        session = controller.session
        if (last := session.last_error) is None:
            return ()
        return ({"error": str(last), "timestamp": rfc3339(session.failed_at)},)

    def is_connected() -> bool | None:
        session = controller.session
        return session.connected if session.connected or session.last_error else None

    def exposition() -> bytes:
        contact, checks = controller.session.contact, controller.readiness.checks()
        return metrics.exposition(controller.accounts.scrape(contact, checks))

    is_alive = Liveness(lambda: controller.progress).is_alive
    return Health(
        is_alive=is_alive,
        checks=controller.readiness.checks,
        avi_errors=errors,
        is_connected=is_connected,
        exposition=exposition,
    )
