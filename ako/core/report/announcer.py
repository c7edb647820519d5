"""Problems and Events: each problem is told once, as a log line and as an Event on its object.

It is told when it has stood for a moment. Objects that belong together come one after the other (helm creates an
Ingress before its Service); what is wrong for as long as that takes would only alarm those who read it later, in
`kubectl describe` as in the log.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

from ako.core.base.backoff import Pace
from ako.core.base.log import about
from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import Problem
from ako.core.kube.cluster import Event, WriteOutcome
from ako.core.report.problem_lines import ProblemLines

_log = logging.getLogger(__name__)

Post = Callable[[Callable[[], None]], None]


class Written(StrEnum):
    """What became of a status or an Event that was sent."""

    WRITTEN = "written"
    FAILED = "failed"


class Announcer:
    """Tells what there is to tell, in the order in which it comes, in a thread of its own.

    Args:
        write: takes Events; called from that thread.
        pace: the clock, and how long a problem has to stand.
        post: has the thinking thread run something; all state here belongs to that thread.
    """

    def __init__(self, write: Callable[[ObjectRef, Event], WriteOutcome], pace: Pace, post: Post) -> None:
        self.grace = pace.grace
        """Seconds; whoever ends when all is in line waits for nothing to come, and for no grace."""
        self._write = write
        self._clock = pace.clock
        self._post = post
        self._writer = ThreadPoolExecutor(1, "event")
        self._standing: dict[ObjectRef, frozenset[Problem]] = {}
        self.counts: Counter[str] = Counter()
        """How many problems stand, by reason."""
        self._untold: dict[ObjectRef, dict[Problem, float]] = {}
        """Since when problems stand that are not told yet."""
        self._writing = 0
        self._lines = ProblemLines(pace.clock)
        self.written: Counter[Written] = Counter()
        """What became of the Events that were sent."""

    def stand(self, ref: ObjectRef, problems: Iterable[Problem]) -> None:
        """Note which problems an object has now; those that are new are told if they stay."""
        current = dict.fromkeys(problems)
        before, untold = self._standing.pop(ref, frozenset()), self._untold.pop(ref, {})
        self.counts.subtract(problem.reason for problem in before)
        self.counts.update(problem.reason for problem in current)
        if current:
            self._standing[ref] = frozenset(current)
        now = self._clock()
        new = {problem: untold.get(problem, now) for problem in current if problem in untold or problem not in before}
        if new:
            self._untold[ref] = new

    def tell_due(self) -> None:
        """Tell what has stood long enough."""
        until = self._clock() - self.grace
        for ref, problems in list(self._untold.items()):
            for problem in [problem for problem, since in problems.items() if since <= until]:
                del problems[problem]
                self._lines.tell(problem)
                self.announce(ref, Event(type="Warning", reason=problem.reason, message=problem.explanation))
            if not problems:
                del self._untold[ref]
        self._lines.sum_up()

    def announce(self, ref: ObjectRef, event: Event) -> None:
        """Attach an Event to an object, in its own time."""
        self._writing += 1
        self._writer.submit(self._send, ref, event)

    @property
    def next_due(self) -> float | None:
        """Give the time at which something is to be told, None if nothing is."""
        since = (since for problems in self._untold.values() for since in problems.values())
        first = min(since, default=None)
        times = (None if first is None else first + self.grace, self._lines.next_due)
        return min((time for time in times if time is not None), default=None)

    @property
    def waiting(self) -> int:
        """Give how many Events are not written yet, but for what has not stood long enough."""
        return self._writing

    @property
    def is_idle(self) -> bool:
        """Say whether everything is told and written."""
        return not self._untold and not self._writing

    @property
    def open_problems(self) -> Iterator[Problem]:
        """Give every problem that stands, told or not."""
        return (problem for problems in self._standing.values() for problem in sorted(problems))

    def close(self) -> None:
        """Let the Event in hand be written, and no other."""
        self._writer.shutdown(wait=True, cancel_futures=True)
        self._lines.sum_up(is_last=True)

    def _send(self, ref: ObjectRef, event: Event) -> None:
        try:
            outcome = self._write(ref, event)
        except Exception:  # noqa: BLE001 - a fault of this program: nobody may wait for ever for this Event
            _log.exception("Event not written", extra=about(ref.key))
            outcome = WriteOutcome.RETRY
        self._post(lambda: self._sent(outcome))

    def _sent(self, outcome: WriteOutcome) -> None:
        self._writing -= 1
        if (written := written_by(outcome)) is not None:
            self.written[written] += 1


def written_by(outcome: WriteOutcome) -> Written | None:
    """Give the word for an outcome; None where there was nothing to write any more, or something else by now."""
    if outcome is WriteOutcome.DONE:
        return Written.WRITTEN
    return Written.FAILED if outcome in {WriteOutcome.REFUSED, WriteOutcome.RETRY} else None
