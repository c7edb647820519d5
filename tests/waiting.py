"""Waiting for what comes, and for what must not: the one place of the tests that knows how long."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = float(os.environ.get("PATIENCE", "120"))
"""Seconds after which something counts as never coming. A wait ends when it comes, so that this costs nothing."""

SETTLING = 0.3
"""Seconds in which something that must not come would have come."""

INTERVAL = 0.02
"""Seconds between the first two looks."""

RARER, RAREST = 1.5, 8.0
"""By how much each pause is longer than the last, and the longest than the first: looking takes time from all tests."""


def wait_until(condition: Callable[[], T | None], limit: float = PATIENCE, interval: float = INTERVAL) -> T | None:
    """Give the first result of the condition that is not None, or None when the limit (seconds) has passed."""
    deadline, pause = time.monotonic() + limit, interval
    while True:
        result = condition()
        left = deadline - time.monotonic()
        if result is not None or left <= 0:
            return result
        time.sleep(min(pause, left))
        pause = min(pause * RARER, interval * RAREST)


def eventually(condition: Callable[[], T | None], what: str, interval: float = INTERVAL) -> T:
    """Give the first result of a condition that is true; fail if it never is."""
    found = wait_until(lambda: condition() or None, interval=interval)
    assert found is not None, f"not within {PATIENCE:.0f} s: {what}"
    return found
