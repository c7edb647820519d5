"""How much of something may be done: so much at once, and more as time passes (a token bucket)."""

from __future__ import annotations


class Allowance:
    """So many at once, then one every so many seconds.

    Args:
        burst: how many at once.
        seconds_each: how long one more takes to be allowed.
        now: the time, in seconds.
    """

    __slots__ = ("_burst", "_left", "_seconds_each", "_since")

    def __init__(self, burst: float, seconds_each: float, now: float) -> None:
        self._burst = burst
        self._seconds_each = seconds_each
        self._left = burst
        self._since = now

    def take(self, now: float) -> float:
        """Take one; give 0.0, or the seconds until there is one, and then nothing is taken."""
        self._left = min(self._burst, self._left + (now - self._since) / self._seconds_each)
        self._since = now
        if self._left < 1.0 - _ROUNDING:
            return (1.0 - self._left) * self._seconds_each
        self._left = max(0.0, self._left - 1.0)
        return 0.0


_ROUNDING = 1e-9
"""Who waits as long as was said finds one, however the fractions were rounded."""
