"""A part of each turn of the loop; what is wrong with one costs no other, and never the process."""

from __future__ import annotations

from collections.abc import Callable

from ako.core.base.backoff import Backoff, Pace
from ako.core.base.faults import Faults


class Stage:
    """Is run at each turn; after a fault of this program it is left out for a while, each time for longer.

    Args:
        name: in a word, for logs and metrics.
        act: what it does.
        pace: time.

    Attributes:
        faults: those that nobody inside has contained.
    """

    def __init__(self, name: str, act: Callable[[], None], pace: Pace) -> None:
        self.faults = Faults(name)
        self._act = act
        self._pace = pace
        self._backoff = Backoff(pace)
        self._rests_until = float("-inf")

    @property
    def is_resting(self) -> bool:
        """Say whether it is left out at present."""
        return self._pace.clock() < self._rests_until

    def run(self) -> bool:
        """Act, if it does not rest; say whether nothing went wrong."""
        if self.is_resting:
            return True
        with self.faults.contained("a part of each turn"):
            self._act()
            self._backoff.succeeded()
            return True
        self._rests_until = self._pace.clock() + self._backoff.failed()
        return False
