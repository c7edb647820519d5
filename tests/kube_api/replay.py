"""Replays recorded exchanges of a real API server and says what differs."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ako.testing import KubeApi
from tests.waiting import PATIENCE

TRANSCRIPTS = Path(__file__).parent / "transcripts"
TOKEN = "right"

# Fields whose value is the server's own; both sides must have them, the values may differ.
_OWN = {"uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "continue", "nodePort", "clusterIP"}
_OWN |= {"clusterIPs", "serverAddress", "gitCommit"}
_LINKED = {"uid", "resourceVersion", "continue", "name"}


def transcripts(first: int, last: int) -> list[Path]:
    """Return the recorded exchanges with a number in a range."""
    return [path for path in sorted(TRANSCRIPTS.glob("*.json")) if first <= int(path.name[:3]) <= last]


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
        if received["Content-Type"] != "application/json":
            return response.status, received, text
        if "watch=true" in path:
            return response.status, received, [json.loads(line) for line in text.splitlines()]
        return response.status, received, json.loads(text)
    finally:
        connection.close()


@dataclass
class Replay:
    """One server under replay, and how the recorded values translate to its own."""

    kube: KubeApi
    ours: dict[str, str] = field(default_factory=dict)

    def exchange(self, path: Path) -> tuple[Any, Any]:
        """Repeat one exchange; return what was recorded and what came, both without the server's own values."""
        recorded = json.loads(path.read_text())
        request, expected = recorded["request"], recorded["response"]
        headers = {**request["headers"], "Authorization": f"Bearer {'wrong' if request['user'] == 'bad' else TOKEN}"}
        target = self._translate(re.sub(r"timeoutSeconds=\d+", "timeoutSeconds=1", request["path"]))
        content = request["body"] if isinstance(request["body"], str) else self._translated_body(request["body"])
        with self._refusal_in(expected):
            status, got_headers, body = send(self.kube, request["method"], target, content, **headers)
        wanted = expected["lines"] if "lines" in expected else expected["body"]
        if "lines" in expected and status == 200:
            body = body[: len(wanted)]  # the recorded stream was cut where its own clock ended it
        self._learn(wanted, body)
        media = expected["headers"]["Content-Type"], got_headers["Content-Type"]
        return (expected["status"], media[0], self._plain(wanted)), (status, media[1], self._plain(body))

    @contextlib.contextmanager
    def _refusal_in(self, expected: dict[str, Any]) -> Iterator[None]:
        """Forbid, for one exchange, what the recorded answer says is forbidden."""
        body = expected["lines"][0] if "lines" in expected else expected["body"]
        message = body.get("message", "") if isinstance(body, dict) else ""
        found = re.search(r'cannot (\w+) resource "([\w/]+)"', message)
        if isinstance(body, dict) and body.get("kind") == "SelfSubjectAccessReview":
            asked = body["spec"]["resourceAttributes"]
            refusal = self.kube.forbid(asked["verb"], asked["resource"])
        elif found:
            refusal = self.kube.forbid(found[1], found[2])
        else:
            yield
            return
        yield
        refusal.clear()

    def _translated_body(self, body: Any) -> Any:
        return body if body is None else json.loads(self._translate(json.dumps(body)))

    def _translate(self, text: str) -> str:
        def one(found: re.Match[str]) -> str:
            return self.ours.get(found[0], found[0])

        return re.sub(r"[\w-]+", one, text)

    def _learn(self, wanted: Any, got: Any) -> None:
        if isinstance(wanted, dict) and isinstance(got, dict):
            for name in wanted.keys() & got.keys():
                if name in _LINKED and isinstance(wanted[name], str) and wanted[name] != got[name]:
                    self.ours[wanted[name]] = str(got[name])
                else:
                    self._learn(wanted[name], got[name])
        elif isinstance(wanted, list) and isinstance(got, list):
            for one, other in zip(wanted, got, strict=False):
                self._learn(one, other)

    def _plain(self, value: Any) -> Any:
        """Put the server's own values out of the comparison and recorded names in the place of generated ones."""
        if isinstance(value, dict):
            value = {name: inner for name, inner in value.items() if name != "storageVersionHash"}
            return {name: "*" if name in _OWN and inner else self._plain(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._plain(one) for one in value]
        if isinstance(value, str):
            text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>", value)
            return re.sub(r"gen-[a-z0-9]{5}|current: \d+", "<own>", text)
        return value
