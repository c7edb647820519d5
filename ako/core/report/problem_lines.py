"""The lines in the log about faults of users' objects: each told once, and of many that come together only some.

What concerns hundreds of objects at once is an outage of something else: their owners are told by Events, and whoever
reads the log by some examples and a count. The lines that are known from AKO come for each object.
"""

from __future__ import annotations

import logging

from ako.core.base.allowance import Allowance
from ako.core.base.log import AKO_TEXTS, about, told
from ako.core.base.outages import QUIET, Clock
from ako.core.base.refs import ObjectRef
from ako.core.base.wording import some_of
from ako.core.hooks.claims import Problem

_log = logging.getLogger(__name__)

_AT_ONCE, _SECONDS_EACH = 20.0, 30.0
"""How many problems of one reason are told at once, and seconds until one more is."""

_OF_OUTAGES = dict.fromkeys(("Rejected", "Unreadable"), (3.0, 1800.0))
"""The same of reasons that many objects have where something is wrong that is none of theirs."""

_GATHERING, _LONGEST_GATHERING = 10.0, 3600.0
"""Seconds between a line that is left out and the one that counts it, and most seconds between two of these."""


class _Gathered:
    """Problems of one reason that were not told."""

    def __init__(self, reason: str, now: float) -> None:
        self.allowance = Allowance(*_OF_OUTAGES.get(reason, (_AT_ONCE, _SECONDS_EACH)), now)
        self.objects: dict[ObjectRef, None] = {}
        self.due = 0.0
        self.pause = _GATHERING


class ProblemLines:
    """Writes them.

    Args:
        clock: seconds, growing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_reason: dict[str, _Gathered] = {}

    def tell(self, problem: Problem) -> None:
        """Tell a problem, or gather it with others of its reason."""
        now = self._clock()
        is_left_out = not problem.message.startswith(AKO_TEXTS) and not self._is_allowed(problem, now)
        _log.log(
            logging.DEBUG if is_left_out else logging.WARNING,
            "%s",
            told(problem.reason, problem.message, problem.remedy),
            extra=about(problem.source.key, reason=problem.reason, remedy=problem.remedy),
        )

    def _is_allowed(self, problem: Problem, now: float) -> bool:
        gathered = self._by_reason.get(problem.reason)
        if gathered is None:
            gathered = self._by_reason[problem.reason] = _Gathered(problem.reason, now)
        if not gathered.allowance.take(now):
            return True
        if not gathered.objects:
            gathered.pause = _GATHERING if now - gathered.due > QUIET else gathered.pause
            gathered.due = now + gathered.pause
        gathered.objects[problem.source] = None
        return False

    @property
    def next_due(self) -> float | None:
        """Give the time at which something that was left out is to be counted, None if nothing was."""
        return min((gathered.due for gathered in self._by_reason.values() if gathered.objects), default=None)

    def sum_up(self, *, is_last: bool = False) -> None:
        """Count what was left out, if it is time."""
        now = self._clock()
        for reason, gathered in self._by_reason.items():
            if not gathered.objects or (gathered.due > now and not is_last):
                continue
            count, names = len(gathered.objects), some_of(ref.key for ref in gathered.objects)
            have = "1 more object has" if count == 1 else f"{count} more objects have"
            text = "%s: %s a problem of this reason: %s; each is told by an Event"
            _log.warning(text, reason, have, names, extra=about(reason=reason))
            gathered.objects.clear()
            gathered.pause = min(gathered.pause * 4, _LONGEST_GATHERING)
