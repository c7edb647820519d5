"""Waiting for something that another process brings about."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT = 30.0
"""Seconds after which what was promised counts as not kept."""

_INTERVAL = 0.02


def wait_until(condition: Callable[[], bool], limit: float = LIMIT) -> bool:
    """Say whether the condition came true within the limit."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_INTERVAL)
    return True
