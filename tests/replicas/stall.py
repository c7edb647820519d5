"""How long the machine kept from running what was ready to: what takes time then is no fault of the program."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_BEAT = 0.02
_ORDINARY = 0.02
"""Seconds that a beat may be late on a machine that is not busy."""
_PRESSURE = Path("/proc/pressure/cpu")


class Stall:
    """Measures it from when it is entered until it is left.

    Two ways, of which the greater counts: how late a thread is that wants to run at every beat, in this process, where
    the stand-ins are too; and the time in which anything waited for a processor, where the kernel counts that.
    """

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._late = 0.0
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._waited = 0.0

    def __enter__(self) -> Self:
        self._waited = _waiting()
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        """Give for how many seconds somebody had to wait so far, at most."""
        return max(self._late, _waiting() - self._waited)

    def _beat(self) -> None:
        due = time.monotonic() + _BEAT
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            now = time.monotonic()
            self._late += now - due if now - due > _ORDINARY else 0.0
            due = now + _BEAT


def _waiting() -> float:
    """Give the seconds in which some task waited for a processor; 0 where nobody counts them."""
    try:
        some = _PRESSURE.read_text(encoding="ascii").splitlines()[0]
        return int(some.rpartition("total=")[2]) / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0
