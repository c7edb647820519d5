"""A lean HTTP/1.1 listener: one thread per connection, keep-alive, one write per answer, TLS if wanted."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote_plus

_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}
_MOST_HEAD = 65_536
_CHUNK = 262_144


@dataclass(slots=True)
class Request:
    """One request, read whole; header names are lower case."""

    method: str
    target: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    secure: bool = False

    @property
    def base(self) -> str:
        """Return scheme and host as the client wrote them."""
        return f"{'https' if self.secure else 'http'}://{self.headers.get('host', 'localhost')}"


@dataclass(slots=True)
class Response:
    """One answer."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    content_type: str = "application/json"


class Hangup(Exception):  # noqa: N818 - not an error but an instruction
    """Raised by an application to close the connection without an answer."""


Application = Callable[[Request], Response]


class Listener:
    """Accepts connections and serves each in its own thread."""

    def __init__(self, application: Application, address: tuple[str, int], tls: ssl.SSLContext | None) -> None:
        self._application = application
        self._tls = tls
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._closing = False
        self._socket = socket.create_server(address, backlog=256)
        self.port: int = self._socket.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, name=f"avi-simulator-{self.port}", daemon=True)
        self._acceptor.start()

    def close(self) -> None:
        """Close every connection and give the port back."""
        self._closing = True
        # Wakes the thread blocked in accept(), which closing alone does not do on Linux.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._acceptor.join()
        self.drop_connections()
        with self._lock:
            threads = list(self._connections.values())
        for thread in threads:
            thread.join()

    def drop_connections(self) -> None:
        """Cut every connection except that of the calling thread."""
        with self._lock:
            connections = list(self._connections.items())
        for connection, thread in connections:
            if thread is not threading.current_thread():
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                if self._closing:
                    return
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            name = f"avi-simulator-{self.port}-connection"
            thread = threading.Thread(target=self._serve, args=(connection,), name=name, daemon=True)
            with self._lock:
                self._connections[connection] = thread
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                if self._tls is None:
                    self._converse(connection)
                    return
                # The handshake comes later, so that close() can cut off a client that never finishes it.
                with self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as wrapped:
                    self._serve_wrapped(wrapped)
        except (OSError, Hangup):
            pass  # the client left, or is to believe that we did
        finally:
            with self._lock:
                self._connections.pop(connection, None)

    def _serve_wrapped(self, wrapped: ssl.SSLSocket) -> None:
        with self._lock:
            self._connections[wrapped] = threading.current_thread()
        try:
            if not self._closing:
                wrapped.do_handshake()
                self._converse(wrapped)
        finally:
            with self._lock:
                self._connections.pop(wrapped, None)

    def _converse(self, connection: socket.socket) -> None:
        secure = self._tls is not None
        kept = b""
        while not self._closing:
            read = _read(connection, kept)
            if read is None:
                return
            request, kept = read
            request.secure = secure
            response = self._application(request)
            connection.sendall(_encoded(response))
            if request.headers.get("connection", "").lower() == "close":
                return


def _encoded(response: Response) -> bytes:
    body = response.body
    lines = [b"HTTP/1.1 %d %s" % (response.status, _PHRASES.get(response.status, b"Unknown"))]
    if response.status != 204:
        lines.append(b"Content-Type: %s\r\nContent-Length: %d" % (response.content_type.encode(), len(body)))
    lines.extend(f"{name}: {value}".encode("latin-1", "replace") for name, value in response.headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _read(connection: socket.socket, data: bytes) -> tuple[Request, bytes] | None:
    """Read one request and what came after it; None at the end of the connection."""
    end = data.find(b"\r\n\r\n")
    while end < 0:
        chunk = connection.recv(_CHUNK)
        if not chunk or len(data) > _MOST_HEAD:
            return None
        data += chunk
        end = data.find(b"\r\n\r\n")
    lines = data[:end].decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    parts = lines[0].split(" ")
    if len(parts) != 3 or "transfer-encoding" in headers:
        connection.sendall(_encoded(Response(411 if len(parts) == 3 else 400)))
        return None
    try:
        length = int(headers.get("content-length", "0"))
    except ValueError:
        connection.sendall(_encoded(Response(400)))
        return None
    body = data[end + 4 :]
    if len(body) < length:
        body = _read_body(connection, headers, body, length)
        if len(body) < length:
            return None
    path, _, query = parts[1].partition("?")
    request = Request(parts[0], parts[1], path, _parsed(query), headers, body[:length])
    return request, body[length:]


def _read_body(connection: socket.socket, headers: dict[str, str], start: bytes, length: int) -> bytes:
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    pieces, have = [start], len(start)
    while have < length:
        chunk = connection.recv(_CHUNK)
        if not chunk:
            break
        pieces.append(chunk)
        have += len(chunk)
    return b"".join(pieces)


def _parsed(query: str) -> dict[str, str]:
    """Parse a query; keys without a value are kept, empty parts (``?&name=x``) are not."""
    found = {}
    for part in query.split("&"):
        if part:
            key, _, value = part.partition("=")
            found[unquote_plus(key)] = unquote_plus(value)
    return found
