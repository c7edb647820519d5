"""Loopback addresses that stand for addresses that are not there: of VIPs, and of clients."""

from __future__ import annotations

import hashlib
import ipaddress
import itertools
from collections.abc import Iterator


class Loopback:
    """Knows which loopback address stands for which other; each stands for one."""

    def __init__(self) -> None:
        self._standing: dict[str, str] = {}
        self._meant: dict[str, str] = {}

    def standing_for(self, address: str) -> str:
        """Give the loopback address that stands for one: 127.b.c.d for a.b.c.d, another where that is taken.

        Raises:
            ValueError: for a text that is no address.
        """
        parsed = ipaddress.ip_address(address)
        key = str(parsed)
        if key not in self._standing:
            chosen = next(one for one in _candidates(parsed) if one not in self._meant)
            self._standing[key] = chosen
            self._meant[chosen] = key
        return self._standing[key]

    def meant_by(self, loopback: str) -> str:
        """Give the address that a loopback address stands for; itself if it stands for none."""
        return self._meant.get(loopback, loopback)


def is_address(text: str) -> bool:
    """Say whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _candidates(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Iterator[str]:
    """Give loopback addresses for one; not those next to 127.0.0.1, where everybody is."""
    if address.version == 4 and address.packed[1:3] != b"\0\0":
        yield ".".join(map(str, (127, *address.packed[1:])))
    for attempt in itertools.count():
        spread = hashlib.sha256(address.packed + attempt.to_bytes(4, "big")).digest()
        yield f"127.{spread[0] or 1}.{spread[1]}.{spread[2] or 1}"
