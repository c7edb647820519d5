"""Looking at a controller as a browser does: the whole picture, and a connection that tells what changes."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from ako.core.control.health_server import HealthServer
from ako.core.control.metrics import Metrics
from ako.core.control.readiness import health_of
from tests.core.control.running import Running
from tests.waiting import PATIENCE, eventually

Json = dict[str, Any]


class Look:
    """An answer of the health server, read whole."""

    def __init__(self, port: int, path: str, method: str = "GET", **headers: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        self.status = answer.status
        self.headers = dict(answer.getheaders())
        self.body = answer.read()
        connection.close()

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.body)
        return found

    @property
    def text(self) -> str:
        return self.body.decode()


class Viewer:
    """Somebody who is told what changes, from what was `seen` on: `instance:version`."""

    def __init__(self, port: int, seen: str = "") -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
        last = f"Last-Event-ID: {seen}\r\n" if seen else ""
        self._connection.sendall(f"GET /api/topology/events HTTP/1.1\r\nHost: localhost\r\n{last}\r\n".encode())
        self._lines = self._connection.makefile("rb")
        self.status = int(self._lines.readline().split()[1])
        self.headers = dict(line.decode().strip().split(": ", 1) for line in iter(self._lines.readline, b"\r\n"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._connection.close()

    def blocks(self) -> Iterator[dict[str, str]]:
        """Give what is sent, block by block, until the end; of a comment the field has no name."""
        block: dict[str, str] = {}
        for line in self._lines:
            if line == b"\n":
                yield block
                block = {}
            else:
                name, _, value = line.decode().rstrip("\n").partition(":")
                block[name] = value.strip()

    def events(self) -> Iterator[tuple[str, Json]]:
        """Give the events that come, with their data."""
        for block in self.blocks():
            if "event" in block:
                yield block["event"], json.loads(block["data"])


class Watched:
    """A controller that runs, with its health server."""

    def __init__(self, ako: Running) -> None:
        self.ako = ako
        self.server = HealthServer(health_of(ako.controller, Metrics()), 0)

    def __enter__(self) -> Self:
        self.ako.__enter__()
        self.server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ako.__exit__(kind, value, trace)
        self.server.stop()

    def look(self, path: str = "/api/topology", method: str = "GET", **headers: str) -> Look:
        return Look(self.server.port, path, method, **headers)

    def rows(self) -> dict[str, Json]:
        """Give the rows of the picture by their ids."""
        picture = self.look().json
        return {row[0]: dict(zip(picture["columns"], row, strict=True)) for row in picture["rows"]}

    def shows(self, row_id: str, **cells: object) -> Json:
        """Wait until a row has these cells."""

        def found() -> Json | None:
            row = self.rows().get(row_id)
            return row if row is not None and all(row[name] == cell for name, cell in cells.items()) else None

        return eventually(found, f"{row_id} with {cells}")

    def viewer(self) -> Viewer:
        """Begin to be told what changes from now on."""
        picture = self.look().json
        return Viewer(self.server.port, f"{picture['instance']}:{picture['version']}")
