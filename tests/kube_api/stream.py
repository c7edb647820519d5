"""A client of watch streams that a test reads line by line."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from ako.testing import KubeApi
from tests.waiting import PATIENCE

INGRESSES = "/apis/networking.k8s.io/v1/ingresses"


class Stream:
    """One open watch."""

    def __init__(
        self, kube: KubeApi, path: str = INGRESSES, headers: Mapping[str, str] | None = None, **query: Any
    ) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", kube.port, timeout=PATIENCE)
        target = path if "?" in path else f"{path}?{urlencode({'watch': 'true', **query})}"
        self._connection.request("GET", target, headers=dict(headers or {}))
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.headers = {name.title(): value for name, value in self._response.getheaders()}

    def next(self) -> Any:
        """Return the next event, None at the end of the stream."""
        line = self._response.readline()
        return json.loads(line) if line else None

    def next_but_bookmarks(self, count: int) -> list[Any]:
        """Return all events up to so many that say more than that nothing has happened."""
        found: list[Any] = []
        while count:
            found.append(self.next())
            count -= found[-1]["type"] != "BOOKMARK" or "annotations" in found[-1]["object"]["metadata"]
        return found

    def next_names(self, count: int) -> list[tuple[str, str]]:
        """Return type and object name of so many events."""
        return [(event["type"], event["object"]["metadata"]["name"]) for event in (self.next() for _ in range(count))]

    def rest(self) -> bytes:
        """Return all that is left; raise IncompleteRead if the stream is cut."""
        return self._response.read()

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
