"""How long things take, and since when something is so: numbers for operators, made where they arise.

Durations are filed into buckets at once: what is kept does not grow with what is measured.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping

from msgspec import Struct

Labels = tuple[str, ...]

MONOTONIC = time.monotonic
"""Seconds, growing: the clock where none is given."""


class Distribution(Struct, frozen=True):
    """Durations by bucket.

    Attributes:
        counts: how many there are in each bucket, the last one for all that is longer than the last bound.
        seconds: all together.
    """

    counts: tuple[int, ...]
    seconds: float

    @property
    def count(self) -> int:
        """Give how many durations there are."""
        return sum(self.counts)


class _Row:
    __slots__ = ("counts", "seconds")

    def __init__(self, buckets: int) -> None:
        self.counts = [0] * buckets
        self.seconds = 0.0


class Durations:
    """Durations of one sort of thing, by labels; safe for any number of threads.

    Args:
        bounds: the longest duration of each bucket, in seconds, growing.
        labels: those that are there from the start.
    """

    def __init__(self, bounds: tuple[float, ...], *labels: Labels) -> None:
        self.bounds = bounds
        self._lock = threading.Lock()
        self._rows = {label: _Row(len(bounds) + 1) for label in labels}

    def observe(self, seconds: float, *labels: str) -> None:
        """Note one duration."""
        bucket = bisect_left(self.bounds, seconds)
        with self._lock:
            row = self._rows.get(labels)
            if row is None:
                row = self._rows[labels] = _Row(len(self.bounds) + 1)
            row.counts[bucket] += 1
            row.seconds += seconds

    def read(self) -> Mapping[Labels, Distribution]:
        """Give all of them as they are now."""
        with self._lock:
            return {labels: Distribution(tuple(row.counts), row.seconds) for labels, row in self._rows.items()}


class Since:
    """Remembers since when something is so.

    Args:
        now: the time of day, in seconds since 1970.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since = 0.0

    def note(self, *, is_so: bool) -> float:
        """Note whether it is so; give since when, 0 if it is not."""
        if not is_so:
            self._since = 0.0
        elif not self._since:
            self._since = self._now()
        return self._since
