"""What can be made to go wrong: faults laid over the requests that match them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self, TypedDict

Drop = Literal["before", "after"]


class Effect(TypedDict, total=False):
    """What happens to a matching request.

    Attributes:
        status: answer with this code and do nothing; a health check fails with 500, whatever the code.
        message: the message of that answer; of a health check, the part of it that fails.
        retry_after: its Retry-After, in seconds.
        drop: close the connection, "before" or "after" the request was carried out.
        hang: never answer; the connection closes when the fault is cleared.
        delay: wait so many seconds, then go on as if nothing were.
        watch: match watches only (True) or all other requests only (False).
        times: apply to so many requests, then no more.
    """

    status: int
    message: str
    retry_after: int
    drop: Drop
    hang: bool
    delay: float
    watch: bool
    times: int


@dataclass(eq=False)
class Fault:
    """A fault in force; use it as a context manager, or clear it, or let its `times` run out."""

    path: str
    method: str
    effect: Effect
    hits: int = 0
    cleared: bool = False
    _released: threading.Event = field(default_factory=threading.Event)

    def clear(self) -> None:
        """End the fault and let go of what hangs on it."""
        self.cleared = True
        self._released.set()

    def release(self) -> None:
        """Let go of what hangs on it now; the fault stays in force."""
        released, self._released = self._released, threading.Event()
        released.set()

    def hold(self, seconds: float | None = None) -> None:
        """Keep a request waiting until it is let go or the time is up."""
        if not self.cleared:
            self._released.wait(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def applies_to(self, method: str, path: str, *, watch: bool) -> bool:
        """Say whether a request matches."""
        return (
            not self.cleared
            and self.method in {"", method}
            and path.startswith(self.path)
            and self.effect.get("watch", watch) == watch
            and self.hits < self.effect.get("times", self.hits + 1)
        )


class FaultBook:
    """The faults in force, in the order they were laid down; the first that matches applies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, path: str, method: str, effect: Effect) -> Fault:
        """Lay down a fault.

        Raises:
            ValueError: the effect does nothing.
        """
        if not any(name in effect for name in ("status", "drop", "hang", "delay")):
            raise ValueError("a fault needs one of status, drop, hang, delay")
        fault = Fault(path, method.upper(), effect)
        with self._lock:
            self._faults.append(fault)
        return fault

    def take(self, method: str, path: str, is_watch: Callable[[], bool]) -> Fault | None:
        """Return the fault that applies to a request, counting it."""
        if not self._faults:
            return None
        watch = is_watch()
        with self._lock:
            self._faults = [fault for fault in self._faults if not fault.cleared]
            for fault in self._faults:
                if fault.applies_to(method, path, watch=watch):
                    fault.hits += 1
                    return fault
        return None

    def release(self) -> None:
        """Let go of every request that is being kept waiting."""
        with self._lock:
            for fault in self._faults:
                fault.release()

    def clear(self) -> None:
        """End every fault."""
        with self._lock:
            for fault in self._faults:
                fault.clear()
            self._faults.clear()
