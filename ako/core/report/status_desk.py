"""Writes statuses back to Kubernetes, and has everything told that is to be told there."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from ako.core.base.backoff import Pace
from ako.core.base.log import about
from ako.core.base.moment import filled, rfc3339_now
from ako.core.base.outages import Seldom
from ako.core.base.refs import Kind, ObjectRef
from ako.core.hooks.claims import Problem
from ako.core.kube.cluster import Cluster, Event, WriteOutcome, WriteResult
from ako.core.report.announcer import Announcer, Post, Written, written_by

_log = logging.getLogger(__name__)

Patch = Mapping[str, Any]


class Write(NamedTuple):
    """A status to be written; `version`: only if that is the object's resourceVersion still."""

    patch: Patch
    version: str


WRITERS = 8
"""Statuses written at a time: the API server takes a few milliseconds for each."""


_NOT_WRITTEN = frozenset({WriteOutcome.RETRY, WriteOutcome.OUTDATED, WriteOutcome.REFUSED})


class StatusDesk:
    """Coalesces status writes: what is wanted while a write is under way replaces what was wanted before.

    Whoever says that an object was `seen` anew says afterwards what is wanted: a write that was under way may have gone
    to the object before, which nobody sees any more.

    Args:
        cluster: takes the writes; called from threads of the desk.
        pace: when to try a failed write again.
        post: has the thinking thread run something; all state here belongs to that thread.
    """

    def __init__(self, cluster: Cluster, pace: Pace, post: Post) -> None:
        self._cluster = cluster
        self._pace = pace
        self._post = post
        self._pool = ThreadPoolExecutor(WRITERS, "status")
        self._wanted: dict[ObjectRef, Write] = {}
        self._running: dict[ObjectRef, Write] = {}
        self._stale: set[ObjectRef] = set()
        """Objects that were seen anew since their write was sent."""
        self._written: dict[ObjectRef, Write] = {}
        self._refused: dict[ObjectRef, str] = {}
        self._failures: dict[ObjectRef, int] = {}
        self._outdated: set[ObjectRef] = set()
        """Objects that changed before their status came, and were not seen since."""
        self._retry_at: dict[ObjectRef, float] = {}
        self._lines = Seldom[str](pace.clock, at_first=3)
        self.announcer = Announcer(cluster.write_event, pace, post)
        self.written: Counter[Written] = Counter()
        """What became of the statuses that were sent; not of those that nobody wants any more."""

    def write(self, ref: ObjectRef, patch: Patch | None, version: str = "") -> None:
        """Want a status; None: the status is right as it is. With a version: as long as the object has that."""
        if patch is None:
            for held in (self._wanted, self._refused, self._retry_at):
                held.pop(ref, None)
            return
        wanted = Write(patch, version)
        is_under_way = wanted == self._running.get(ref) and ref not in self._stale
        if is_under_way or wanted == self._written.get(ref):
            return
        if ref in self._refused and wanted != self._wanted.get(ref):
            self._retry_at.pop(ref, None)
        self._wanted[ref] = wanted
        self._start(ref)

    def seen(self, refs: Iterable[ObjectRef]) -> None:
        """Note that objects were seen anew: what was written to them is no longer to be relied on."""
        for ref in refs:
            self._written.pop(ref, None)
            if ref in self._running:
                self._stale.add(ref)
            if ref in self._refused or ref in self._outdated:
                self._retry_at.pop(ref, None)

    def unconfirmed(self, kinds: Collection[Kind]) -> tuple[ObjectRef, ...]:
        """Give the objects of some kinds to which a status was sent that nobody has seen on them yet."""
        return tuple(ref for ref in (*self._running, *self._written) if ref.kind in kinds)

    def forget(self, ref: ObjectRef) -> None:
        """Forget an object that is gone."""
        self.seen((ref,))
        for held in (self._wanted, self._refused, self._failures, self._retry_at):
            held.pop(ref, None)
        self._outdated.discard(ref)

    def drop(self) -> None:
        """Want nothing any more, and rely on nothing that was written: all of it is worked out anew."""
        for held in (self._wanted, self._written, self._refused, self._failures, self._retry_at):
            held.clear()
        self._outdated.clear()
        self._stale.update(self._running)

    def tell(self, ref: ObjectRef, problems: Iterable[Problem]) -> None:
        """Have it told what is wrong with an object now: these problems, and no others any more."""
        self.announcer.stand(ref, problems)

    def announce(self, ref: ObjectRef, event: Event) -> None:
        """Attach an Event to an object, in its own time."""
        self.announcer.announce(ref, event)

    def send_due(self) -> None:
        """Tell, and try again, what has waited long enough."""
        self.announcer.tell_due()
        now = self._pace.clock()
        for ref in [ref for ref, time in self._retry_at.items() if time <= now]:
            del self._retry_at[ref]
            self._start(ref)

    @property
    def next_due(self) -> float | None:
        """Give the time at which something is due, None if nothing is."""
        times = (min(self._retry_at.values(), default=None), self.announcer.next_due)
        return min((time for time in times if time is not None), default=None)

    @property
    def waiting(self) -> int:
        """Give how many statuses and Events are not written yet, those that Kubernetes refuses among them."""
        unsent = sum(ref not in self._running for ref in self._wanted)
        return unsent + len(self._running) + self.announcer.waiting

    @property
    def under_way(self) -> int:
        """Give how many statuses are being written; any thread may ask."""
        return len(self._running)

    @property
    def is_idle(self) -> bool:
        """Say whether every Event and every wanted status is written, but for those that Kubernetes refuses."""
        return not self.is_announcing and not self._running and self._wanted.keys() <= self._refused.keys()

    @property
    def is_announcing(self) -> bool:
        """Say whether there is something to tell that is not told yet."""
        return not self.announcer.is_idle

    def close(self) -> None:
        """Let the writes in hand come to their end."""
        self.announcer.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, ref: ObjectRef) -> None:
        if ref in self._running or ref in self._retry_at or ref not in self._wanted:
            return
        self._outdated.discard(ref)
        write = self._wanted.pop(ref)
        self._running[ref] = write
        self._pool.submit(self._write, ref, write)

    def _write(self, ref: ObjectRef, write: Write) -> None:
        try:
            result = self._cluster.write_status(ref, filled(write.patch, rfc3339_now()), write.version)
        except Exception as error:  # noqa: BLE001 - see below
            # A fault of this program: the object's status must not stand still for ever because of it.
            _log.exception("status not written", extra=about(ref.key))
            result = WriteResult(WriteOutcome.RETRY, repr(error))
        self._post(lambda: self._finish(ref, write, result))

    def _finish(self, ref: ObjectRef, write: Write, result: WriteResult) -> None:
        del self._running[ref]
        if (written := written_by(result.outcome)) is not None:
            self.written[written] += 1
        is_stale = ref in self._stale
        self._stale.discard(ref)
        if result.outcome in _NOT_WRITTEN:
            if not is_stale:
                self._wanted.setdefault(ref, write)
            is_worked_out_anew = is_stale and result.outcome is WriteOutcome.OUTDATED
            if ref in self._wanted and not is_worked_out_anew:
                self._failed(ref, write, result)
        else:
            self._failures.pop(ref, None)
            self._refused.pop(ref, None)
            if result.outcome is WriteOutcome.DONE and not is_stale:
                self._written[ref] = write
        self._start(ref)

    def _failed(self, ref: ObjectRef, write: Write, result: WriteResult) -> None:
        """Have a write tried again, or the one that took its place; one that was refused rarely, unless it differs.

        One that is outdated is worked out anew as soon as the object is seen; until then it waits like any other.
        """
        now = self._pace.clock()
        if result.outcome is not WriteOutcome.REFUSED:
            if result.outcome is WriteOutcome.OUTDATED:
                self._outdated.add(ref)
            self._failures[ref] = self._failures.get(ref, 0) + 1
            self._retry_at[ref] = now + self._pace.wait(self._failures[ref])
            return
        self._failures.pop(ref, None)
        if self._refused.get(ref) != result.message:
            self._refused[ref] = result.message
            self._tell_refusal(ref, result.message)
        if self._wanted[ref] == write:
            self._retry_at[ref] = now + self._pace.long_wait()

    def _tell_refusal(self, ref: ObjectRef, message: str) -> None:
        """Tell that Kubernetes refuses a status: of each kind at first, then seldom."""
        level, more = self._lines.weigh(ref.kind.name, "and {} more of this kind")
        _log.log(level, "status not written: %s%s", message, more, extra=about(ref.key, reason="StatusRefused"))
