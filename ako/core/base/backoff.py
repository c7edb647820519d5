"""How long to wait before the next try."""

from __future__ import annotations

import random
from collections.abc import Callable

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Exponential back-off with jitter and a ceiling.

    Attributes:
        clock: the time in seconds, growing.
        rng: randomness for jitter.
        first: seconds after the first failure.
        ceiling: most seconds between two tries.
        linger: seconds in which a request that was given up may yet be carried out.
    """

    clock: Callable[[], float]
    rng: random.Random
    first: float = 0.5
    ceiling: float = 60.0
    linger: float = 60.0

    def wait(self, failures: int, at_least: float = 0.0) -> float:
        """Give the wait after so many failures in a row; `at_least` is what the other side asked for."""
        grown = min(self.ceiling, self.first * 2.0 ** min(failures - 1, 30))
        return max(at_least, grown * self.rng.uniform(0.5, 1.0))

    def long_wait(self) -> float:
        """Give the wait after a failure that lasts until somebody mends it."""
        return self.ceiling * self.rng.uniform(0.5, 1.0)


class Backoff:
    """Waits for one thing that is tried again and again: they start over after a success."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._failures = 0

    def failed(self, at_least: float = 0.0) -> float:
        """Give the seconds to wait, at least those that the other side asked for."""
        self._failures += 1
        return self._pace.wait(self._failures, at_least)

    def succeeded(self) -> None:
        """Start over."""
        self._failures = 0
