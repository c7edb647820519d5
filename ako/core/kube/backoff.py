"""How long to wait before the next try: exponential, with jitter and a ceiling."""

from __future__ import annotations

from random import Random


class Backoff:
    """Delays that double from one failure to the next and start over after a success."""

    def __init__(self, rng: Random, *, first_seconds: float = 0.5, ceiling_seconds: float = 30.0) -> None:
        self._rng = rng
        self._first = first_seconds
        self._ceiling = ceiling_seconds
        self._next = first_seconds

    def failed(self, at_least: float = 0.0) -> float:
        """Give the seconds to wait: half of the current delay to all of it, or longer if the server says so."""
        delay, self._next = self._next, min(self._next * 2, self._ceiling)
        return max(at_least, delay * self._rng.uniform(0.5, 1.0))

    def succeeded(self) -> None:
        """Start over."""
        self._next = self._first
