"""Addresses that the Controller gives later: a VsVip without one is read again, with back-off. Pure."""

from __future__ import annotations

from collections.abc import Set

from ako.core.base.backoff import Pace, Postponed
from ako.core.base.refs import AviRef


class AddressWatch:
    """Says when to read which VsVip again."""

    def __init__(self, pace: Pace) -> None:
        self._missing: Postponed[AviRef] = Postponed(pace)

    def take_due(self, missing: Set[AviRef]) -> list[AviRef]:
        """Give those VsVips of all `missing` an address that are to be read now."""
        for ref in set(self._missing) - missing:
            self._missing.succeeded(ref)
        due = self._missing.due()
        for ref in (*due, *(missing - set(self._missing))):
            self._missing.failed(ref)
        return sorted(due)

    def forget(self) -> None:
        """Forget everything: it may be another Controller."""
        self._missing.forget()

    @property
    def next_due(self) -> float | None:
        """Give the time of the next look, None if every VsVip has its address."""
        return self._missing.next_due
