"""Ports for programs that have to be told one."""

from __future__ import annotations

import random
import socket

_OURS = range(20_000, 32_000)
"""Below those that the kernel gives connections, some of which would have it before the program that it is for."""


def free_ports(count: int) -> tuple[int, ...]:
    """Give different ports that nobody listens on."""
    found: set[int] = set()
    while len(found) < count:
        port = random.choice(_OURS)
        with socket.socket() as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
        found.add(port)
    return tuple(found)
