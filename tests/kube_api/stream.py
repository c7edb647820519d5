"""A client of watch streams that a test reads line by line."""

from __future__ import annotations

import http.client
import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from ako.testing import KubeApi
from tests.waiting import PATIENCE

INGRESSES = "/apis/networking.k8s.io/v1/ingresses"


class Stream:
    """One open watch."""

    def __init__(self, kube: KubeApi, path: str = INGRESSES, **query: Any) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", kube.port, timeout=PATIENCE)
        self._connection.request("GET", f"{path}?{urlencode({'watch': 'true', **query})}")
        self._response = self._connection.getresponse()
        self.status = self._response.status

    def next(self) -> Any:
        """Return the next event, None at the end of the stream."""
        line = self._response.readline()
        return json.loads(line) if line else None

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
