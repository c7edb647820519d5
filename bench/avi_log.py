"""The request log of the simulator: what was asked of the Avi Controller, and when."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec
import requests

from bench.errors import BenchError
from bench.processes import wait_for

Exchanges = Sequence["Exchange"]


class Exchange(msgspec.Struct):
    """One request of the API, in the names of the log."""

    method: str
    path: str
    type: str
    name: str
    status: int
    request_bytes: int
    response_bytes: int
    time: float
    duration_ms: float
    is_write: bool

    @property
    def ended(self) -> float:
        """Give when it was answered, in seconds since 1970."""
        return self.time + self.duration_ms / 1000

    @property
    def kind(self) -> str:
        """Give the method; requests for a session, which configure nothing, are `login`."""
        return "login" if not self.type and self.path.startswith(("/login", "/logout")) else self.method


class _Page(msgspec.Struct):
    next: int
    requests: list[Exchange]


class Traffic(msgspec.Struct):
    """What a number of exchanges comes to.

    Attributes:
        calls: how many of each kind: GET, POST, PUT, PATCH, DELETE, login.
        writes_by_type: writes of each object type.
        sent: bytes of request bodies.
        received: bytes of answers.
        refused: writes that were answered with an error.
        steps: length of the longest chain of writes, each of which began after the one before it had ended.
    """

    calls: dict[str, int]
    writes_by_type: dict[str, int]
    sent: int
    received: int
    refused: int
    steps: int

    @property
    def writes(self) -> int:
        """Give how many requests were to change something."""
        return sum(self.writes_by_type.values())


def traffic_of(exchanges: Iterable[Exchange]) -> Traffic:
    """Sum exchanges up."""
    every = list(exchanges)
    writes = [exchange for exchange in every if exchange.is_write]
    return Traffic(
        calls=dict(sorted(Counter(exchange.kind for exchange in every).items())),
        writes_by_type=dict(sorted(Counter(exchange.type for exchange in writes).items())),
        sent=sum(exchange.request_bytes for exchange in every),
        received=sum(exchange.response_bytes for exchange in every),
        refused=sum(exchange.status >= 400 for exchange in writes),
        steps=dependent_steps(writes),
    )


def dependent_steps(writes: Iterable[Exchange]) -> int:
    """Give the length of the longest chain of writes that do not overlap.

    Taking the one that ends first, then of those that begin later again the one that ends first, gives the longest.
    """
    steps, free_at = 0, float("-inf")
    for write in sorted(writes, key=lambda write: write.ended):
        if write.time >= free_at:
            steps, free_at = steps + 1, write.ended
    return steps


def last_write(exchanges: Iterable[Exchange]) -> float:
    """Give when the last write that succeeded was answered."""
    ends = [exchange.ended for exchange in exchanges if exchange.is_write and exchange.status < 400]
    if not ends:
        raise BenchError("nothing was written to the Controller")
    return max(ends)


class AviLog:
    """Reads the log bit by bit, so that looking costs next to nothing.

    Attributes:
        since_mark: the exchanges since `mark`, as of the last `read`.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_sim"
        self._http = requests.Session()
        self._http.trust_env = False
        self._next = 0
        self.since_mark: list[Exchange] = []

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def mark(self) -> None:
        """Count from now on."""
        self.read()
        self._http.delete(f"{self._url}/requests", timeout=30)
        self.since_mark = []

    def read(self) -> Exchanges:
        """Take in what came since, and give all since the mark."""
        answer = self._http.get(f"{self._url}/requests", params={"since": str(self._next)}, timeout=60)
        page = msgspec.json.decode(answer.content, type=_Page)
        self._next = page.next
        self.since_mark += page.requests
        return self.since_mark

    def until(self, is_enough: Callable[[Exchanges], bool], limit: float, what: str) -> Exchanges:
        """Wait until enough has come; give all since the mark."""
        return wait_for(lambda: found if is_enough(found := self.read()) else None, limit, what, pause=0.05)

    def settled(self, is_enough: Callable[[Exchanges], bool], quiet: float, limit: float) -> Exchanges:
        """Wait until enough has come and then nothing more for a while; give all since the mark.

        Raises:
            BenchError: that was not in time.
        """
        count, changed_at = -1, 0.0

        def settled() -> Exchanges | None:
            nonlocal count, changed_at
            now, exchanges = time.monotonic(), self.read()
            if len(exchanges) != count:
                count, changed_at = len(exchanges), now
                return None
            return exchanges if now - changed_at >= quiet and is_enough(exchanges) else None

        return wait_for(settled, limit, "the Controller is left in peace")

    def objects(self, kind: str) -> list[dict[str, object]]:
        """Give the objects of a type, as the Controller holds them."""
        answer = self._http.get(f"{self._url}/objects/{kind}", timeout=60)
        return msgspec.json.decode(answer.content, type=list[dict[str, object]])
