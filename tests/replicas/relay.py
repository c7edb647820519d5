"""A way from one replica to one server, on which every request is seen, and which can be cut."""

from __future__ import annotations

import re
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n")
_ANSWER = re.compile(rb"HTTP/1\.1 (\d+) ")
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: (\d+)\r\n")
_CHUNK = 65536


@dataclass(eq=False)
class Seen:
    """A request that was passed on.

    Attributes:
        whole: when its last byte came; None if it did not.
        ended: when its answer came, or its connection ended.
        status: of its answer; 0 if there was none.
    """

    replica: str
    method: str
    path: str
    owed: int
    whole: float | None = None
    ended: float | None = None
    status: int = 0

    def take(self, size: int) -> None:
        """Note that so many bytes of it came."""
        self.owed -= size
        if self.owed <= 0 and self.whole is None:
            self.whole = time.monotonic()

    @property
    def is_avi_write(self) -> bool:
        return self.method != "GET" and self.path.startswith("/api/") and not self.path.startswith("/api/v1/")

    @property
    def is_kube_write(self) -> bool:
        is_kube = self.path.startswith(("/api/v1/", "/apis/"))
        return self.method != "GET" and is_kube and "/leases" not in self.path and "reviews" not in self.path

    @property
    def is_list(self) -> bool:
        """Say whether it is a list of Kubernetes objects, and no watch of them."""
        is_kube = self.path.startswith(("/api/v1/", "/apis/"))
        return self.method == "GET" and is_kube and "watch=" not in self.path and "/leases" not in self.path


@dataclass
class Log:
    """All requests of all replicas, in the order in which they came."""

    seen: list[Seen] = field(default_factory=list)
    on_request: Callable[[Seen], None] = lambda _: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seen: Seen) -> None:
        with self._lock:
            self.seen.append(seen)

    def of(self, replica: str, since: int = 0) -> list[Seen]:
        """Give the requests of a replica, from a place in the log on."""
        return [seen for seen in self.seen[since:] if seen.replica == replica]


class Relay:
    """Passes on what comes to a port of its own; one thread for each direction of a connection.

    Attributes:
        is_silent: what comes is kept, and nobody is told.
    """

    def __init__(self, server: str, replica: str, log: Log) -> None:
        parts = urlsplit(server)
        assert parts.hostname
        assert parts.port
        self._server = (parts.hostname, parts.port)
        self._replica = replica
        self._log = log
        self.is_silent = False
        self._is_cut = False
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection, and take no more."""
        self._is_cut = True
        for connection in tuple(self._open):
            _shut(connection)

    def mend(self) -> None:
        """Take connections again, and let pass what is kept."""
        self._is_cut = self.is_silent = False

    def close(self) -> None:
        self.cut()
        _shut(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                client.close()
                continue
            try:
                server = socket.create_connection(self._server)
            except OSError:
                client.close()
                continue
            for connection in (client, server):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open.add(connection)
            pending: list[Seen] = []
            threading.Thread(target=self._there, args=(client, server, pending), daemon=True).start()
            threading.Thread(target=self._back, args=(client, server, pending), daemon=True).start()

    def _there(self, client: socket.socket, server: socket.socket, pending: list[Seen]) -> None:
        with suppress(OSError, ValueError):  # closed by the other direction
            while chunk := client.recv(_CHUNK):
                self._keep(client)
                found = _REQUEST.match(chunk)
                if found is not None:
                    head, length = chunk.partition(b"\r\n\r\n")[0], _LENGTH.search(chunk)
                    size = len(head) + 4 + (int(length[1]) if length else 0)
                    pending.append(Seen(self._replica, found[1].decode(), found[2].decode(), size))
                    self._log.add(pending[-1])
                pending[-1].take(len(chunk))
                server.sendall(chunk)
                if found is not None:
                    self._log.on_request(pending[-1])
        self._end(client, server, pending)

    def _back(self, client: socket.socket, server: socket.socket, pending: list[Seen]) -> None:
        with suppress(OSError, ValueError):  # closed by the other direction
            while chunk := server.recv(_CHUNK):
                self._keep(client)
                if pending and pending[-1].ended is None:
                    answer = _ANSWER.match(chunk)
                    pending[-1].ended, pending[-1].status = time.monotonic(), int(answer[1]) if answer else 0
                client.sendall(chunk)
        self._end(client, server, pending)

    def _keep(self, client: socket.socket) -> None:
        """Wait as long as nobody is to be told; what a client had to say that has left is dropped."""
        if not self.is_silent:
            return
        leaving = select.poll()
        leaving.register(client, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        while self.is_silent and not self._is_cut:
            if leaving.poll(10):
                raise ConnectionResetError

    def _end(self, client: socket.socket, server: socket.socket, pending: list[Seen]) -> None:
        if pending and pending[-1].ended is None:
            pending[-1].ended = time.monotonic()
        for connection in (client, server):
            _shut(connection)
            self._open.discard(connection)
            connection.close()


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
