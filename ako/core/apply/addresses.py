"""Addresses that the Controller gives later: a VsVip without one is read again, with back-off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Set

from ako.core.base.backoff import Pace, Postponed
from ako.core.base.log import about
from ako.core.base.moment import duration
from ako.core.base.outages import Seldom
from ako.core.base.refs import AviRef

PATIENCE = 10.0
"""Seconds for which a Controller may look for an address without a word."""

_REMEDY = "look at the IPAM profile of the cloud, at the VIP network, and for free addresses in it"

_log = logging.getLogger(__name__)


class AddressWatch:
    """Says when to read which VsVip again."""

    def __init__(self, pace: Pace) -> None:
        self._missing: Postponed[AviRef] = Postponed(pace)
        self._lines = AddressLines(pace.clock)

    def take_due(self, missing: Set[AviRef]) -> list[AviRef]:
        """Give those VsVips of all `missing` an address that are to be read now."""
        self._lines.follow(missing)
        for ref in set(self._missing) - missing:
            self._missing.succeeded(ref)
        due = self._missing.due()
        for ref in (*due, *(missing - set(self._missing))):
            self._missing.failed(ref)
        return sorted(due)

    def forget(self) -> None:
        """Forget everything: it may be another Controller."""
        self._missing.forget()
        self._lines.forget()

    @property
    def next_due(self) -> float | None:
        """Give the time of the next look, None if every VsVip has its address."""
        return self._missing.next_due


class AddressLines:
    """Tells of each VsVip that is without an address for long, of the first ones by name; the others are at DEBUG.

    Args:
        clock: seconds, growing.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: dict[AviRef, float] = {}
        self._told: dict[AviRef, bool] = {}
        self._lines = Seldom[str](clock, at_first=3)

    def follow(self, missing: Set[AviRef]) -> None:
        """Note which VsVips have none now."""
        now = self._clock()
        for ref in sorted(self._since.keys() - missing):
            lasted = now - self._since.pop(ref)
            if (is_told := self._told.pop(ref, None)) is not None:
                level = logging.INFO if is_told else logging.DEBUG
                _log.log(level, "%r is no longer without an address, after %s", ref, duration(lasted))
        for ref in sorted(missing):
            lasted = now - self._since.setdefault(ref, now)
            if lasted >= PATIENCE and ref not in self._told:
                self._told[ref] = self._tell(ref, lasted)

    def forget(self) -> None:
        """Forget everything: it may be another Controller."""
        self._since.clear()
        self._told.clear()

    def _tell(self, ref: AviRef, lasted: float) -> bool:
        level, more = self._lines.weigh("", "as have had {} others since the last line")
        text = "%r has had no address for %s%s, and what is behind it is not reached; %s"
        _log.log(level, text, ref, duration(lasted), more, _REMEDY, extra=about(reason="NoAddress", remedy=_REMEDY))
        return level == logging.WARNING
