"""Whether this process may write: asked right before bytes leave, by whatever thread sends them.

A fence is open for good where nobody else could write. Under a Lease it is open until a time, which moves on with each
renewal. Once that time has come nothing more is sent, and what is still under way is cut off, so that nothing of ours
arrives when another replica may have the Lease; a process that was frozen meanwhile finds it shut by looking at the
clock alone.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

Clock = Callable[[], float]

NEVER, ALWAYS = float("-inf"), float("inf")


def boot_time() -> float:
    """Give seconds that grow also while the machine is suspended, where it can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Withheld(Exception):  # noqa: N818 - a name says what happened
    """Nothing was sent, because another replica may be the one that writes."""

    def __init__(self) -> None:
        super().__init__("not sent: another replica may be the one that writes")


class _State(NamedTuple):
    term: int
    until: float
    grace: float


class Fence:
    """Open, shut, or open until a time; for any number of threads.

    Args:
        clock: seconds, growing.
        until: the time from which on nothing is sent.
    """

    def __init__(self, clock: Clock = boot_time, until: float = ALWAYS) -> None:
        self._clock = clock
        self._state = _State(0, until, 0.0)  # replaced whole, so that it is read without a lock
        self._under_way: dict[socket.socket, None] = {}

    @property
    def until(self) -> float:
        """Give the time from which on nothing is sent."""
        return self._state.until

    @property
    def term(self) -> int:
        """Give a number that is another one each time the fence has been shut."""
        return self._state.term

    @property
    def is_busy(self) -> bool:
        """Say whether a write is under way."""
        return bool(self._under_way)

    def open(self, until: float, grace: float) -> None:
        """Let writes pass until a time; `grace`: seconds after it in which a network may still deliver one."""
        self._state = _State(self._state.term, until, grace)

    def shut(self) -> bool:
        """Let nothing pass, and cut off what is under way; what was begun before is not sent when it opens again.

        Gives whether anything was under way: it may be carried out all the same, if it has arrived.
        """
        self._state = _State(self._state.term + 1, NEVER, 0.0)
        for connection in (under_way := tuple(self._under_way)):
            _cut(connection)
        return bool(under_way)

    def warrant(self) -> Warrant:
        """Give the right to write until the fence is shut; one that is given while it is begins when it opens."""
        return Warrant(self, self._state.term)

    def pass_through(self, connection: socket.socket, term: int | None = None) -> None:
        """Let a write pass that is about to leave over a connection, and know that it is under way.

        Raises:
            Withheld: it must not be sent.
        """
        state = self._state
        self._under_way[connection] = None
        # Should the other side not even take the bytes, the kernel gives them up in time, also if we are frozen.
        if hasattr(socket, "TCP_USER_TIMEOUT") and state.until != ALWAYS:
            left = max(0.0, state.until - self._clock()) + state.grace
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, max(1, int(1000 * left)))
        # Looked at anew, after all the rest: what comes between this and the bytes is all that is left to chance.
        state = self._state
        if (term is not None and term != state.term) or self._clock() >= state.until:
            self.ended(connection)
            raise Withheld

    def ended(self, connection: socket.socket) -> None:
        """Know that nothing is under way on a connection any more."""
        self._under_way.pop(connection, None)


class Warrant:
    """The right to write from one opening of a fence to its next shutting: work that was begun before has none."""

    def __init__(self, fence: Fence, term: int | None = None) -> None:
        self._fence = fence
        self._term = term

    def pass_through(self, connection: socket.socket) -> None:
        """Let a write pass that is about to leave over a connection.

        Raises:
            Withheld: it must not be sent.
        """
        self._fence.pass_through(connection, self._term)

    def ended(self, connection: socket.socket) -> None:
        """Know that nothing is under way on a connection any more."""
        self._fence.ended(connection)


def _cut(connection: socket.socket) -> None:
    """Break a connection off, so that bytes which have not arrived yet never will; who waits for an answer wakes."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
