"""What is heard of each kind, and whether anything is: said in one line when it ends, and in one when it begins again.

Every reflector tells it what happens to its watch; whoever serves health and metrics asks it, from any thread.

A kind is *lost* from the moment when its watch broke, or when it was last heard of if that fell silent, until
something of it can be read again. One that the API server refuses, or does not serve, is not lost: we are heard.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from ako.core.base.backoff import Pace
from ako.core.base.log import about
from ako.core.base.moment import duration, rfc3339
from ako.core.base.outages import LONG, Seldom
from ako.core.base.refs import Kind

_log = logging.getLogger(__name__)

BLIND_SECONDS = 10.0
"""Seconds without a word of any kind after which that is said: an API server that restarts is back before."""

LOST_SECONDS = 200.0
"""Seconds without a word of some kinds only: by then a server that hangs has been noticed in all of them, for the last
one may have had a bookmark a minute after the first, falls silent, and is listed in vain."""


class End(StrEnum):
    """Why a watch was over, or could not begin."""

    ENDED = "ended"
    """The API server closed it in its time."""
    EXPIRED = "expired"
    """The version it was to go on from is forgotten (410)."""
    SILENT = "silent"
    """Nothing came of it, not even a bookmark."""
    BROKEN = "broken"
    """Its connection broke off."""
    REFUSED = "refused"
    """An answer with an error status."""
    GARBLED = "garbled"
    """An answer that cannot be understood."""
    FAILED = "failed"
    """No answer."""


class WatchReport(Struct, frozen=True, kw_only=True):
    """How one kind is followed.

    Attributes:
        kind: which.
        is_up: it was listed, and its changes are told as they come.
        heard_at: when anything came of it last, in seconds since 1970; 0: never.
        lost_at: since when it is lost, in seconds since 1970; 0: it is not.
        lost_seconds: for how long.
        reason: why it is lost.
        lists: how often it was read as a whole.
        ends: how often a watch was over or could not begin, by reason.
    """

    kind: Kind
    is_up: bool = False
    heard_at: float = 0.0
    lost_at: float = 0.0
    lost_seconds: float = 0.0
    reason: str = ""
    lists: int = 0
    ends: Mapping[End, int] = {}


class Blindness(Struct, frozen=True):
    """Kinds of which nothing is heard; false if there is none.

    Attributes:
        kinds: which.
        is_whole: nothing is heard of any other either.
        since: of the one that is lost for longest, in seconds since 1970.
        seconds: for how long.
        reason: why.
    """

    kinds: tuple[Kind, ...] = ()
    is_whole: bool = False
    since: float = 0.0
    seconds: float = 0.0
    reason: str = ""

    def __bool__(self) -> bool:
        return bool(self.kinds)

    @property
    def is_lasting(self) -> bool:
        """Say whether it has lasted for so long that it is worth a word."""
        return self.seconds >= (BLIND_SECONDS if self.is_whole else LOST_SECONDS)

    def __str__(self) -> str:
        whole = "the Kubernetes API server has not been heard of" if self.is_whole else "nothing has been heard"
        names = ", ".join(str(kind) for kind in self.kinds)
        return f"{whole} since {rfc3339(self.since)} ({self.seconds:.0f} s): {names}: {self.reason}"


def blindness(reports: Sequence[WatchReport]) -> Blindness:
    """Say of which kinds nothing is heard."""
    lost = [report for report in reports if report.lost_at]
    if not lost:
        return Blindness()
    first = max(lost, key=lambda report: report.lost_seconds)
    # A kind that is refused, or not served, is asked for now and then only: it tells nothing unless it did since.
    is_whole = not any(not report.lost_at and (report.is_up or report.heard_at > first.lost_at) for report in reports)
    kinds = tuple(sorted((report.kind for report in lost), key=str))
    return Blindness(kinds, is_whole, first.lost_at, first.lost_seconds, first.reason)


class _Account:
    """What is noted of one kind; times are those of the clock."""

    def __init__(self, now: float) -> None:
        self.is_up = False
        self.heard: float | None = None
        self.doubted_since: float | None = now
        self.lost_since: float | None = None
        self.reason = ""
        self.lists = 0
        self.ends: Counter[End] = Counter()


class Sight:
    """One account for each kind; safe for any number of threads."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._lock = threading.Lock()
        self._accounts: dict[Kind, _Account] = {}
        self._telling = threading.Lock()
        self._told = Blindness()
        self._lines = Seldom[bool](pace.clock, at_first=3)
        self._is_told = False

    def begin(self, kind: Kind) -> None:
        """Note that a kind is to be followed from now on."""
        with self._lock:
            self._accounts[kind] = _Account(self._pace.clock())

    def heard(self, kind: Kind) -> None:
        """Note that something of a kind came."""
        with self._lock:
            account = self._accounts[kind]
            was_lost = account.lost_since is not None
            account.heard, account.lost_since, account.doubted_since = self._pace.clock(), None, None
        if was_lost:
            self._tell()

    def listed(self, kind: Kind) -> None:
        """Note that a kind was read as a whole."""
        with self._lock:
            account = self._accounts[kind]
            account.is_up, account.lists = True, account.lists + 1
        self.heard(kind)

    def ended(self, kind: Kind, end: End) -> None:
        """Note that a watch is over; what is silent is in doubt since it was last heard of."""
        with self._lock:
            account = self._accounts[kind]
            account.ends[end] += 1
            if end is End.SILENT:
                account.doubted_since = account.heard

    def lost(self, kind: Kind, reason: str) -> None:
        """Note that nothing can be had of a kind at present."""
        with self._lock:
            account = self._accounts[kind]
            account.is_up, account.reason = False, reason
            if account.lost_since is None:
                doubted = account.doubted_since
                account.lost_since = self._pace.clock() if doubted is None else doubted
        self._tell()

    def denied(self, kind: Kind) -> None:
        """Note that the API server answers, but not with this kind: it is forbidden, or not served."""
        with self._lock:
            self._accounts[kind].is_up = False
        self.heard(kind)

    def reports(self) -> tuple[WatchReport, ...]:
        """Say how each kind is followed, in the order in which that began."""
        with self._lock:
            clock, now = self._pace.clock(), self._pace.now()
            return tuple(
                WatchReport(
                    kind=kind,
                    is_up=account.is_up,
                    heard_at=0.0 if account.heard is None else now - (clock - account.heard),
                    lost_at=0.0 if account.lost_since is None else now - (clock - account.lost_since),
                    lost_seconds=0.0 if account.lost_since is None else clock - account.lost_since,
                    reason="" if account.lost_since is None else account.reason,
                    lists=account.lists,
                    ends=dict(account.ends),
                )
                for kind, account in self._accounts.items()
            )

    def _tell(self) -> None:
        """Say once that nothing is heard, and once that everything is again."""
        with self._telling:  # looking and telling are one: who looked earlier must not have the last word
            blind, told = blindness(self.reports()), self._told
            is_known = bool(told) and told.is_whole >= blind.is_whole
            if blind and (not blind.is_lasting or (is_known and (self._is_told or blind.seconds < LONG))):
                return
            self._told = blind
            if blind:
                self._tell_blindness(blind, is_worse=bool(told) and not is_known)
            elif told:
                self._tell_sight(told)

    def _tell_blindness(self, blind: Blindness, *, is_worse: bool) -> None:
        """Tell that nothing is heard; of a server that comes and goes at first, then seldom, but if it is for long."""
        others = self._lines.happened(is_worse)
        if others is None and (self._is_told or blind.seconds < LONG):
            return
        self._is_told = True
        more = f" ({others} times since the last line)" if others else ""
        text = "%s; what is known stays in force, and it is tried on%s"
        _log.warning(text, blind, more, extra=about(reason="KubernetesUnreachable"))

    def _tell_sight(self, told: Blindness) -> None:
        """Tell that everything is heard of again, if it was told that it is not."""
        if not self._is_told:
            return
        self._is_told = False
        seconds = self._pace.now() - told.since
        text = "Kubernetes is heard of again, after it was not since %s, for %s"
        fields = about(reason="KubernetesRecovered", seconds=seconds)
        _log.info(text, rfc3339(told.since), duration(seconds), extra=fields)
