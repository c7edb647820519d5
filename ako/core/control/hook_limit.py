"""Stands by while plugins are asked: ends what does not answer in time, and refuses what no hook may do.

Python cannot stop a thread, but what a handler of a signal raises in the main thread is raised in the midst of what
that does: in a loop, in a sleep, at a lock, at a socket, in a long match. So there is a limit where the thread that
thinks is the main thread: under `run`, `plan`, `cleanup` and `openshift inspect`. Elsewhere, such as in tests with a
controller in a thread, nothing is ended or refused, and what took long is told when it is over.

No signal reaches what holds the interpreter itself (one long step inside of C). Then nothing in this process does, and
the liveness probe ends it; a watchdog without Python writes before that where every thread is.
"""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from ako.core.base.process_state import process_state, put_back
from ako.core.control.culprit import may_be_cut
from ako.core.control.hook_audit import auditor
from ako.core.hooks.calls import SLOW, Calls
from ako.core.hooks.guard import UNGUARDED, HookOverrun

SOON = 0.01
"""Seconds until the next look where ours is at work on behalf of the plugin, and has to come to its end first."""

STOOD_STILL = 1.0
"""Seconds that a look comes late, without any work meanwhile, after which it is the machine that stood still."""

WATCHED_SECONDS = 10.0
"""Seconds beyond the limit after which the watchdog writes where every thread is; a probe has not struck by then."""

_REARMED_SECONDS = 5.0
"""The watchdog is set again only after so many seconds: it is a thread each time."""


class HookLimit:
    """Guards the plugins of `calls` within a `with` block; in the main thread only, elsewhere it does nothing.

    Whoever had a timer and a handler of `SIGALRM` before has them again afterwards.

    Args:
        calls: asks the plugins; `calls.limit` says how long they may take.
        has_watchdog: whether the stacks of all threads are written when even that does not help.
    """

    def __init__(self, calls: Calls, *, has_watchdog: bool = False) -> None:
        self._calls = calls
        self._stacks = sys.__stderr__ if has_watchdog else None
        self._watched_at = self._rings_by = float("-inf")
        self._set_at = self._worked = 0.0
        self._restore: Callable[[], None] = lambda: None

    def __enter__(self) -> HookLimit:
        if threading.current_thread() is not threading.main_thread() or self._calls.guard is not UNGUARDED:
            return self
        handler, (left, interval), began = signal.getsignal(signal.SIGALRM), _timer(), time.monotonic()
        is_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler

        def restore() -> None:
            signal.signal(signal.SIGALRM, handler)
            if is_default:
                signal.signal(signal.SIGINT, signal.default_int_handler)
            if left:
                signal.setitimer(signal.ITIMER_REAL, max(SOON, left - (time.monotonic() - began)), interval)

        self._restore = restore
        signal.signal(signal.SIGALRM, self._ring)
        if is_default:
            signal.signal(signal.SIGINT, _interrupt)
        self._calls.guard = self
        auditor().watch(self._calls)
        return self

    def __exit__(self, *_: object) -> None:
        if self._calls.guard is self:
            auditor().watch(None)
            self._calls.guard = UNGUARDED
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._restore()
            self.rest()

    # As a guard.

    def begin(self) -> None:
        """Set the timer if none runs, and now and then the watchdog.

        The timer runs on: to look once for nothing is cheaper than to set and stop it for each of thousands.
        """
        now = time.monotonic()
        if now >= self._rings_by:
            self._set(min(SLOW, self._calls.limit))
        if self._stacks is not None and now - self._watched_at > _REARMED_SECONDS:
            self._watched_at = now
            faulthandler.dump_traceback_later(self._calls.limit + WATCHED_SECONDS, file=self._stacks)

    def state(self) -> object:
        """Give what a hook could change of this process."""
        return process_state()

    def put_back(self, before: Any) -> str:
        """Have that as it was, but after a signal that ends the process: then there are other handlers.

        The clock goes on too: whoever limits itself by `signal.alarm` stops it for all that are asked after it.
        """
        if not 0 < _timer()[0] <= SLOW:
            self._set(min(SLOW, self._calls.limit))
        return "" if self._calls.is_ending else put_back(before)

    def is_signal(self, fault: BaseException) -> bool:
        """Say whether something was raised to end the process, by a signal and not by a plugin."""
        return isinstance(fault, _Interrupted)

    def hurry(self) -> None:
        """Look as soon as may be."""
        self._set(SOON)

    def rest(self) -> None:
        """Note that no plugin is asked for now: the watchdog has nothing to watch."""
        if self._watched_at > float("-inf"):
            self._watched_at = float("-inf")
            faulthandler.cancel_dump_traceback_later()

    def _ring(self, _: int, frame: FrameType | None) -> None:
        """Look at the hook that is at work; in the main thread, between two steps of whatever runs there."""
        if self._calls.current is None:
            return
        if (lost := self._lost()) > STOOD_STILL:
            self._calls.pardon(lost)
        if not may_be_cut(frame):
            self._set(SOON)
            return
        again, is_over = self._calls.review()
        self._set(again)
        if is_over:
            raise HookOverrun

    def _lost(self) -> float:
        """Give the seconds for which this process did not run: a virtual machine was moved, a container paused."""
        now, worked = time.monotonic(), time.process_time() - self._worked
        return now - max(self._rings_by, self._set_at + worked)

    def _set(self, seconds: float) -> None:
        self._set_at, self._worked = time.monotonic(), time.process_time()
        self._rings_by = self._set_at + seconds
        signal.setitimer(signal.ITIMER_REAL, seconds)


class _Interrupted(KeyboardInterrupt):
    """Ctrl-C; a plugin may raise a `KeyboardInterrupt` itself."""


def _interrupt(*_: object) -> None:
    raise _Interrupted


def _timer() -> Any:
    return signal.getitimer(signal.ITIMER_REAL)
