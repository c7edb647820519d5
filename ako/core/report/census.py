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


class _Roll:
    """What each source object has of each host: several may ask for one, and it is served if it is for any of them."""

    def __init__(self) -> None:
        self._asking: dict[Hashable, dict[ObjectRef, str]] = {}
        self._counts: Counter[str] = Counter()

    def set(self, key: Hashable, ref: ObjectRef, cause: str | None) -> None:
        """Note why a host is not served for an object, empty if it is; None: it does not ask for it any more."""
        asking = self._asking.setdefault(key, {})
        if asking:
            self._counts[_cause(asking)] -= 1
        if cause is None:
            asking.pop(ref, None)
        else:
            asking[ref] = cause
        if asking:
            self._counts[_cause(asking)] += 1
        else:
            del self._asking[key]

    def counts(self) -> Counts:
        """Count."""
        unserved = {cause: count for cause, count in self._counts.items() if cause and count}
        return Counts(self._counts[""], unserved)


class Census:
    """Counts hosts and port claims; a host counts once, a port claim with the object that makes it."""

    def __init__(self) -> None:
        self._hosts = _Roll()
        self._ports = _Roll()
        self._noted: dict[ObjectRef, Mapping[tuple[bool, Hashable], str]] = {}

    def note(self, ref: ObjectRef, outcomes: Iterable[HostOutcome]) -> None:
        """Note what became of all that an object asks for; nothing, if it is gone or asks for nothing."""
        now: dict[tuple[bool, Hashable], str] = {}
        for host in outcomes:
            key: tuple[bool, Hashable] = (host.is_port, ref if host.is_port else host.host.lower())
            cause = "" if host.state in _SERVED else host.cause or _PENDING
            now[key] = cause if now.get(key) != "" else ""
        before = self._noted.pop(ref, {})
        for key in before.keys() | now.keys():
            if before.get(key) != now.get(key):
                (self._ports if key[0] else self._hosts).set(key[1], ref, now.get(key))
        if now:
            self._noted[ref] = now

    @property
    def hosts(self) -> Counts:
        """Count the hosts."""
        return self._hosts.counts()

    @property
    def ports(self) -> Counts:
        """Count the port claims."""
        return self._ports.counts()


def _cause(asking: Mapping[ObjectRef, str]) -> str:
    """Give why nobody is served of those who ask for a host, empty if anybody is; who may yet be counts first."""
    causes = set(asking.values())
    if "" in causes:
        return ""
    return _PENDING if _PENDING in causes else min(causes)
