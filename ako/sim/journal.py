"""Remembers every request of the API, for tests that ask what a client did."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from ako.sim.wire import Request

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
        self._entries: list[dict[str, Any]] = []
        self._next = 1

    def add(self, exchange: Exchange, status: int, response_bytes: int, ended: float) -> None:
        """Write down a request; status 0 stands for a connection dropped without an answer."""
        request = exchange.request
        entry = {
            "n": 0,
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "type": exchange.kind,
            "name": exchange.name,
            "uuid": exchange.uuid,
            "status": status,
            "request_bytes": len(request.body),
            "response_bytes": response_bytes,
            "time": exchange.begun,
            "duration_ms": round((ended - exchange.begun) * 1000, 3),
            "is_write": exchange.is_write,
        }
        with self._lock:
            entry["n"] = self._next
            self._next += 1
            self._entries.append(entry)

    def since(self, number: int) -> dict[str, Any]:
        """Return the requests numbered from ``number`` on, and the number the next one gets."""
        with self._lock:
            first = self._next - len(self._entries)
            return {"next": self._next, "requests": self._entries[max(0, number - first) :]}

    def clear(self) -> None:
        """Forget the requests; the numbers go on."""
        with self._lock:
            self._entries.clear()
