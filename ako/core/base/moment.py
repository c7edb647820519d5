"""The time of day in statuses: plugins have no clock, so they leave a mark where whoever writes puts the time.

So a status that says the same compares equal, whenever it was worked out.
"""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Any


class Moment(StrEnum):
    """Marks in status patches."""

    OF_WRITING = "the moment of writing"


def filled(value: Any, now: str) -> Any:
    """Give a status patch with the time in the place of every mark."""
    if isinstance(value, Moment):
        return now
    if isinstance(value, dict):
        return {key: filled(item, now) for key, item in value.items()}
    return [filled(item, now) for item in value] if isinstance(value, (list, tuple)) else value


def rfc3339(seconds: float) -> str:
    """Give a moment, in seconds since 1970, as Kubernetes writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def rfc3339_now() -> str:
    """Give the time of day as Kubernetes writes it."""
    return rfc3339(time.time())


def duration(seconds: float) -> str:
    """Give how long something took, for people: `63 ms`, `1.5 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`."""
    if seconds < 1:
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"
