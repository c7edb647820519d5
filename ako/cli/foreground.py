"""A controller in the foreground: its progress on a terminal, its end at a signal."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from ako.core.control.loop import Controller

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


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

    def stop(*_: object) -> None:
        for one in _SIGNALS:
            signal.signal(one, _end_at_once)
        controller.stop()

    with _handled_by(stop):
        yield


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGINT end what has nothing in hand yet, in good order."""

    def end(*_: object) -> None:
        sys.exit(0)

    with _handled_by(end):
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _end_at_once(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # the first process of a container does not die of a signal


def leave(code: int) -> int:
    """Give the exit code; or end the process with it, where threads would keep that up that wait for answers."""
    me = threading.current_thread()
    if all(thread.daemon for thread in threading.enumerate() if thread is not me):
        return code
    atexit._run_exitfuncs()  # noqa: SLF001 - the client library removes the keys of a kubeconfig from its files there
    sys.stdout.flush()
    os._exit(code)
