"""What is being done, and how much of it: for whoever watches; counted where the work is done, at no cost else."""

from __future__ import annotations

import threading
from typing import Protocol

from msgspec import Struct


class Doing(Struct, frozen=True):
    """Something that is under way.

    Attributes:
        what: in words, such as `reading the Avi Controller`.
        done: how many of the things are done.
        of: how many there are, as far as that is known; 0: nobody knows.
        things: what is counted, such as `objects`; empty where nothing is.
    """

    what: str
    done: int = 0
    of: int = 0
    things: str = ""

    def __str__(self) -> str:
        if not self.things:
            return self.what
        of = f" of {max(self.done, self.of):,}" if self.of else ""
        return f"{self.what}: {self.done:,}{of} {self.things}"


class Counting(Protocol):
    """Is told how far something is."""

    def __call__(self, done: int = 0, of: int = 0) -> None:
        """Note that so many more are done, and that there are so many more to do in all; any thread may say so."""


class Count:
    """How much is done of how much, as several threads have told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.done = self.of = 0

    def __call__(self, done: int = 0, of: int = 0) -> None:
        """Note what `Counting` says."""
        with self._lock:
            self.done += done
            self.of += of


def uncounted(done: int = 0, of: int = 0) -> None:
    """Note nothing: nobody watches."""
