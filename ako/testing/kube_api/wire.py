"""HTTP/1.1 over threads: a lean listener that can be taken down and up again on the same port."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from http import HTTPStatus
from io import BufferedReader
from urllib.parse import parse_qsl, unquote

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_LONGEST_HEAD_LINE = 65_536


@dataclass(slots=True)
class Request:
    """One request, read whole."""

    method: str
    target: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def is_watch(self) -> bool:
        """Say whether it asks for a watch stream."""
        return self.method == "GET" and self.query.get("watch") in {"true", "1"}


@dataclass(slots=True)
class Response:
    """One answer; with a stream it has no body but goes on for as long as the stream does."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    stream: Callable[[Callable[[], bool]], Generator[bytes, None, None]] | None = None


class Hangup(Exception):  # noqa: N818 - not an error but an instruction
    """Raised by an application to close the connection without an answer."""


Application = Callable[[Request], Response]


class Listener:
    """Accepts connections and serves each in its own thread."""

    def __init__(self, application: Application, port: int = 0) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._socket = _bound(port)
        self.port: int = self._socket.getsockname()[1]
        self._acceptor: threading.Thread | None = None
        self.up()

    def up(self) -> None:
        """Accept connections; nothing happens if it is up already."""
        if self._acceptor is not None:
            return
        self._socket.listen(128)
        self._acceptor = threading.Thread(target=self._accept, args=(self._socket,), name=f"accept-{self.port}")
        self._acceptor.daemon = True
        self._acceptor.start()

    def down(self, let_go: Callable[[], None]) -> None:
        """Close every connection and refuse new ones, keeping the port.

        Args:
            let_go: called once no new connection can come, to end what the application keeps waiting.
        """
        if self._stop(let_go):
            self._socket = _bound(self.port)

    def close(self, let_go: Callable[[], None]) -> None:
        """Close every connection and give the port back; `let_go` as for `down`."""
        self._stop(let_go)
        self._socket.close()

    def _stop(self, let_go: Callable[[], None]) -> bool:
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is None:
            return False
        # Wakes the thread blocked in accept(), which closing alone does not do on Linux.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        acceptor.join()
        with self._lock:
            connections, threads = list(self._connections), list(self._threads)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        let_go()
        for thread in threads:
            thread.join()
        return True

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(connection,), name=f"connection-{self.port}")
            thread.daemon = True
            with self._lock:
                self._connections.add(connection)
                self._threads = {one for one in self._threads if one.is_alive()} | {thread}
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as reader:
                self._converse(connection, reader)
        except (OSError, Hangup):
            pass  # the client left, or is to believe that we did
        finally:
            with self._lock:
                self._connections.discard(connection)

    def _converse(self, connection: socket.socket, reader: BufferedReader) -> None:
        while self._acceptor is not None:
            request = _read(reader)
            if request is None:
                return
            response = self._application(request)
            if response.stream is None:
                connection.sendall(_head(response, f"Content-Length: {len(response.body)}") + response.body)
            else:
                _send_stream(connection, response)
            if request.headers.get("connection", "").lower() == "close":
                return


def _bound(port: int) -> socket.socket:
    """Return a socket that owns a port but does not listen: connecting to it is refused."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


def _read(reader: BufferedReader) -> Request | None:
    line = reader.readline(_LONGEST_HEAD_LINE)
    words = line.decode("latin-1").split()
    if len(words) != 3:
        return None
    headers = {}
    while (line := reader.readline(_LONGEST_HEAD_LINE)) not in {b"\r\n", b"\n", b""}:
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    path, _, query = words[1].partition("?")
    pairs = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    return Request(words[0], words[1], unquote(path), pairs, headers, _read_body(reader, headers))


def _read_body(reader: BufferedReader, headers: dict[str, str]) -> bytes:
    if "chunked" not in headers.get("transfer-encoding", ""):
        length = int(headers.get("content-length") or 0)
        return reader.read(length) if length else b""
    chunks = []
    while size := int(reader.readline(_LONGEST_HEAD_LINE).split(b";")[0] or b"0", 16):
        chunks.append(reader.read(size))
        reader.readline(_LONGEST_HEAD_LINE)
    reader.readline(_LONGEST_HEAD_LINE)
    return b"".join(chunks)


def _head(response: Response, framing: str) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {_PHRASES.get(response.status, '')}",
        "Cache-Control: no-cache, private",
        f"Content-Type: {response.content_type}",
        framing,
        *(f"{name}: {value}" for name, value in response.headers),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _send_stream(connection: socket.socket, response: Response) -> None:
    assert response.stream is not None  # noqa: S101 - the caller has looked
    with contextlib.closing(response.stream(lambda: _gone(connection))) as batches:
        opening = next(batches, b"")
        connection.sendall(_head(response, "Transfer-Encoding: chunked") + _chunk(opening))
        for batch in batches:
            connection.sendall(_chunk(batch))
    connection.sendall(b"0\r\n\r\n")


def _chunk(data: bytes) -> bytes:
    # An empty chunk would end the stream.
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def _gone(connection: socket.socket) -> bool:
    """Say whether the other side has closed, without waiting and without taking anything it sent."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
