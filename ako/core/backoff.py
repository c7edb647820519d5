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
    """

    clock: Callable[[], float]
    rng: random.Random
    first: float = 0.5
    ceiling: float = 60.0

    def wait(self, failures: int, at_least: float = 0.0) -> float:
        """Give the wait after so many failures in a row; `at_least` is what the other side asked for."""
        grown = min(self.ceiling, self.first * 2.0 ** min(failures - 1, 30))
        return max(at_least, grown * self.rng.uniform(0.5, 1.0))
