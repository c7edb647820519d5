"""How many Events are written.

An object that causes one after the other is held back as by client-go: 25 at once, then one every five minutes. All
objects together are held back as by kubelet: 100 at once, then 50 a second.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from ako.core.base.allowance import Allowance
from ako.core.base.refs import ObjectRef

_BURST, _SECONDS_EACH = 25.0, 300.0
_BURST_OF_ALL, _SECONDS_EACH_OF_ALL = 100.0, 0.02
_REMEMBERED = 4096


class EventLimits:
    """Says who may write an Event, and when; for any number of threads.

    Args:
        clock: seconds.
        pause: lets seconds pass; says whether everything ends.
    """

    def __init__(self, clock: Callable[[], float], pause: Callable[[float], object]) -> None:
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._of_all = Allowance(_BURST_OF_ALL, _SECONDS_EACH_OF_ALL, clock())
        self._of_each: OrderedDict[ObjectRef, Allowance] = OrderedDict()

    def admits(self, ref: ObjectRef) -> bool:
        """Say whether there may be one more Event of an object."""
        with self._lock:
            now = self._clock()
            allowance = self._of_each.pop(ref, None) or Allowance(_BURST, _SECONDS_EACH, now)
            self._of_each[ref] = allowance
            if len(self._of_each) > _REMEMBERED:
                self._of_each.popitem(last=False)
            return not allowance.take(now)

    def wait(self) -> None:
        """Wait until there may be one more Event; whoever is about to end does not wait."""
        while (seconds := self._take()) and not self._pause(seconds):
            pass

    def _take(self) -> float:
        with self._lock:
            return self._of_all.take(self._clock())
