"""Who is served and who is not, counted: kept up to date with each object that is told what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping

from msgspec import Struct

from ako.core.base.refs import ObjectRef
from ako.core.hooks.outcome import HostOutcome, HostState

_SERVED = frozenset({HostState.LIVE, HostState.KEPT})
_PENDING = "Pending"


class Counts(Struct, frozen=True):
    """How many are served, and how many are not, by the word for the reason."""

    served: int = 0
    unserved: Mapping[str, int] = {}


_Key = tuple[bool, Hashable]
"""Whether it is a port claim, and the host or whose claim it is."""


class _Roll:
    """What becomes of each host for those that ask for it: it is served if it is for any of them."""

    def __init__(self) -> None:
        self._causes: dict[Hashable, tuple[str, ...]] = {}
        """Why a host is not served, empty if it is, for each object that asks for it, in order."""
        self._counts: Counter[str] = Counter()

    def move(self, key: Hashable, before: str | None, now: str | None) -> None:
        """Note that an object has another cause than before; None: it did not ask, or does not ask any more."""
        causes = self._causes.pop(key, ())
        if causes:
            self._counts[_cause(causes)] -= 1
        left = list(causes)
        if before is not None:
            left.remove(before)
        if now is not None:
            left.append(now)
        if left:
            self._causes[key] = causes = tuple(sorted(left))
            self._counts[_cause(causes)] += 1

    def counts(self) -> Counts:
        """Count."""
        unserved = {cause: count for cause, count in self._counts.items() if cause and count}
        return Counts(self._counts[""], unserved)


class Census:
    """Counts hosts and port claims; a host counts once, a port claim with the object that makes it."""

    def __init__(self) -> None:
        self._hosts = _Roll()
        self._ports = _Roll()
        self._noted: dict[ObjectRef, tuple[tuple[_Key, str], ...]] = {}

    def note(self, ref: ObjectRef, outcomes: Iterable[HostOutcome]) -> None:
        """Note what became of all that an object asks for; nothing, if it is gone or asks for nothing."""
        now: dict[_Key, str] = {}
        for host in outcomes:
            key: _Key = (host.is_port, ref if host.is_port else _as_compared(host.host))
            cause = "" if host.state in _SERVED else host.cause or _PENDING
            now[key] = cause if now.get(key) != "" else ""
        before = dict(self._noted.pop(ref, ()))
        for key in before.keys() | now.keys():
            if before.get(key) != now.get(key):
                (self._ports if key[0] else self._hosts).move(key[1], before.get(key), now.get(key))
        if now:
            self._noted[ref] = tuple(now.items())

    @property
    def hosts(self) -> Counts:
        """Count the hosts."""
        return self._hosts.counts()

    @property
    def ports(self) -> Counts:
        """Count the port claims."""
        return self._ports.counts()


def _cause(causes: tuple[str, ...]) -> str:
    """Give why nobody is served of those who ask for a host, empty if anybody is; who may yet be counts first."""
    return _PENDING if _PENDING in causes and causes[0] else causes[0]


def _as_compared(host: str) -> str:
    """Give a host as DNS compares names; there are many, so that none is kept twice."""
    lower = host.lower()
    return host if lower == host else lower
