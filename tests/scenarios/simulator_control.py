"""The control interface of the Avi Controller simulator, over HTTP as anybody would use it."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import urllib3

from tests.scenarios.scenario import JsonObject
from tests.scenarios.world import AviRequest
from tests.waiting import PATIENCE


class SimulatorControl:
    """What a scenario does to the Avi Controller past its API, and what it reads from it."""

    def __init__(self, url: str) -> None:
        self._http = urllib3.connection_from_url(url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def objects(self, type: str) -> Sequence[JsonObject]:  # noqa: A002 - the field's word
        """Give every object of a type as the Controller stores it."""
        found: Sequence[JsonObject] = self._call("GET", f"objects/{type}")
        return found

    def requests_since(self, number: int) -> Sequence[AviRequest]:
        """Give the requests that came after the one with that number, oldest first."""
        rows = self._call("GET", f"requests?since={number}")["requests"]
        return [_request(row) for row in rows if row["n"] > number]

    def misbehave(self, fault: JsonObject | None) -> None:
        """Lay a fault over the Controller; None ends all faults."""
        if fault is None:
            self._call("DELETE", "faults")
        else:
            self._call("POST", "faults", fault)

    def create(self, type: str, body: JsonObject) -> None:  # noqa: A002 - the field's word
        """Create an object behind everybody's back."""
        self._call("POST", f"objects/{type}", body)

    def delete(self, type: str, name: str, *, force: bool) -> None:  # noqa: A002 - the field's word
        """Delete an object behind everybody's back; with force also if something refers to it."""
        self._call("DELETE", f"objects/{type}/{quote(name)}{'?force=true' if force else ''}")

    def set_singleton(self, name: str, body: JsonObject) -> None:
        """Replace one of the documents that exist once, such as cluster_runtime."""
        self._call("PUT", f"singletons/{name}", body)

    def _call(self, method: str, path: str, body: JsonObject | None = None) -> Any:
        answer = self._http.request(method, f"/_sim/{path}", json=body, timeout=PATIENCE)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            text = answer.data.decode("utf-8", "replace")
            raise RuntimeError(f"simulator: {method} /_sim/{path} gave {answer.status}: {text[:500]}")
        return answer.json() if answer.data else None


def _request(row: JsonObject) -> AviRequest:
    return AviRequest(
        number=row["n"],
        method=row["method"],
        path=f"{row['path']}?{row['query']}" if row["query"] else row["path"],
        model=row["type"],
        name=row["name"],
        status=row["status"],
        is_write=row["is_write"],
    )
