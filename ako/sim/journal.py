"""Remembers every request of the API, for tests that ask what a client did."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from ako.testing.listener import Request

_KEYS = (
    "n", "method", "path", "query", "type", "name", "uuid", "status", "request_bytes", "response_bytes", "time",
    "duration_ms", "is_write", "user_agent",
)  # fmt: skip
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(slots=True)
class Exchange:
    """What is known of a request while it is answered."""

    request: Request
    begun: float
    kind: str = ""
    name: str = ""
    uuid: str = ""
    body: Any = field(default=None)

    @property
    def is_write(self) -> bool:
        """Say whether the request is to change configuration; sessions and tokens are not."""
        return self.request.method in _WRITES and self.kind != ""


class Journal:
    """The requests so far, numbered from 1."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[tuple[Any, ...]] = []  # tuples: benchmarks make very many of them
        self._next = 1

    def add(self, exchange: Exchange, status: int, response_bytes: int, ended: float) -> None:
        """Write down a request; status 0 stands for a connection dropped without an answer."""
        request = exchange.request
        entry = (
            request.method,
            request.path,
            request.query,
            exchange.kind,
            exchange.name,
            exchange.uuid,
            status,
            len(request.body),
            response_bytes,
            exchange.begun,
            round((ended - exchange.begun) * 1000, 3),
            exchange.is_write,
            request.headers.get("user-agent", ""),
        )
        with self._lock:
            self._next += 1
            self._entries.append(entry)

    def since(self, number: int) -> dict[str, Any]:
        """Return the requests numbered from ``number`` on, and the number the next one gets."""
        with self._lock:
            first = self._next - len(self._entries)
            start = max(0, number - first)
            entries, following = self._entries[start:], self._next
        numbered = enumerate(entries, first + start)
        return {"next": following, "requests": [dict(zip(_KEYS, (n, *entry), strict=True)) for n, entry in numbered]}

    def clear(self) -> None:
        """Forget the requests; the numbers go on."""
        with self._lock:
            self._entries.clear()
