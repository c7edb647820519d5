"""Replays recorded exchanges of a real API server and says what differs."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from ako.testing import KubeApi
from tests.kube_api.stream import Stream
from tests.waiting import PATIENCE

TRANSCRIPTS = Path(__file__).parent / "transcripts.jsonl"
TOKENS = {"admin": "right", "ako": "of-ako", "bad": "wrong"}

# Fields whose value is the server's own; both sides must have them, the values may differ.
_OWN = {"uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "continue", "nodePort", "clusterIP"}
_OWN |= {"clusterIPs", "serverAddress", "gitCommit", "time", "lastTransitionTime", "storageVersionHash"}
_LINKED = {"uid", "resourceVersion", "continue", "name"}
_COMPARED = ("Content-Type", "Retry-After", "Warning")


class Exchange(msgspec.Struct, frozen=True):
    """One recorded request and its answer: a document, or the lines of a stream and whether it was cut."""

    number: str
    name: str
    method: str
    path: str
    user: str
    headers: dict[str, str]
    status: int
    answer_headers: dict[str, str]
    body: Any = None
    answer: Any = None
    lines: list[Any] | None = None
    cut: bool = False


class Answer(NamedTuple):
    """What is compared of an answer: without the values that are the server's own."""

    status: int
    headers: dict[str, str]
    body: Any


def transcripts() -> list[Exchange]:
    """Return the recorded exchanges in order."""
    return [msgspec.json.decode(line, type=Exchange) for line in TRANSCRIPTS.read_bytes().splitlines()]


def send(kube: KubeApi, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], Any]:
    """Send one request on a connection of its own; return status, headers and the body (lines for a stream)."""
    connection = http.client.HTTPConnection("127.0.0.1", kube.port, timeout=PATIENCE)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        connection.request(method, path, content, named)
        response = connection.getresponse()
        text = response.read().decode()
        received = {name.title(): value for name, value in response.getheaders()}
        if not received["Content-Type"].startswith("application/json"):
            return response.status, received, text
        if "watch=true" in path:
            return response.status, received, [json.loads(line) for line in text.splitlines()]
        return response.status, received, json.loads(text)
    finally:
        connection.close()


def _without_bookmarks(lines: list[Any]) -> list[Any]:
    """Leave out the bookmarks that say only that nothing has happened."""
    return [line for line in lines if line.get("type") != "BOOKMARK" or "annotations" in line["object"]["metadata"]]


@dataclass
class Replay:
    """One server under replay, and how the recorded values translate to its own."""

    kube: KubeApi
    ours: dict[str, str] = field(default_factory=dict)

    def exchange(self, recorded: Exchange) -> tuple[Answer, Answer]:
        """Repeat one exchange; return what was recorded and what came, both without the server's own values."""
        target = re.sub(r"timeoutSeconds=\d+", "timeoutSeconds=1", self.target(recorded))
        content = recorded.body if isinstance(recorded.body, str) else self._translated_body(recorded.body)
        status, headers, body = send(self.kube, recorded.method, target, content, **_headers(recorded))
        if recorded.lines is not None and len(_without_bookmarks(recorded.lines)) < len(recorded.lines):
            assert len(_without_bookmarks(body)) < len(body), "no bookmark came to the end"
        return self._compared(recorded, status, headers, body)

    def opened(self, recorded: Exchange) -> Stream:
        """Open the stream of an exchange."""
        return Stream(self.kube, self.target(recorded), _headers(recorded))

    def watched(
        self, recorded: Exchange, stream: Stream, last: Callable[[Replay], None] | None
    ) -> tuple[Answer, Answer]:
        """Read what is recorded of a stream that is open; then do one last thing, which cuts it."""
        assert recorded.lines is not None
        lines = stream.next_but_bookmarks(len(_without_bookmarks(recorded.lines)))
        if last is not None:
            last(self)
            with pytest.raises(http.client.IncompleteRead):
                stream.rest()
        stream.close()
        assert recorded.cut is (last is not None)
        return self._compared(recorded, stream.status, stream.headers, lines)

    def target(self, recorded: Exchange) -> str:
        """Return the path of an exchange, in the words of the server under replay."""

        def one(found: re.Match[str]) -> str:
            return self.ours.get(found[0], found[0])

        return re.sub(r"[\w-]+", one, recorded.path)

    def _compared(self, recorded: Exchange, status: int, headers: dict[str, str], body: Any) -> tuple[Answer, Answer]:
        wanted = recorded.answer if recorded.lines is None else recorded.lines
        if recorded.lines is not None and status == 200:
            # How often a server says that nothing has happened is its own affair.
            wanted, body = _without_bookmarks(wanted), _without_bookmarks(body)
        self._learn(wanted, body)
        owners = "managedFields" in json.dumps(wanted)
        return (
            Answer(recorded.status, _shown(recorded.answer_headers), self._plain(wanted, owners=owners)),
            Answer(status, _shown(headers), self._plain(body, owners=owners)),
        )

    def _translated_body(self, body: Any) -> Any:
        if isinstance(body, dict):
            return {field: self._translated_body(value) for field, value in body.items()}
        if isinstance(body, list):
            return [self._translated_body(value) for value in body]
        return self.ours.get(body, body) if isinstance(body, str) else body

    def _learn(self, wanted: Any, got: Any, field: str = "") -> None:
        """Note what the server under replay calls what was recorded; names in discovery documents stay."""
        if isinstance(wanted, dict) and isinstance(got, dict):
            links = _LINKED if field == "metadata" and wanted.keys() & {"resourceVersion", "continue"} else set()
            for name in wanted.keys() & got.keys():
                if name not in links:
                    self._learn(wanted[name], got[name], name)
                elif wanted[name] != got[name]:
                    self.ours[wanted[name]] = str(got[name])
        elif isinstance(wanted, list) and isinstance(got, list):
            for one, other in zip(wanted, got, strict=False):
                self._learn(one, other)

    def _plain(self, value: Any, *, owners: bool) -> Any:
        """Put the server's own values out of the comparison and recorded names in the place of generated ones."""
        if isinstance(value, dict):
            if value.get("type") == "BOOKMARK":
                # A real server shows an object without content beside what counts.
                value = {
                    **value,
                    "object": {name: value["object"][name] for name in ("kind", "apiVersion", "metadata")},
                }
            shown = {
                name: "*" if name in _OWN and inner else self._plain(inner, owners=owners)
                for name, inner in value.items()
                if name != "storageVersionHash" and (owners or name != "managedFields")
            }
            if isinstance(causes := shown.get("causes"), list):
                shown["causes"] = sorted(causes, key=repr)  # in no order on a real server
            return shown
        if isinstance(value, list):
            return [self._plain(one, owners=owners) for one in value]
        if isinstance(value, str):
            text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>", value)
            return re.sub(r"gen-[a-z0-9]{5}|current: \d+|version: \d+ \(\d+\)", "<own>", text)
        return value


def _headers(recorded: Exchange) -> dict[str, str]:
    token = TOKENS.get(recorded.user)
    return {**recorded.headers, **({"Authorization": f"Bearer {token}"} if token else {})}


def _shown(headers: dict[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in _COMPARED if name in headers}
