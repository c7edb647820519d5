"""A Controller that tells what it was sent: the simulator, behind who answers some requests with themselves."""

from __future__ import annotations

import base64
import html
import http.client
import json
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

from ako.testing.listener import Listener, Request, Response

_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "server", "date"}
)

ECHOES: dict[str, Callable[[str], Response]] = {
    "json": lambda told: Response(400, json.dumps({"error": f"cannot take {told}"}).encode()),
    "json of json": lambda told: Response(400, json.dumps({"error": json.dumps({"sent": told})}).encode()),
    "html": lambda told: Response(500, f"<html><pre>{html.escape(told)}</pre></html>".encode(), "text/html"),
    "text": lambda told: Response(503, told.encode(), "text/plain"),
    "url": lambda told: Response(400, json.dumps({"detail": quote(told)}).encode()),
    "base64": lambda told: Response(403, json.dumps({"error": base64.b64encode(told.encode()).decode()}).encode()),
    "refused login": lambda told: Response(401, json.dumps({"error": f"Invalid credentials: {told}"}).encode()),
}


class Gateway:
    """Passes requests on; those whose path begins like `echoes` are answered with all that they said."""

    def __init__(self, url: str) -> None:
        self._behind = urlsplit(url)
        self.echoes = "nothing"
        self.echo = "json"
        self.sessions: set[str] = set()
        """Session cookies and CSRF tokens that were given out or sent."""
        self.targets: list[str] = []
        self._listener = Listener(self._answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._listener.close()

    @property
    def url(self) -> str:
        """Give its address."""
        return f"http://127.0.0.1:{self._listener.port}"

    def _answer(self, request: Request) -> Response:
        self.targets.append(request.target)
        if request.path.startswith(self.echoes) and request.method == "POST":
            sent = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
            return ECHOES[self.echo](f"{request.body.decode()}\n{sent}")
        connection = http.client.HTTPConnection(self._behind.hostname or "", self._behind.port, timeout=60)
        headers = {name: value for name, value in request.headers.items() if name not in _HOP - {"content-length"}}
        headers["accept-encoding"] = "identity"
        headers["referer"] = f"http://{headers['host']}/"
        connection.request(request.method, request.target, request.body, headers)
        answer = connection.getresponse()
        body, sent_on = answer.read(), [(n, v) for n, v in answer.getheaders() if n.lower() not in _HOP]
        connection.close()
        self._remember(sent_on)
        kind = next((value for name, value in sent_on if name.lower() == "content-type"), "application/json")
        return Response(answer.status, body, kind, [pair for pair in sent_on if pair[0].lower() != "content-type"])

    def _remember(self, headers: list[tuple[str, str]]) -> None:
        for name, value in headers:
            if name.lower() == "set-cookie":
                self.sessions.add(value.partition(";")[0].partition("=")[2])
