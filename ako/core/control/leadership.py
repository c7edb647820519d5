"""Who writes, among several replicas: what one of them may conclude from the Lease, and what it does next.

Nothing here waits or asks; time is an argument, in seconds of a clock of this machine. The rules:

* A holder counts from before it sent the request that renewed the Lease, and writes for `renew_seconds` from then.
* Others count from when they first saw the Lease as it is, and may have it `lease_seconds` later (as the holder wrote
  it): later than the holder stops by the difference of the two at least.
* What somebody edited by hand counts as renewed at that moment, for our length at least: who worked may work still.
* Where there is no Lease, a pod of a StatefulSet makes one only if it is the first; that one may be at work without.
* The first pod of a StatefulSet of one works without a Lease that runs out. If there is one from times with more
  replicas it is held for good, so that no pod that comes later takes it for free.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from zlib import crc32

from msgspec import Struct

from ako.core.base.fence import NEVER
from ako.core.kube.lease import FOR_GOOD, Claim, Lease, micro_time

_FORBIDDEN = 403
_OVERTAKEN = frozenset({404, 409})
_LONGEST = 3600
"""Seconds; no holder of ours writes a greater length, but for good."""
_RELEASED = 1
"""The length of a Lease that was given back: nobody who holds one writes it."""
_MOST_TRANSITIONS = 2**31 - 1
_MOST_OWN = 16
"""How many writes of ours are known again: one that had no answer may be carried out later than those after it."""


class Terms(Struct, frozen=True):
    """The times of an election, in seconds.

    Attributes:
        lease_seconds: how long the Lease stays with a holder that is not heard of.
        renew_seconds: how long a holder writes that cannot renew it.
        retry_seconds: how often it is renewed.
    """

    lease_seconds: int
    renew_seconds: float
    retry_seconds: float

    @property
    def patience(self) -> float:
        """Give how long a connection, and an answer, may take: so short that there is time for two tries."""
        return self.renew_seconds / 4

    @property
    def grace(self) -> float:
        """Give how long after the last moment of a holder a network may still deliver what it wrote."""
        return (self.lease_seconds - self.renew_seconds) / 2


class Candidate(Struct, frozen=True):
    """One replica.

    Attributes:
        pod: the name of its pod.
        identity: that, and what no other process has.
        ordinal: its number in our StatefulSet; None if it is in none.
    """

    pod: str
    identity: str
    ordinal: int | None = None


class Phase(Enum):
    """What a replica is."""

    STANDBY = "standby"
    LEADING = "leading"
    ALONE = "alone"


class Look(Struct, frozen=True):
    """The Lease is to be read."""


class Put(Struct, frozen=True):
    """The Lease is to be written, if it is still as it was before."""

    claim: Claim
    before: Lease | None


class Leadership:
    """One replica's view of the election.

    Args:
        me: this replica.
        terms: the times.
        now: the time of day, for the record.
        is_alone: whether it works alone already.

    Attributes:
        wants_alone: there is one replica, and no need of a Lease.
        first: the number of the first pod of the StatefulSet.
        term: grows each time the Lease is won.
    """

    def __init__(self, me: Candidate, terms: Terms, now: Callable[[], datetime], *, is_alone: bool = False) -> None:
        self.me = me
        self.wants_alone = is_alone
        self.first = 0
        self.term = 0
        self._terms = terms
        self._now = now
        self._step = timedelta(microseconds=1 + crc32(me.identity.encode()) % 1_000_000)
        self._is_alone = is_alone
        self._until = NEVER
        self._due = NEVER
        self._must_look = True
        self._since: float | None = None
        self._lease: Lease | None = None
        self._was_there = False
        self._unread = self._unwritten = ""
        self._forbidden_since: float | None = None
        self._own: deque[str | None] = deque(maxlen=_MOST_OWN)

    # What it is.

    def phase(self, now: float) -> Phase:
        """Say what this replica is."""
        if self._is_alone:
            return Phase.ALONE
        return Phase.LEADING if now < self._until else Phase.STANDBY

    @property
    def until(self) -> float:
        """Give the time from which on it does not lead, unless it renews the Lease before."""
        return self._until

    @property
    def due(self) -> float:
        """Give the time of the next step."""
        return self._due

    @property
    def lease(self) -> Lease | None:
        """Give the Lease as last seen."""
        return self._lease

    @property
    def holder(self) -> str:
        """Give who has the Lease as last seen; empty: nobody."""
        return (self._lease.claim.holder_identity or "") if self._lease else ""

    @property
    def transitions(self) -> int:
        """Give how often the Lease went from one to another."""
        return (self._lease.claim.lease_transitions or 0) if self._lease else 0

    @property
    def trouble(self) -> str:
        """Give why the Lease cannot be read or written; empty if it can, or if somebody else is seen to write it."""
        return self._unread or self._unwritten

    # What it does.

    def want(self, now: float, *, alone: bool, first: int = 0) -> None:
        """Take in whether there is one replica only, and the number of the first.

        Who was alone goes on as if it had the Lease, which nobody else may take or make, and gets it at once.
        """
        self.first = first
        if alone == self.wants_alone:
            return
        self.wants_alone, self._due = alone, now
        if self._is_alone and not alone:
            self._is_alone, self._must_look, self._until = False, True, now + self._terms.renew_seconds

    def step(self, now: float) -> Look | Put | None:
        """Give what is to be done now; None if it is too early."""
        if self._is_alone or now < self._due:
            return None
        if self._must_look or not (self.phase(now) is Phase.LEADING or self._may_take(now)):
            return Look()
        claim = self._claim()
        self._own.append(claim.renew_time)
        return Put(claim, self._lease)

    def looked(self, now: float, lease: Lease | None) -> None:
        """Take in the Lease as it was read; `now` is when the answer was there."""
        self._unread, self._forbidden_since = "", None
        if self._since is None or self._version(lease) != self._version(self._lease):
            self._since = now
            if lease is not None and not self._is_mine(lease):
                self._unwritten = ""
        self._lease, self._must_look = lease, False
        self._was_there |= lease is not None
        is_leading = self.phase(now) is Phase.LEADING
        if is_leading and self.holder and not self._is_mine(lease):
            self._until, is_leading = NEVER, False
        if not is_leading and lease is None and self.wants_alone and self._may_create:
            # One that was there before may have been taken away under its holder.
            self._is_alone = not self._was_there or self._may_take(now)
        self._due = now if is_leading else self._next_look(now)

    def written(self, sent: float, now: float, lease: Lease) -> None:
        """Take in that the Lease was written by a request that was sent at a time; `now` is when the answer came."""
        self._unread, self._unwritten, self._forbidden_since, self._was_there = "", "", None, True
        if now >= self._until:
            self.term += 1
        self._lease, self._since, self._must_look = lease, now, False
        self._is_alone = lease.claim.lease_duration_seconds == FOR_GOOD
        self._until = sent + self._terms.renew_seconds
        self._due = sent + self._terms.retry_seconds

    def failed(self, now: float, status: int, trouble: str, *, is_write: bool = False) -> None:
        """Take in that a request failed, for whatever reason; what became of the Lease has to be looked at."""
        self._must_look = True
        if not is_write:
            self._unread = trouble
        elif status not in _OVERTAKEN:
            self._unwritten = trouble  # until it can be written: that it can be read helps nobody
        if self._lease is None:
            self._since = None  # one may have been made and taken away in between
        if status != _FORBIDDEN:
            self._forbidden_since = None
        elif self._forbidden_since is None:
            self._forbidden_since = now
        if self.wants_alone and self._may_create and self.phase(now) is Phase.STANDBY:
            self._is_alone = self._may_do_without(now)
        self._due = now + self._terms.retry_seconds / (10 if status in _OVERTAKEN else 2)

    def resignation(self, now: float) -> Put | None:
        """Give what hands the Lease over when the work has ended; None if it is not ours to hand over."""
        if self.phase(now) is not Phase.LEADING or self._must_look or self._lease is None:
            return None
        claim = self._lease.claim
        gone = Claim("", _RELEASED, claim.acquire_time, self._moment_after(claim), self.transitions)
        self._until = NEVER
        return Put(gone, self._lease)

    # How it concludes.

    @property
    def _may_create(self) -> bool:
        return self.me.ordinal in {None, self.first}

    def _is_mine(self, lease: Lease | None) -> bool:
        """Say whether the Lease is ours: written by this process, or for good by one before it in this very pod."""
        if lease is None:
            return False
        holder = lease.claim.holder_identity or ""
        was_mine = self.me.ordinal is not None and self._pod_of(lease) == self.me.pod
        return holder == self.me.identity or (was_mine and lease.claim.lease_duration_seconds == FOR_GOOD)

    def _may_do_without(self, now: float) -> bool:
        """Say whether we have been forbidden to look for so long that one who had a Lease has stopped.

        An API server that has just started may forbid what it allows a moment later. Where a Lease was seen, somebody
        may be able to renew it.
        """
        since = self._forbidden_since
        return not self._was_there and since is not None and now >= since + self._terms.lease_seconds

    def _may_take(self, now: float) -> bool:
        return self._since is not None and now >= self._free_at(self._since)

    def _free_at(self, since: float) -> float:
        """Give the time from which on the Lease may be had, if it stays as it is."""
        if self._lease is None:
            return since + self._terms.lease_seconds if self._may_create else float("inf")
        claim = self._lease.claim
        length, is_own = claim.lease_duration_seconds or 0, claim.renew_time in self._own
        if self.holder and self._is_mine(self._lease) and (is_own or length == FOR_GOOD):
            return NEVER
        if not self.holder and length == _RELEASED:
            return NEVER
        if length == FOR_GOOD and self._pod_of(self._lease).rpartition("-")[2].isdecimal():
            return float("inf")
        return since + (max(length, self._terms.lease_seconds) if length <= _LONGEST else self._terms.lease_seconds)

    @staticmethod
    def _pod_of(lease: Lease) -> str:
        return (lease.claim.holder_identity or "").rpartition("_")[0]

    def _next_look(self, now: float) -> float:
        free = now if self._since is None else self._free_at(self._since)
        return max(now, min(free, now + self._terms.retry_seconds / 2))

    def _claim(self) -> Claim:
        before = self._lease.claim if self._lease else Claim()
        is_mine, is_first = before.holder_identity == self.me.identity, self._lease is None
        moment = self._moment_after(before)
        return Claim(
            holder_identity=self.me.identity,
            lease_duration_seconds=FOR_GOOD if self._may_stay_alone else self._terms.lease_seconds,
            acquire_time=before.acquire_time if is_mine and before.acquire_time else moment,
            renew_time=moment,
            lease_transitions=min(self.transitions + (0 if is_mine or is_first else 1), _MOST_TRANSITIONS),
        )

    @property
    def _may_stay_alone(self) -> bool:
        """Say whether a Lease that is there may be held for good: only where a pod of this name comes back."""
        return self.wants_alone and self.me.ordinal is not None and self._may_create

    def _moment_after(self, claim: Claim) -> str:
        """Give the time of day, or just after what the record says: a write that changes nothing would not be seen.

        How long after differs between processes: each knows its own writes again by that.
        """
        now, before = micro_time(self._now()), claim.renew_time or ""
        if now > before:
            return now
        try:
            return micro_time(datetime.fromisoformat(before) + self._step)
        except (ValueError, OverflowError):
            return now

    @staticmethod
    def _version(lease: Lease | None) -> tuple[str, str] | None:
        return None if lease is None else (lease.metadata.uid, lease.version)
