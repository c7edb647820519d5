"""A stand-in for the controller as the page meets it: a picture that a test changes, and what it does to readers."""

from __future__ import annotations

import json
import queue
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import ako.page
from tests.page import made

ASSETS = Path(ako.page.__file__).parent
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Stand:
    """What the page is told, and how often it asked.

    Attributes:
        topology: the picture; whoever begins to read gets it.
        refusal: status and words with which everything of `/api` is refused, or None.
        explained: answers to questions that are other than made up.
        asked: how often each path was asked for.
    """

    def __init__(self, topology: made.Document) -> None:
        self.topology = topology
        self.refusal: tuple[int, str] | None = None
        self.explained: dict[str, made.Document] = {}
        self.asked: Counter[str] = Counter()
        self._readers: list[queue.Queue[str | None]] = []
        own = {"stand": self}
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), own))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def change(self, **change: Any) -> None:
        """Tell all readers of a change."""
        self.topology = {**self.topology, "version": self.topology["version"] + 1}
        self.tell("change", {"version": self.topology["version"], **change})

    def tell(self, event: str, data: made.Document) -> None:
        """Send an event to all readers."""
        name = f"{self.topology['instance']}:{self.topology['version']}"
        for reader in self._readers:
            reader.put(f"id: {name}\nevent: {event}\ndata: {json.dumps(data)}\n\n")

    def hang_up(self) -> None:
        """End the streams of all readers."""
        for reader in self._readers:
            reader.put(None)

    @property
    def readers(self) -> int:
        """Give how many read changes."""
        return len(self._readers)

    @contextmanager
    def reading(self) -> Iterator[queue.Queue[str | None]]:
        """Be one of the readers."""
        reader: queue.Queue[str | None] = queue.Queue()
        self._readers.append(reader)
        try:
            yield reader
        finally:
            self._readers.remove(reader)

    def __enter__(self) -> Stand:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing: a page that is closed hangs up whenever it likes."""


class _Handler(BaseHTTPRequestHandler):
    stand: Stand

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.stand.asked[url.path] += 1
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path.startswith("/ui"):
            self._asset("index.html" if url.path == "/ui" else url.path[1:])
        elif self.stand.refusal:
            self._send(self.stand.refusal[0], "text/plain", self.stand.refusal[1].encode())
        elif url.path == "/api/topology/events":
            self._events()
        else:
            self._send(200, "application/json", json.dumps(self._value(url.path, asked)).encode())

    def _value(self, path: str, asked: dict[str, str]) -> made.Document:
        if path == "/api/topology":
            return self.stand.topology
        if path == "/api/explain":
            return self.stand.explained.get(asked["q"]) or made.explanation(asked["q"])
        assert path == "/api/topology/tree", path
        return made.tree(asked["virtual_service"])

    def _asset(self, name: str) -> None:
        file = ASSETS / name
        self._send(200, TYPES[file.suffix], file.read_bytes())

    def _events(self) -> None:
        with self.stand.reading() as reader:
            self._head(200, "text/event-stream")
            said: str | None = ": here\n\n"
            while said is not None:
                self.wfile.write(said.encode())
                try:
                    said = reader.get(timeout=1)
                except queue.Empty:
                    said = ": here\n\n"

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self._head(status, kind, ("Content-Length", str(len(body))))
        self.wfile.write(body)

    def _head(self, status: int, kind: str, *more: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in [("Content-Type", kind), ("Content-Security-Policy", POLICY), *more]:
            self.send_header(name, value)
        self.end_headers()
