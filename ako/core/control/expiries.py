"""When the certificates end that hosts are served with, in order: each once, however many hosts have it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Hashable

from ako.core.hooks.translation import HostModel


class Expiries:
    """Follows the hosts that change; what it gives costs nothing while none does."""

    def __init__(self) -> None:
        self._of_hosts: dict[Hashable, tuple[str, int]] = {}
        self._uses: Counter[tuple[str, int]] = Counter()
        self._ends: list[int] = []
        self._told: tuple[int, ...] | None = ()

    def note(self, host: Hashable, model: HostModel | None) -> None:
        """Note which certificate a host has now, if it has any and is there."""
        found = _certificate_of(model)
        before = self._of_hosts.pop(host, None)
        if found is not None:
            self._of_hosts[host] = found
        if found == before:
            return
        self._told = None
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


def _certificate_of(model: HostModel | None) -> tuple[str, int] | None:
    host = model.virtual_host if model is not None else None
    certificate, ends = getattr(host, "certificate", None), getattr(host, "expires", 0)
    return (certificate.certificate, ends) if certificate is not None and ends else None
