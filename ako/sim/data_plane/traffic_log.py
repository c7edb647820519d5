"""What became of the last requests and connections, as a Service Engine keeps it in its client logs."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

_KEPT = 10_000


class TrafficLog:
    """A numbered row for each request or connection; the newest are kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._next = 1

    def add(self, **row: Any) -> None:
        """Add a row."""
        with self._lock:
            self._rows.append({"n": self._next, **row})
            self._next += 1

    def since(self, number: int) -> dict[str, Any]:
        """Give the rows numbered from `number` on, and the number that the next one will have."""
        with self._lock:
            return {"next": self._next, "traffic": [row for row in self._rows if row["n"] >= number]}
