"""The HTTP server for probes, metrics and status, which answers however busy the loop is and whoever else asks.

Each connection has a thread, and all of them have bounds: a request is read, and its answer taken, within some
seconds, or the connection is cut; where there are too many, the one that has least time left goes for the new one. So
clients that are slow, silent or many neither pile up threads nor keep probes out.
"""

from __future__ import annotations

import errno
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from ako.core.base.faults import Faults
from ako.core.base.secrecy import masked
from ako.core.control.health_pages import FOR_PROBES, Health, Page, Request, Stream, pages_of, text
from ako.core.control.transfer import SAFE, fitted, masked_page
from ako.core.control.views import Answer, Views

_log = logging.getLogger(__name__)

STOPPING_SECONDS = 0.05
"""How long the end of the program may wait for the server at most: so often it looks whether it is to stop."""

PATIENCE = 10.0
"""Seconds in which a request has to come, since the connection or the answer before, and its answer has to be taken."""

MOST_CONNECTIONS = 32
"""How many are open at the same time."""

_METHODS = ("GET", "HEAD")
_NO_IPV6 = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT, errno.EINVAL})


class HealthServer:
    """Serves `/healthz`, `/readyz`, `/metrics`, `/api/status`, `/api/explain` and the page on threads of its own."""

    def __init__(
        self,
        health: Health,
        port: int,
        clock: Callable[[], float] = time.monotonic,
        masked: Callable[[str], str] = masked,
    ) -> None:
        """Listen on every address of the machine; `masked` takes secrets out of what is said.

        Raises:
            OSError: the port cannot be had.
        """
        views = Views(health.outlook, masked, clock) if health.outlook else None
        own = {"pages": pages_of(health), "views": views, "masked": staticmethod(masked), "faults": Faults("health")}
        handler = type("Handler", (_Handler,), own)
        self._server = _listening(port, handler, clock)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(STOPPING_SECONDS,), name="health", daemon=True
        )

    @property
    def port(self) -> int:
        """Give the port it listens on."""
        return self._server.server_port

    @property
    def address(self) -> str:
        """Give where it listens, in words: which addresses, and of which families."""
        if self._server.address_family is socket.AF_INET6:
            return f"[::]:{self.port}, IPv4 and IPv6"
        return f"0.0.0.0:{self.port}, IPv4 only"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving; connections that are open are cut."""
        self._server.shutdown()
        self._server.server_close()
        self._server.cut_all()
        self._thread.join()


def _listening(port: int, handler: type[_Handler], clock: Callable[[], float]) -> _Server:
    """Listen over IPv6 and IPv4 at once, or over IPv4 alone where there is no IPv6, or none that may be used."""
    if socket.has_dualstack_ipv6():
        try:
            return _Server(socket.AF_INET6, port, handler, clock)
        except OSError as error:
            if error.errno not in _NO_IPV6:
                raise
            _log.debug("no IPv6 to listen on: %s", error)
    return _Server(socket.AF_INET, port, handler, clock)


class _Server(ThreadingHTTPServer):
    """Takes connections, and cuts those whose time is over or that are in the way of newer ones."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, family: socket.AddressFamily, port: int, handler: type[_Handler], clock: Callable[[], float]
    ) -> None:
        self.address_family = family
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[socket.socket, float] = {}
        self._cut: set[socket.socket] = set()
        super().__init__(("", port), handler)

    def server_bind(self) -> None:
        if self.address_family is socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        # Not that of HTTPServer, which looks up the name of the machine: that may take long.
        TCPServer.server_bind(self)
        self.server_port = self.server_address[1]

    def verify_request(self, request: Any, _: Any) -> bool:
        """Take a connection, for which another may have to go; none while those that went have not ended yet."""
        with self._lock:
            if len(self._until) + len(self._cut) >= 2 * MOST_CONNECTIONS:
                return False
            if len(self._until) >= MOST_CONNECTIONS:
                self._cut_off(min(self._until, key=self._until.__getitem__))
            self._until[request] = self._clock() + PATIENCE
        return True

    def allow_more(self, connection: socket.socket) -> None:
        """Begin the time of a connection anew."""
        with self._lock:
            if connection in self._until:
                self._until[connection] = self._clock() + PATIENCE

    def service_actions(self) -> None:
        """Cut what has had its time; called after each wait for connections."""
        now = self._clock()
        with self._lock:
            for connection in [one for one, until in self._until.items() if until <= now]:
                self._cut_off(connection)

    def cut_all(self) -> None:
        with self._lock:
            for connection in list(self._until):
                self._cut_off(connection)

    def _cut_off(self, connection: socket.socket) -> None:
        """Wake the thread that waits for a connection; it closes it."""
        del self._until[connection]
        self._cut.add(connection)
        with suppress(OSError):  # the other side was faster
            connection.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._until.pop(request, None)
            self._cut.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        """Probes that go away are not worth a stack."""
        _log.debug("a connection to the health server broke off", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    pages: Mapping[str, Callable[[str], Page]]
    views: Views | None
    masked: Callable[[str], str]
    faults: Faults
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        self.server.allow_more(self.connection)
        super().handle_one_request()

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Take every method there is: the library looks for a function for each."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        self.server.allow_more(self.connection)
        path, _, query = self.path.partition("?")
        if (answer := self._found(path)) is None:
            there = (*self.pages, *(self.views.paths if self.views else ()))
            self._send(text(404, f"not found; there are {', '.join(there)}"))
        elif self.command not in _METHODS:
            self._send(text(405, f"only {' and '.join(_METHODS)}", {"Allow": ", ".join(_METHODS)}))
        else:
            found: Answer = text(500, "a fault of this program; the log has more")
            with self.faults.contained(path):
                found = answer(Request(self.command, query, self._given()))
            if self.views is not None:
                self.views.tidy()
            if isinstance(found, Stream):
                self._flow(found, path)
            else:
                self._send(found)

    def _found(self, path: str) -> Callable[[Request], Answer] | None:
        """Give what answers a path, None if nothing does."""
        if self.views is None or path in FOR_PROBES:
            return self._page(path)
        found = self._page(path) or self.views.answer_for(path)
        refusal = self.views.refusal(self.client_address[0], self.headers.get("Host", "")) if found else None
        return (lambda _: refusal) if refusal else found

    def _page(self, path: str) -> Callable[[Request], Answer] | None:
        page = self.pages.get(path)
        return None if page is None else lambda request: page(request.query)

    def _send(self, page: Page) -> None:
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # what comes with the request is not read, and is no request
        if not page.is_masked:
            page = masked_page(page, self.masked)
        page = fitted(page, self._given())
        self._head(page, {"Content-Length": str(len(page.body))} if page.status != HTTPStatus.NOT_MODIFIED else {})
        if self.command != "HEAD":
            self.wfile.write(page.body)

    def _given(self) -> Mapping[str, str]:
        """Give the headers of the request by their names in small letters."""
        return {name.lower(): value for name, value in self.headers.items()}

    def _head(self, page: Page, more: Mapping[str, str]) -> None:
        self.send_response(page.status)
        for name, value in {**SAFE, "Content-Type": page.kind, **more, **page.headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _flow(self, stream: Stream, path: str) -> None:
        """Send what comes until it ends, or nobody takes it; each time something is sent, there is time anew."""
        self.close_connection = True
        try:
            self._head(Page(200, stream.kind, b""), {"X-Accel-Buffering": "no"})  # proxies are not to collect it
            for piece in self._until_fault(stream.pieces, path):
                if self._has_gone():
                    return
                if piece:
                    self.server.allow_more(self.connection)
                    self.wfile.write(piece)
        finally:
            stream.close()

    def _until_fault(self, pieces: Iterator[bytes], path: str) -> Iterator[bytes]:
        """Give what is to be sent; a fault of this program in making it ends that, and is told."""
        while True:
            piece = None
            with self.faults.contained(path):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    def _has_gone(self) -> bool:
        """Say whether the other side has ended the connection, or it was cut."""
        try:
            return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False

    def send_error(self, code: int, message: str | None = None, _: str | None = None) -> None:
        """Refuse what is no request, in the words of the library."""
        self.close_connection = True
        self.headers, self.request_version = self.MessageClass(), self.protocol_version
        self._send(text(code, message or HTTPStatus(code).phrase))

    def version_string(self) -> str:
        """Say who serves, and not in which version."""
        return "ako"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
        """Probes are not worth a line each."""
