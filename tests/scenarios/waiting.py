"""Waiting for a condition with a deadline: the one place of the runner where time passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

INTERVAL_SECONDS = 0.05


def wait_until(condition: Callable[[], T | None], limit: float, interval: float = INTERVAL_SECONDS) -> T | None:
    """Give the first result of the condition that is not None, or None when the limit (seconds) has passed."""
    deadline = time.monotonic() + limit
    while True:
        result = condition()
        if result is not None or time.monotonic() >= deadline:
            return result
        time.sleep(interval)
