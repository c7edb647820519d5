"""How long to wait before the next try."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Exponential back-off with jitter and a ceiling.

    Attributes:
        clock: the time in seconds, growing.
        rng: randomness for jitter.
        first: seconds after the first failure.
        ceiling: most seconds between two tries.
        linger: seconds in which a request that was given up may yet be carried out.
        calm: least seconds between two complete readings of the Controller that nobody but suspicion asked for.
        grace: seconds that a problem has to stand before it is told.
        now: the time of day, in seconds since 1970.
    """

    clock: Callable[[], float]
    rng: random.Random
    first: float = 0.5
    ceiling: float = 60.0
    linger: float = 60.0
    calm: float = 5.0
    grace: float = 1.0
    now: Callable[[], float] = time.time

    def wait(self, failures: int, at_least: float = 0.0) -> float:
        """Give the wait after so many failures in a row; `at_least` is what the other side asked for."""
        grown = min(self.ceiling, self.first * 2.0 ** min(failures - 1, 30))
        return max(at_least, grown * self.rng.uniform(0.5, 1.0))

    def long_wait(self) -> float:
        """Give the wait after a failure that lasts until somebody mends it."""
        return self.ceiling * self.rng.uniform(0.5, 1.0)


K = TypeVar("K", bound=Hashable)


class _Wait(Struct, frozen=True):
    tries: int
    until: float


class Postponed(Generic[K]):
    """What failed and is tried again, each thing with waits of its own."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._waits: dict[K, _Wait] = {}

    def __iter__(self) -> Iterator[K]:
        return iter(self._waits)

    def failed(self, key: K) -> None:
        """Note that something failed, once more or for the first time."""
        tries = self._waits[key].tries + 1 if key in self._waits else 1
        self._waits[key] = _Wait(tries, self._pace.clock() + self._pace.wait(tries))

    def succeeded(self, key: K) -> None:
        """Note that something need not be tried again."""
        self._waits.pop(key, None)

    def forget(self) -> None:
        """Try nothing again."""
        self._waits.clear()

    def due(self) -> list[K]:
        """Give what is to be tried now."""
        now = self._pace.clock()
        return [key for key, wait in self._waits.items() if wait.until <= now]

    @property
    def next_due(self) -> float | None:
        """Give the time of the next try, None if nothing waits for one."""
        return min((wait.until for wait in self._waits.values()), default=None)


class Backoff:
    """Waits for one thing that is tried again and again: they start over after a success."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._failures = 0

    @property
    def is_fresh(self) -> bool:
        """Say whether there was no failure since the last success."""
        return self._failures == 0

    def failed(self, at_least: float = 0.0) -> float:
        """Give the seconds to wait, at least those that the other side asked for."""
        self._failures += 1
        return self._pace.wait(self._failures, at_least)

    def succeeded(self) -> None:
        """Start over."""
        self._failures = 0
