"""What the first process of a container has to do itself: the kernel takes no default action there at a signal."""

from __future__ import annotations

import os
import signal
from types import FrameType


def take_default_actions() -> None:
    """Have SIGTERM end this process as it ends any other, until a command knows better."""
    if os.getpid() == 1:
        signal.signal(signal.SIGTERM, _end)


def _end(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)
