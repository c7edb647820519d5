"""Is the controller alive, is it ready, and if not, why: what the health server tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from ako.core.base.moment import rfc3339
from ako.core.control.health_pages import Health, Outlook
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
        contact, checks = controller.session.contact, controller.readiness.checks()
        return metrics.exposition(controller.accounts.scrape(contact, checks))

    return Health(
        standstill=Liveness(lambda: controller.progress, clock).standstill,
        checks=controller.readiness.checks,
        works=lambda: controller.state.works,
        avi_errors=errors,
        is_connected=is_connected,
        exposition=exposition,
        ask=controller.questions.ask,
        outlook=Outlook(controller.showing.overview, lambda: controller.reconciler.settings),
    )
