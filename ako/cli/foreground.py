"""A controller in the foreground: its progress on a terminal, its end at a signal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ako.core.control.loop import Controller


@contextmanager
def progress(controller: Controller) -> Iterator[None]:
    """Show on a terminal how many operations are done; say nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()

    def show() -> None:
        while not ended.wait(0.2):
            print(f"\r{counts(controller)} …", end="", file=sys.stderr, flush=True)
        print("\r" + " " * 60 + "\r", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=show, name="progress")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def counts(controller: Controller) -> str:
    """Say how many operations are done."""
    words = {"Create": "created", "Update": "updated", "Delete": "deleted"}
    return ", ".join(f"{controller.state.done.get(kind, 0)} {word}" for kind, word in words.items())


@contextmanager
def stopped_by_signals(controller: Controller) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the loop after the writes in hand; a second one ends the process at once."""

    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        controller.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
