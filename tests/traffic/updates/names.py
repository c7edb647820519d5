"""Where a name leads: asked anew for each request, as by a client whose DNS is fresh."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import structs

from tests.traffic.asking import Asked
from tests.traffic.visitor import Listening, vips_of
from tests.waiting import PATIENCE


class Names:
    """Asks a simulator who listens; of one thread."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(str(urlsplit(url).netloc), timeout=PATIENCE)
        self._sources: dict[str, str] = {}
        self._seen: dict[tuple[str, str, int], Listening] = {}

    def __enter__(self) -> Names:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def place_of(self, asked: Asked) -> Listening | None:
        """Give who listens where the name leads, None where it leads nowhere."""
        listeners = msgspec.convert(self._call("GET", "listeners"), list[Listening])
        for one in listeners:
            for name in one.names:
                self._seen[name, one.protocol, one.port] = structs.replace(one, names=(name,))
        return _place(asked, listeners)

    def last_of(self, asked: Asked) -> Listening | None:
        """Give where it led when any name was last looked up and it led anywhere."""
        return _place(asked, list(self._seen.values()))

    def source_of(self, asked: Asked) -> str:
        """Give the address to come from, "" for any."""
        if not asked.client:
            return ""
        if asked.client not in self._sources:
            self._sources[asked.client] = self._call("POST", "clients", {"address": asked.client})["source"]
        return self._sources[asked.client]

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        text = None if body is None else json.dumps(body)
        self._connection.request(method, f"/_sim/{path}", text, {"Content-Type": "application/json"})
        with self._connection.getresponse() as response:
            found = response.read()
            if response.status >= http.client.BAD_REQUEST:
                raise RuntimeError(f"simulator: {method} /_sim/{path} gave {response.status}: {found[:500]!r}")
            return msgspec.json.decode(found)


def _place(asked: Asked, listeners: Sequence[Listening]) -> Listening | None:
    vips = vips_of(asked.to, listeners)
    wanted = ("UDP" if asked.scheme == "udp" else "TCP", asked.asked_port)
    return next((one for one in listeners if one.vip in vips and (one.protocol, one.port) == wanted), None)
