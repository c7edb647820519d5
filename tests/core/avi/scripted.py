"""A Controller that does what a test scripts, over real sockets: breaks off, resets, stalls, forgets sessions."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.waiting import PATIENCE

SESSION_COOKIE = "avi-sessionid"


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


@dataclass(frozen=True)
class Reply:
    """What to answer; `breaks` answers with a broken connection instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    breaks: str = ""


def error(status: int, text: str, **headers: str) -> Reply:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(status, json.dumps({"error": text}).encode(), pairs)


@dataclass
class Script:
    """What the Controller knows and does next; a reply in `replies` goes before everything else."""

    version: str = "22.1.4"
    password: str = "right"
    logins: int = 0
    open_sessions: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    replies: dict[tuple[str, str], deque[Reply]] = field(default_factory=dict)
    before_answer: Callable[[Seen], None] = lambda _seen: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def then(self, method: str, path: str, *replies: Reply) -> None:
        self.replies.setdefault((method, path), deque()).extend(replies)

    def expire_sessions(self) -> None:
        with self.lock:
            self.open_sessions.clear()

    def calls(self, method: str, path: str) -> list[Seen]:
        with self.lock:
            return [seen for seen in self.seen if (seen.method, seen.target.partition("?")[0]) == (method, path)]

    def answer(self, seen: Seen) -> Reply:
        path = seen.target.partition("?")[0]
        with self.lock:
            self.seen.append(seen)
        self.before_answer(seen)
        with self.lock:
            scripted = self.replies.get((seen.method, path))
            if scripted:
                return scripted.popleft()
        if path == "/login":
            return self._log_in(seen)
        if path == "/api/initial-data":
            return Reply(body=json.dumps({"version": {"Version": self.version}}).encode())
        with self.lock:
            csrf = self.open_sessions.get(seen.cookies.get(SESSION_COOKIE, ""))
        if csrf is None:
            return error(401, "Session expired")
        if seen.method != "GET" and seen.headers.get("x-csrftoken") != csrf:
            return Reply(401, b"CSRF token missing or incorrect.", (("Content-Type", "application/json"),))
        return Reply(204, b"") if seen.method == "DELETE" else Reply()

    def _log_in(self, seen: Seen) -> Reply:
        if json.loads(seen.body).get("password", json.loads(seen.body).get("token")) != self.password:
            return error(401, "Invalid credentials")
        with self.lock:
            self.logins += 1
            session, csrf = f"session{self.logins}", f"csrf{self.logins}"
            self.open_sessions[session] = csrf
        cookies = {"csrftoken": csrf, "sessionid": session, SESSION_COOKIE: session}
        headers = tuple(("Set-Cookie", f"{name}={value}; Path=/; Secure") for name, value in cookies.items())
        body = {"session_cookie_name": SESSION_COOKIE, "version": {"Version": self.version}}
        return Reply(200, json.dumps(body).encode(), headers)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedController

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, body, self.client_address[1])
        reply = self.server.script.answer(seen)
        if reply.breaks:
            self._break(reply)
            return
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names http.server looks for

    def _break(self, reply: Reply) -> None:
        self.close_connection = True
        if reply.breaks == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif reply.breaks == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        elif reply.breaks == "garbage":
            self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        elif reply.breaks == "stall":
            self.server.released.wait(PATIENCE)
        elif reply.breaks == "stall in the body":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            self.server.released.wait(PATIENCE)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


class ScriptedController(ThreadingHTTPServer):
    """Serves one script until closed; then no thread and no socket of it is left."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.released = threading.Event()
        self._context = context
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self.shutdown()
        self._thread.join()
        self.drop_connections()
        self.server_close()

    def drop_connections(self) -> None:
        """Close the connections that lie idle, as a Controller does after a while."""
        for connection in list(self._connections):
            try:
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            except OSError:
                continue

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        if (
            isinstance(request, socket.socket)
            and request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)[:1] != b"\0"
        ):
            request.close()  # a shutdown would say goodbye where a reset is wanted
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: broken connections are what is tested."""
