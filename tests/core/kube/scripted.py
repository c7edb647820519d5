"""A small HTTP server that answers list and watch requests from a script, to pin down what goes over the wire."""

from __future__ import annotations

import json
import queue
import ssl
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

import yaml

from tests.waiting import PATIENCE


class Asked(NamedTuple):
    """One request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str
    body: Any
    content_type: str


class Reply(NamedTuple):
    """A whole answer; `lines` makes it a stream, `hold` keeps that open until the server stops or it is let go."""

    status: int = 200
    body: Any = None
    lines: Iterable[Any] | None = None
    hold: bool = False
    headers: Mapping[str, str] = {}


class ScriptedApi:
    """Answers requests in turn from `replies`; those beyond the script are held open, unanswered streams."""

    def __init__(self, *replies: Reply | Callable[[Asked], Reply], tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self._replies: queue.SimpleQueue[Reply | Callable[[Asked], Reply]] = queue.SimpleQueue()
        for reply in replies:
            self._replies.put(reply)
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self.let_go = threading.Event()
        script = self

        class Handler(_Handler):
            api = script

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._scheme = "https" if tls else "http"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def write_kubeconfig(self, path: Path, token: str = "secret", ca: Path | None = None) -> Path:
        trust = {"certificate-authority": str(ca)} if ca else {}
        path.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "c",
                    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                    "clusters": [{"name": "c", "cluster": {"server": self.url, **trust}}],
                    "users": [{"name": "u", "user": {"token": token}}],
                }
            )
        )
        return path

    def queries(self) -> list[dict[str, str]]:
        """Give what was asked, without what a test cannot foresee."""
        return [{k: v for k, v in a.query.items() if k != "timeoutSeconds"} for a in self.asked]

    def until_asked(self, times: int) -> list[Asked]:
        """Wait until so many requests came in."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.asked) >= times, PATIENCE), self.asked
            return list(self.asked)

    def answer(self, asked: Asked) -> Reply:
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
            reply = Reply(lines=(), hold=True) if self._replies.empty() else self._replies.get()
        return reply if isinstance(reply, Reply) else reply(asked)

    def hold(self) -> None:
        while not self._stopping.is_set() and not self.let_go.wait(0.01):
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a client hang up, as one that stops watching does."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    api: ScriptedApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        asked = Asked(
            self.command,
            url.path,
            dict(parse_qsl(url.query)),
            self.headers.get("Authorization", ""),
            json.loads(body) if body else None,
            self.headers.get("Content-Type", ""),
        )
        reply = self.api.answer(asked)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.lines is None:
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        else:
            self._stream(reply.lines, hold=reply.hold)

    do_POST = do_PATCH = do_GET  # noqa: N815 - the names the server looks for

    def _stream(self, lines: Iterable[Any], *, hold: bool) -> None:
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in lines:
            self._chunk(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        if hold:
            self.api.hold()
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


def item(name: str, version: str = "1", **fields: Any) -> dict[str, Any]:
    namespace, _, rest = name.rpartition("/")
    return {"metadata": {"name": rest, "namespace": namespace, "resourceVersion": version}, **fields}


def page(*items: Any, version: str = "10", token: str = "") -> Reply:
    metadata = {"resourceVersion": version} | ({"continue": token} if token else {})
    return Reply(body={"metadata": metadata, "items": list(items)})


def failure(status: int, message: str = "no", **headers: str) -> Reply:
    body = {"kind": "Status", "status": "Failure", "message": message, "code": status}
    return Reply(status, body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def stream(*events: Any, hold: bool = False) -> Reply:
    return Reply(lines=events, hold=hold)


def event(kind: str, name: str, version: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "object": item(name, version, **fields)}


def bookmark(version: str) -> dict[str, Any]:
    return {"type": "BOOKMARK", "object": {"kind": "Ingress", "metadata": {"resourceVersion": version}}}


EXPIRED = {
    "type": "ERROR",
    "object": {"kind": "Status", "metadata": {}, "message": "too old resource version", "code": 410},
}
