"""The addresses that are ours, and the latest that were: by these it is known which entries of a status are ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

FORMER_AT_MOST = 1000
"""How many addresses that were ours are remembered: statuses that told of older ones were written anew long since."""


class OurAddresses:
    """Follows which addresses VsVips have."""

    def __init__(self) -> None:
        self._in_use: Counter[str] = Counter()
        self._former: dict[str, None] = {}
        self._all: frozenset[str] | None = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Give every address that is ours, and the latest that were."""
        if self._all is None:
            self._all = frozenset(self._in_use).union(self._former)
        return self._all

    def use(self, addresses: Iterable[str]) -> None:
        """Note that a VsVip has addresses."""
        for address in addresses:
            self._in_use[address] += 1
            self._former.pop(address, None)
            self._all = None

    def release(self, addresses: Iterable[str]) -> None:
        """Note that a VsVip no longer has addresses."""
        for address in addresses:
            self._in_use[address] -= 1
            if not self._in_use[address]:
                del self._in_use[address]
                self._former[address] = None
                self._all = None
        while len(self._former) > FORMER_AT_MOST:
            del self._former[next(iter(self._former))]
