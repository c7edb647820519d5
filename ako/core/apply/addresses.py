"""Addresses that the Controller gives later: a VsVip without one is read again, with back-off. Pure."""

from __future__ import annotations

from collections.abc import Set

from msgspec import Struct

from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef


class _Wait(Struct, frozen=True):
    tries: int
    until: float


class AddressWatch:
    """Says when to read which VsVip again."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._waits: dict[AviRef, _Wait] = {}

    def take_due(self, missing: Set[AviRef]) -> list[AviRef]:
        """Give those VsVips of all `missing` an address that are to be read now."""
        now = self._pace.clock()
        self._waits = {ref: wait for ref, wait in self._waits.items() if ref in missing}
        due = [ref for ref, wait in self._waits.items() if wait.until <= now]
        for ref in [*due, *(missing - self._waits.keys())]:
            tries = self._waits[ref].tries + 1 if ref in self._waits else 1
            self._waits[ref] = _Wait(tries, now + self._pace.wait(tries))
        return sorted(due)

    def forget(self) -> None:
        """Forget everything: it may be another Controller."""
        self._waits.clear()

    @property
    def next_due(self) -> float | None:
        """Give the time of the next look, None if every VsVip has its address."""
        return min((wait.until for wait in self._waits.values()), default=None)
