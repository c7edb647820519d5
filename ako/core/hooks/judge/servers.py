"""Servers at a glance: behind node ports every pool names every node, two million of them in a large cluster.

They are looked at by columns, which costs a fifth. Where anything is not as it should be, nothing is said here: that is
for whoever looks at them one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from operator import eq, is_
from typing import Any

from msgspec import UNSET
from msgspec.structs import astuple

from ako.core.hooks.records import is_address
from ako.core.model import IpAddr, PoolServer, family_of

FEWEST = 16
"""Of fewer servers one by one costs as little."""

VALUES = 7
"""What one server counts as."""


def text_of_servers(value: tuple[Any, ...]) -> int | None:
    """Give how many bytes of text servers hold if there is nothing wrong with any; None if there may be."""
    if not _are(value, PoolServer):
        return None
    try:
        addresses, ports, nodes = zip(*map(astuple, value), strict=True)
        if not _are(addresses, IpAddr) or not _are(ports, int) or min(ports) < 1 or max(ports) > 65_535:
            return None
        texts, families = zip(*map(astuple, addresses), strict=True)
        named = [node for node in nodes if node is not UNSET]
        if not (_are(texts, str) and _are(families, str) and _are(named, str)):
            return None
        size = len("".join(texts).encode()) + len("".join(families).encode()) + len("".join(named).encode())
    except (AttributeError, UnicodeEncodeError):
        return None
    return size if all(map(is_address, texts)) and all(map(eq, map(family_of, texts), families)) else None


def _are(values: Iterable[object], kind: type) -> bool:
    return all(map(is_, map(type, values), repeat(kind)))
