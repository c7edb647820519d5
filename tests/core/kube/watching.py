"""A sink to wait on, and a pace whose waits are recorded instead of slept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

from ako.core.base.backoff import Pace
from ako.core.engine.changes import Change
from ako.core.kube.reflector import Timing
from tests.core.kube.records import told
from tests.waiting import PATIENCE


class Sink:
    """Keeps what it is told; `until` waits for a condition on it."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._changed = threading.Condition()

    def __call__(self, change: Change) -> None:
        with self._changed:
            self.changes.append(change)
            self._changed.notify_all()

    @property
    def lines(self) -> list[str]:
        return told(list(self.changes))

    def until(self, condition: Callable[[list[str]], bool]) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.lines), PATIENCE), self.lines
            return self.lines

    def until_told(self, *lines: str) -> None:
        """Wait until exactly these were told, in this order."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.lines) >= len(lines), PATIENCE)
        assert self.lines == list(lines)


class Waits:
    """Records the waits and lets them pass at once, the first `free` of them; later ones last until the stop."""

    def __init__(self, free: int = 1000) -> None:
        self.seconds: list[float] = []
        self._free = free
        self._changed = threading.Condition()

    def __call__(self, stopped: threading.Event, seconds: float) -> None:
        with self._changed:
            self.seconds.append(seconds)
            self._changed.notify_all()
            is_free = len(self.seconds) <= self._free
        if not is_free:
            stopped.wait()

    def elapsed(self) -> float:
        """Give the time by which the waits are over."""
        with self._changed:
            return sum(self.seconds)

    def until(self, count: int) -> list[float]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.seconds) >= count, PATIENCE), self.seconds
            return list(self.seconds)


def watcher(plural: str = "ingresses") -> threading.Thread:
    """Give the thread that watches a kind."""
    (found,) = [thread for thread in threading.enumerate() if thread.name == f"watch {plural}"]
    return found


def ends(thread: threading.Thread) -> bool:
    """Wait for the end of a thread, and say whether it came."""
    thread.join(PATIENCE)
    return not thread.is_alive()


class UpperDice(Random):
    """Always throws the upper end."""

    def uniform(self, a: float, b: float) -> float:
        return b

    def randint(self, a: int, b: int) -> int:
        return b


def timing(waits: Waits, *, page_size: int = 500, clock: Callable[[], float] | None = None) -> Timing:
    """Give timing without waiting; unless a clock is given, time passes only by the waits."""
    retry = Pace(clock or waits.elapsed, UpperDice(), ceiling=30.0)
    return Timing(retry=retry, wait=waits, page_size=page_size)
