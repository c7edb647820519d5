"""A controller in the foreground: its progress on a terminal, its end at a signal."""

from __future__ import annotations

import argparse
import atexit
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import NoReturn

from ako.cli.progress import Progress, progress
from ako.cli.wiring import Wired, wire
from ako.core.base.doing import Doing
from ako.core.base.errors import ToldToEnd
from ako.core.base.log import about
from ako.core.control.doings import doings
from ako.core.control.loop import Controller
from ako.core.control.preview import Preview
from ako.core.hooks.calls import in_words

STUCK_SECONDS = 5.0
"""How long after a signal a hook may go on that takes no notice of it; writes in hand have their time after that."""

_LOOK_SECONDS = 0.1
_log = logging.getLogger(__name__)
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def previewed(arguments: argparse.Namespace) -> tuple[Wired, Preview]:
    """Build a controller that only looks, and give what it would do; how far that is can be seen meanwhile.

    Raises:
        AkoError: settings, plugins, the cluster or the Avi Controller cannot be used.
    """
    with progress() as line:
        wired = _wired(arguments, line)
        return wired, wired.controller.preview()


@contextmanager
def looked(arguments: argparse.Namespace) -> Iterator[Controller]:
    """Build a controller that only looks, and have it asked once it has; how far that is can be seen until then.

    Raises:
        AkoError: settings, plugins, the cluster or the Avi Controller cannot be used.
    """
    with ExitStack() as looking:
        with progress() as line:
            controller = _wired(arguments, line).controller
            looking.enter_context(controller.looking())
        yield controller


def _wired(arguments: argparse.Namespace, line: Progress) -> Wired:
    line.say("reading the settings")
    wired = wire(arguments, follows=False)
    line.follow(lambda: doings(wired.controller))
    return wired


@contextmanager
def watched(controller: Controller) -> Iterator[None]:
    """Show at a terminal what a controller does, until it is in line for the first time, or this is over."""

    def look() -> tuple[Doing, ...] | None:
        found = doings(controller)
        return found if found or not controller.state.is_observed else None

    with progress() as line:
        line.follow(look)
        yield


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
        threading.Thread(target=_end_if_stuck, args=(controller,), name="stuck", daemon=True).start()

    with _handled_by(stop):
        yield


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGINT end what has nothing in hand yet, in good order."""

    def end(*_: object) -> None:
        raise ToldToEnd(0)

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


def _end_if_stuck(controller: Controller) -> None:
    """End the process where a hook of a plugin lets nothing end it, not even what is raised in it, again and again."""
    calls = controller.plugins.calls
    asked, since = calls.current, time.monotonic()
    while asked is not None and calls.current is asked:
        if time.monotonic() - since > STUCK_SECONDS:
            text = "ending, though %s does not come to its end"
            _log.error(text, in_words(asked), extra=about(reason="PluginStuck"))
            controller.close()
            _exit(0)
        time.sleep(_LOOK_SECONDS)


def _end_at_once(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # the first process of a container does not die of a signal


def leave(code: int) -> int:
    """Give the exit code; or end the process with it, where threads would keep that up that wait for answers."""
    me = threading.current_thread()
    if not all(thread.daemon for thread in threading.enumerate() if thread is not me):
        _exit(code)
    return code


def _exit(code: int) -> NoReturn:
    atexit._run_exitfuncs()  # noqa: SLF001 - the client library removes the keys of a kubeconfig from its files there
    sys.stdout.flush()
    os._exit(code)
