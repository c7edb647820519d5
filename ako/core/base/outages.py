"""What is told of something that happens again and again: at first, then seldom, with how often it happened meanwhile.

An outage is a handful of lines in the log, however long it lasts and whatever the number of objects it concerns.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from msgspec import Struct

Clock = Callable[[], float]
K = TypeVar("K", bound=Hashable)

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 300.0, 86400.0, 4.0
"""Seconds between the first line and the second, most seconds between two, and how much longer each pause is."""

QUIET = 3600.0
"""Seconds after which something that has not happened again is news when it does."""

LASTING = 10.0
"""Seconds after which an outage is worth a word though there were others just before."""

LONG = 900.0
"""Seconds after which an outage is told, however many there were before."""

_REMEMBERED = 1024


class _Told(Struct):
    """What is known of one matter; times are those of the clock."""

    left: int
    """How often it may yet be told at once."""
    happened_at: float
    next_at: float = 0.0
    pause: float = FIRST_PAUSE
    untold: int = 0


class Seldom(Generic[K]):
    """Says whether a matter is told each time it happens; for any number of threads.

    Args:
        clock: seconds, growing.
        at_first: how often it is told at once.
    """

    def __init__(self, clock: Clock, at_first: int = 1) -> None:
        self._clock = clock
        self._at_first = at_first
        self._lock = threading.Lock()
        self._told: OrderedDict[K, _Told] = OrderedDict()

    def happened(self, matter: K) -> int | None:
        """Note that it happened; give how often it did without being told, None if it is not told now either."""
        with self._lock:
            now = self._clock()
            told = self._told.pop(matter, None)
            if told is None or now - told.happened_at > max(QUIET, told.pause):
                told = _Told(self._at_first, now)
            self._told[matter] = told
            if len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)
            told.happened_at = now
            return self._is_due(told, now)

    def weigh(self, matter: K, more: str) -> tuple[int, str]:
        """Note that it happened; give the level of its line, and what that says at its end of those not told.

        Args:
            matter: what happened.
            more: how these are told, with `{}` for how many.
        """
        others = self.happened(matter)
        level = logging.DEBUG if others is None else logging.WARNING
        return level, f" ({more.format(others)})" if others else ""

    @staticmethod
    def _is_due(told: _Told, now: float) -> int | None:
        if told.left:
            told.left -= 1
            told.next_at = now + told.pause
            return 0
        if now < told.next_at:
            told.untold += 1
            return None
        untold, told.untold = told.untold, 0
        told.pause = min(told.pause * GROWTH, LONGEST_PAUSE)
        told.next_at = now + told.pause
        return untold


class Tenfold(Generic[K]):
    """Says likewise where nobody has a clock: the first times, then each time that there were ten times as many."""

    def __init__(self, at_first: int = 3) -> None:
        self._at_first = at_first
        self._counts: OrderedDict[K, int] = OrderedDict()

    def happened(self, matter: K) -> int:
        """Note that it happened; give how often it did by now, 0 if that is not told."""
        count = self._counts.pop(matter, 0) + 1
        self._counts[matter] = count
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        is_round = set(str(count)[1:]) <= {"0"} and str(count)[0] == "1"
        return count if count <= self._at_first or is_round else 0


class Outages:
    """Says whether the loss of one thing, and its return, are told: each outage that lasts, but not each short one.

    Args:
        clock: seconds, growing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: float | None = None
        self._seen_at = 0.0
        self._is_told = False
        self._short = Seldom[str](clock)
        self._lasting = Seldom[str](clock, at_first=3)
        self._untold = 0

    def begin(self) -> int | None:
        """Note that it is lost, again and again while it is; give how many losses were not told, None: do not tell."""
        with self._lock:
            now = self._clock()
            is_new, self._seen_at = self._since is None or self._is_old(now), now
            if self._since is None or is_new:
                self._since, self._is_told = now, self._short.happened("") is not None
                return self._tell() if self._is_told else None
            if self._is_told or now - self._since < LASTING:
                return None
            is_due = self._lasting.happened("") is not None
            self._is_told = is_due or now - self._since >= LONG
            return self._tell() if self._is_told else None

    def end(self) -> float | None:
        """Note that it is back; give the seconds that it was lost, None if its loss was not told."""
        with self._lock:
            since, self._since = self._since, None
            now = self._clock()
            if since is None or self._is_old(now):
                return None
            if not self._is_told:
                self._untold += 1
                return None
            return now - since

    def _is_old(self, now: float) -> bool:
        """Say whether nobody has looked for so long, as where a replica stands by, that it is not known what was."""
        return now - self._seen_at > 2 * QUIET

    def _tell(self) -> int:
        untold, self._untold = self._untold, 0
        return untold
