"""The election among replicas as it runs: the Lease is read and written, and the fence opened and shut accordingly.

Two threads: one asks the API server, the other looks at the clock, so that an API server that does not answer keeps
nobody from stopping in time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from msgspec import Struct

from ako.core.base.fence import ALWAYS, Clock, Fence, boot_time
from ako.core.base.log import about
from ako.core.base.moment import duration
from ako.core.control.leadership import Leadership, Look, Phase, Put, Terms
from ako.core.kube.cluster import Event
from ako.core.kube.errors import KubeRefused
from ako.core.kube.lease import Lease, Lock

_log = logging.getLogger(__name__)

_LONGEST_WAIT = 60.0
_PASSING = frozenset({401, 404, 408, 409, 429})
"""Refusals that end by themselves, or that tell that somebody else was first."""


class Standing(Struct, frozen=True):
    """How an election stands.

    Attributes:
        phase: what this replica is.
        holder: who has the Lease; empty: nobody.
        transitions: how often the Lease went from one to another.
        trouble: why the Lease cannot be read or written; empty if it can.
    """

    phase: Phase
    holder: str = ""
    transitions: int = 0
    trouble: str = ""


class Election:
    """Takes part for one replica.

    Args:
        leadership: what it may conclude.
        terms: the times.
        lock: reads and writes the Lease.
        fence: what writes of ours have to pass.
        on_news: is told of each change; called on threads of the election.
        clock: seconds, growing.
    """

    def __init__(
        self,
        leadership: Leadership,
        terms: Terms,
        lock: Lock,
        fence: Fence,
        on_news: Callable[[Standing], None],
        clock: Clock = boot_time,
    ) -> None:
        self._leadership = leadership
        self._terms = terms
        self._lock = lock
        self._fence = fence
        self._on_news = on_news
        self._clock = clock
        self._changed = threading.Condition()
        self._is_ending = False
        self._won = -1
        self._told: Standing | None = None
        self._lost_at: float | None = None
        self._untold: list[str] = []
        self._refused: set[str] = set()
        self._threads = [
            threading.Thread(target=self._take_part, name="election", daemon=True),
            threading.Thread(target=self._watch_the_clock, name="fence", daemon=True),
        ]

    def start(self) -> None:
        """Begin to take part."""
        with self._changed:
            self._follow()
        for thread in self._threads:
            thread.start()

    def want(self, *, alone: bool, first: int) -> None:
        """Take in whether there is one replica only, and the number of the first pod of the StatefulSet."""
        with self._changed:
            self._leadership.want(self._clock(), alone=alone, first=first)
            self._follow()
            self._changed.notify_all()

    def close(self) -> None:
        """Hand the Lease over, if we have it and all writes in hand have ended: what is cut off may yet be done."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        last = self._leadership.resignation(self._clock())
        was_writing = self._fence.shut()
        if last is not None and not was_writing:
            try:
                self._lock.write(last.claim, last.before, self._terms.patience)
                _log.info("%s gave the Lease %s back", self._leadership.me.identity, self._lock.ref.key)
            except Exception as error:  # noqa: BLE001 - the others wait until it runs out
                _log.warning("the Lease %s was not given back: %s", self._lock.ref.key, error)
        self._lock.close()

    def _take_part(self) -> None:
        while True:
            with self._changed:
                if self._is_ending:
                    return
                now = self._clock()
                if (step := self._leadership.step(now)) is None:
                    is_alone = self._leadership.phase(now) is Phase.ALONE
                    wait = _LONGEST_WAIT if is_alone else max(0.0, self._leadership.due - now)
                    self._changed.wait(min(wait, _LONGEST_WAIT))
                    continue
            self._carry_out(step)
            self._tell_in_cluster()

    def _carry_out(self, step: Look | Put) -> None:
        """Read or write the Lease; whatever goes wrong is a failure to renew it."""
        sent = self._clock()
        lease: Lease | None = None
        failure: Exception | None = None
        try:
            if isinstance(step, Put):
                lease = self._lock.write(step.claim, step.before, self._terms.patience)
            else:
                lease = self._lock.read(self._terms.patience)
        except Exception as error:  # noqa: BLE001 - see above
            failure = error
        with self._changed:
            now = self._clock()
            if failure is not None:
                status = failure.status if isinstance(failure, KubeRefused) else 0
                trouble = self._trouble(_verb(step), status, failure)
                self._leadership.failed(now, status, trouble, is_write=isinstance(step, Put))
            elif isinstance(step, Put) and lease is not None:
                self._leadership.written(sent, now, lease)
            else:
                self._leadership.looked(now, lease)
            if failure is None:
                self._refused.discard(_verb(step))
            self._follow()
            self._changed.notify_all()

    def _trouble(self, verb: str, status: int, failure: Exception) -> str:
        """Say what is in the way; what is refused is also a line in the log, once until it is granted."""
        key = self._lock.ref.key
        trouble = f"{key}: {verb} failed: {failure}"
        if status == HTTPStatus.FORBIDDEN:
            trouble = (
                f"the right to {verb} {key} is missing, without which no replica can be elected: {failure}. "
                "Grant it with what `ako rbac` prints: `ako rbac | kubectl apply -f -`"
            )
        is_refusal = 400 <= status < 500 and status not in _PASSING
        if is_refusal and verb not in self._refused:
            self._refused.add(verb)
            _log.warning("%s", trouble)
        return trouble

    def _watch_the_clock(self) -> None:
        """Shut the fence when the time has come, whatever the API server does."""
        with self._changed:
            while not self._is_ending:
                self._follow()
                now = self._clock()
                is_leading = self._leadership.phase(now) is Phase.LEADING
                self._changed.wait(min(self._leadership.until - now, _LONGEST_WAIT) if is_leading else _LONGEST_WAIT)

    def _follow(self) -> None:
        """Open or shut the fence as the election stands, and tell if that is news."""
        leadership, fence = self._leadership, self._fence
        phase = leadership.phase(self._clock())
        was_open = self._told is not None and self._told.phase is not Phase.STANDBY
        if was_open and (phase is Phase.STANDBY or leadership.term != self._won):
            fence.shut()
            self._tell(Phase.STANDBY)
        self._won = leadership.term
        if phase is Phase.ALONE:
            fence.open(ALWAYS, 0.0)
        elif phase is Phase.LEADING:
            fence.open(leadership.until, self._terms.grace)
        self._tell(phase)

    def _tell(self, phase: Phase) -> None:
        leadership, before, lock = self._leadership, self._told, self._lock.ref
        standing = Standing(phase, leadership.holder, leadership.transitions, leadership.trouble)
        if standing == before:
            return
        self._told = standing
        is_new = before is None or before.phase is not phase
        if is_new and phase is Phase.LEADING:
            self._tell_victory()
            self._untold.append(f"{leadership.me.identity} became leader")
        elif is_new and before is not None and before.phase is not Phase.STANDBY and phase is Phase.STANDBY:
            why = leadership.trouble or f"the Lease is with {leadership.holder or 'nobody'}"
            self._lost_at = self._clock()
            text, fields = "%s does not lead any more and writes nothing: %s", about(lock.key, reason="LeaseLost")
            _log.warning(text, leadership.me.identity, why, extra=fields)
        elif phase is Phase.STANDBY and (is_new or (before is not None and before.holder != standing.holder)):
            _log.info("standby, leader is %s", leadership.holder or "not known")
        self._on_news(standing)

    def _tell_victory(self) -> None:
        """Tell that this replica leads, and for how long it did not if it had lost that."""
        lost_at, self._lost_at = self._lost_at, None
        seconds = None if lost_at is None else self._clock() - lost_at
        again = "" if seconds is None else f" again, after {duration(seconds)}"
        fields = about(self._lock.ref.key, reason="LeaderElection", seconds=seconds)
        _log.info("%s became leader%s", self._leadership.me.identity, again, extra=fields)

    def _tell_in_cluster(self) -> None:
        """Attach to the Lease what there is to say of it, as long as it is ours."""
        with self._changed:
            messages, self._untold = self._untold, []
            lease = self._leadership.lease
            is_leading = self._leadership.phase(self._clock()) is Phase.LEADING
        if lease is None or not is_leading:
            return
        for message in messages:
            event = Event(type="Normal", reason="LeaderElection", message=message)
            try:
                self._lock.tell(lease, event, datetime.now(UTC), self._terms.patience)
            except Exception as error:  # noqa: BLE001 - nothing depends on it
                _log.info("the Event %s was not written: %s", event.reason, error)


def _verb(step: Look | Put) -> str:
    """Give what a step does to the Lease, as rights call it."""
    if isinstance(step, Look):
        return "get"
    return "create" if step.before is None else "update"
