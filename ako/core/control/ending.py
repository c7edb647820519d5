"""The end of a controller: writes under way are waited for, but not for ever; what is only read is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LONGEST_END = 15.0
"""Seconds for which the end waits for writes in hand; Kubernetes kills a pod 30 s after it told it to end."""

READING_SECONDS = 1.0
"""Seconds for which it waits where nothing is being written: time to log out."""

_LOOK_SECONDS = 0.1


def within(seconds: float, *steps: Callable[[], None], is_writing: Callable[[], bool]) -> bool:
    """Carry out steps, one after the other, and say whether they came to their end in time.

    Those that did not go on by themselves, and keep nobody from ending the process.
    """
    thread = threading.Thread(target=lambda: [step() for step in steps], name="ending", daemon=True)
    thread.start()
    began = time.monotonic()
    while thread.is_alive() and (passed := time.monotonic() - began) < seconds:
        if passed >= READING_SECONDS and not is_writing():
            break
        thread.join(min(_LOOK_SECONDS, seconds - passed))
    return not thread.is_alive()
