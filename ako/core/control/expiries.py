"""When the certificates end that hosts are served with, in order: each once, however many hosts have it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Hashable

from ako.core.base.moment import rfc3339
from ako.core.base.wording import some_of
from ako.core.hooks.translation import HostModel

WEEK = 7 * 86400.0
"""Seconds before its end from which on a certificate that is not renewed is worth a word."""


class Expiries:
    """Follows the hosts that change; what it gives costs nothing while none does."""

    def __init__(self) -> None:
        self._of_hosts: dict[Hashable, tuple[str, int]] = {}
        self._uses: Counter[tuple[str, int]] = Counter()
        self._ends: list[int] = []
        self._told: tuple[int, ...] | None = ()
        self._named: tuple[int, str] | None = None

    def note(self, host: Hashable, model: HostModel | None) -> None:
        """Note which certificate a host has now, if it has any and is there."""
        found = _certificate_of(model)
        before = self._of_hosts.pop(host, None)
        if found is not None:
            self._of_hosts[host] = found
        if found == before:
            return
        self._told = self._named = None
        if found is not None:
            self._uses[found] += 1
            if self._uses[found] == 1:
                insort(self._ends, found[1])
        if before is not None:
            self._uses[before] -= 1
            if not self._uses[before]:
                del self._uses[before]
                del self._ends[bisect_left(self._ends, before[1])]

    def read(self) -> tuple[int, ...]:
        """Give when the certificates end, soonest first, in seconds since 1970."""
        if self._told is None:
            self._told = tuple(self._ends)
        return self._told

    def soon(self, now: float) -> str:
        """Say which certificates end within a week, at a moment in seconds since 1970; empty if none does."""
        ends = self.read()
        past = bisect_right(ends, now)
        count = bisect_right(ends, now + WEEK) - past
        if not count:
            return ""
        what, when, them = ("certificate", "at", "it") if count == 1 else ("certificates", "the first at", "them")
        hosts = self._hosts_of(ends[past])
        return f"{count} {what} will expire within 7 days, {when} {rfc3339(ends[past])} ({hosts}); renew {them}"

    def _hosts_of(self, end: int) -> str:
        if self._named is None or self._named[0] != end:
            hosts = sorted(str(host) for host, (_, ends) in self._of_hosts.items() if ends == end)
            self._named = (end, some_of(hosts))
        return self._named[1]


def _certificate_of(model: HostModel | None) -> tuple[str, int] | None:
    host = model.virtual_host if model is not None else None
    certificate, ends = getattr(host, "certificate", None), getattr(host, "expires", 0)
    return (certificate.certificate, ends) if certificate is not None and ends else None
