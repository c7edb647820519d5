"""Moments that something waits for: when one comes, the input that says so is set, and what read it follows."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable

from ako.core.engine.engine import Engine
from ako.core.settle.validity import BEGUN, HAS_COME


class Calendar:
    """Remembers the moments ahead; a glance at it costs nothing while none has come.

    Args:
        engine: has the inputs.
        now: gives the time, in seconds since 1970.
    """

    def __init__(self, engine: Engine, now: Callable[[], float]) -> None:
        self._engine = engine
        self._now = now
        self._ahead: list[int] = []
        self._known: set[int] = set()
        engine.set_input(BEGUN, int(now()))

    def note(self, moments: Iterable[int]) -> None:
        """Remember moments."""
        for moment in moments:
            if moment not in self._known:
                self._known.add(moment)
                heapq.heappush(self._ahead, moment)

    def turn(self) -> None:
        """Set the inputs of the moments that have come."""
        while self._ahead and self._ahead[0] <= self._now():
            moment = heapq.heappop(self._ahead)
            self._known.discard(moment)
            self._engine.set_input(HAS_COME, True, moment)  # noqa: FBT003 - the value of the input
