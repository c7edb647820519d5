"""What the simulator and the stand-in of the Kubernetes API listen with: HTTP/1.1, a thread per connection."""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(slots=True)
class Request:
    """One request, read whole; header names are lower case, keys of the query without a value have ""."""

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
    """One answer; with a stream it has no body but goes on for as long as the stream does.

    The stream is given a function that says whether the client has left.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    stream: Callable[[Callable[[], bool]], Generator[bytes, None, None]] | None = None


class Hangup(Exception):  # noqa: N818 - not an error but an instruction
    """Raised by an application to close the connection without an answer."""


Application = Callable[[Request], Response]


class Listener:
    """Serves an application; can be taken down and up again on the same port.

    Args:
        application: answers requests, in the threads of their connections.
        address: host and port to listen on; port 0 takes a free one.
        tls: serve HTTPS with it.
    """

    def __init__(
        self, application: Application, address: tuple[str, int] = ("127.0.0.1", 0), tls: ssl.SSLContext | None = None
    ) -> None:
        self._application = application
        self._tls = tls
        self._server = _Server(application, address, tls)
        self._acceptor: threading.Thread | None = None
        self.up()

    @property
    def port(self) -> int:
        """Give the port it listens on."""
        return self._server.address[1]

    def up(self) -> None:
        """Accept connections; nothing happens if it does already."""
        if self._acceptor is None:
            self._server.server_activate()
            self._acceptor = threading.Thread(target=self._server.accept, name=f"accept-{self.port}", daemon=True)
            self._acceptor.start()

    def down(self, let_go: Callable[[], None]) -> None:
        """Close every connection and refuse new ones, keeping the port.

        Args:
            let_go: called once no new connection can come, to end what the application keeps waiting.
        """
        if self._acceptor is not None:
            address = self._server.address
            self.close(let_go)
            self._server = _Server(self._application, address, self._tls)

    def close(self, let_go: Callable[[], None] = lambda: None) -> None:
        """Close every connection and give the port back; `let_go` as for `down`."""
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            self._server.stop_accepting()
            acceptor.join()
            self._server.drop_connections()
            let_go()
            self._server.wait_for_connections()
        self._server.server_close()

    def drop_connections(self) -> None:
        """Cut every connection except that of the calling thread."""
        self._server.drop_connections()


class _Server(ThreadingTCPServer):
    """Owns a port, from the beginning; connecting to it is refused until it is activated."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, application: Application, address: tuple[str, int], tls: ssl.SSLContext | None) -> None:
        super().__init__(address, _Connection, bind_and_activate=False)
        self.application = application
        self._tls = tls
        self._is_ending = False
        self._changed = threading.Condition()
        self._connections: dict[socket.socket, threading.Thread | None] = {}
        try:
            self.server_bind()
        except OSError:
            self.server_close()
            raise

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.socket.getsockname()
        return host, port

    def accept(self) -> None:
        while not self._is_ending:
            self.handle_request()

    def stop_accepting(self) -> None:
        self._is_ending = True
        # Wakes the thread that accepts, which closing alone does not do on Linux.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def drop_connections(self) -> None:
        with self._changed:
            connections = list(self._connections.items())
        for connection, thread in connections:
            if thread is not threading.current_thread():
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def wait_for_connections(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._connections)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, client = super().get_request()
        if self._tls is None:
            return connection, client
        # The handshake comes later, in the connection's own thread: a client that never finishes it hinders nobody.
        return self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), client

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._connections[request] = None
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._connections[request] = threading.current_thread()
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._connections.pop(request, None)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as the library calls it
        # Either the client has left, or it is to believe that we did; anything else is a defect.
        if not isinstance(sys.exception(), OSError | Hangup):
            raise  # noqa: PLE0704 - called while an exception is handled


class _Connection(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one write per answer

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
        """Applications keep logs of their own."""

    def _converse(self) -> None:
        try:
            body = self._body()
        except ValueError:
            self.close_connection = True
            self.send_error(400)
            return
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            target=self.path,
            path=unquote(path),
            query=dict(parse_qsl(query, keep_blank_values=True)) if query else {},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            secure=isinstance(self.request, ssl.SSLSocket),
        )
        self._send(self.server.application(request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _converse  # noqa: N815 - as the library calls them

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self._read(int(self.headers.get("Content-Length", "0")))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self._read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _read(self, length: int) -> bytes:
        data = self.rfile.read(length) if length else b""
        if len(data) < length:
            raise Hangup  # the client left in the middle of it
        return data

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        if all(name.lower() != "date" for name, _ in response.headers):
            self.send_header("Date", self.date_time_string())
        if response.stream is not None:
            self.send_header("Transfer-Encoding", "chunked")
        elif response.status != 204:
            self.send_header("Content-Length", str(len(response.body)))
        if response.status != 204:
            self.send_header("Content-Type", response.content_type)
        for name, value in response.headers:
            self.send_header(name, value.encode("latin-1", "replace").decode("latin-1"))
        self.end_headers()
        self.wfile.write(response.body)
        if response.stream is not None:
            self._send_stream(response.stream)

    def _send_stream(self, stream: Callable[[Callable[[], bool]], Generator[bytes, None, None]]) -> None:
        with contextlib.closing(stream(self._has_left)) as batches:
            for batch in batches:
                if batch:  # an empty chunk would end the stream
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(batch), batch))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _has_left(self) -> bool:
        """Say whether the client has closed, without waiting and without taking anything it sent."""
        connection: socket.socket = self.request
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
