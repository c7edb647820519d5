"""What happened is taken in: it is waited for, and so much at a time that something always comes of it."""

from __future__ import annotations

import queue
from collections.abc import Callable

from ako.core.base.faults import Faults
from ako.core.control.world import Message

HOLD_OFF, LONGEST_HOLD_OFF = 0.003, 0.03
"""Seconds to wait for more changes after one came, each time and in all: what belongs together comes together."""

MOST_AT_ONCE, LONGEST_INTAKE = 1000, 0.05
"""How many messages are taken in before something is done about them, and for how many seconds."""


class Intake:
    """Takes in messages; a fault of this program in one costs that one.

    Args:
        inbox: where they arrive.
        clock: seconds, growing.
        lose: called where a message was lost by a fault.

    Attributes:
        faults: of this program, in messages.
        steps: how many were taken in so far.
    """

    def __init__(self, inbox: queue.SimpleQueue[Message], clock: Callable[[], float], lose: Callable[[], None]) -> None:
        self.faults = Faults("message")
        self.steps = 0
        self._inbox = inbox
        self._clock = clock
        self._lose = lose

    def wait(self, patience: float, awaits_more: Callable[[], object]) -> None:
        """Wait until something happens, and take in what did: at most so much, and for so long.

        Args:
            patience: seconds to wait for the first message.
            awaits_more: whether what was taken in may have more that belongs to it.
        """
        try:
            self._receive(patience)
            began = self._clock()
            for _ in range(MOST_AT_ONCE):
                passed = self._clock() - began
                is_held_off = awaits_more() and passed < LONGEST_HOLD_OFF
                if passed >= LONGEST_INTAKE or (self._inbox.empty() and not is_held_off):
                    return
                self._receive(HOLD_OFF)
        except queue.Empty:
            return

    def _receive(self, patience: float) -> None:
        try:
            message = self._inbox.get_nowait()
        except queue.Empty:
            # Only after that try does the queue keep to a time. In CPython 3.11, where a put had come to somebody who
            # did not have to wait, the next `get` on a busy machine may find its time over before it begins to wait,
            # takes what is left of it, less than nothing, for no limit, and waits until something else comes.
            message = self._inbox.get(timeout=patience)
        self.steps += 1
        with self.faults.contained("something that happened"):
            message()
            return
        self._lose()
