"""The end of a controller: what is under way is waited for, but not for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

LONGEST_END = 15.0
"""Seconds for which the end waits for writes in hand; Kubernetes kills a pod 30 s after it told it to end."""


def within(seconds: float, *steps: Callable[[], None]) -> bool:
    """Carry out steps, one after the other, and say whether they came to their end in time.

    Those that did not go on by themselves, and keep nobody from ending the process.
    """
    thread = threading.Thread(target=lambda: [step() for step in steps], name="ending", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()
