r"""Stand-ins of servers that tell who was asked: many of them, cheaply, in one thread.

An HTTP server answers every request with 200 and JSON: `path` (with its query), `host`, `method`, `proto`, `headers`
(name → list of values, names as Go writes them, without Host), `namespace`, `pod`, `server` ("ip:port" that it stands
for), `body` (`length`, `sha256`) and, over TLS, `tls` (`version`, `serverName`, `negotiatedProtocol`, `cipherSuite`).
On a WebSocket it echoes each message behind "<server> ". A TCP server answers the first bytes with "<server>\n" and
echoes them and all others; a UDP server does that for each datagram. One that speaks either is an HTTP server to who
begins with a request line.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import socket
import ssl
import threading
import weakref
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import Any, TypeVar

import h11

from ako.testing.defects import tell
from ako.testing.echoing import Conversation, Echo, Line, greeting, talk_either, talk_http, talk_tcp

__all__ = ["Echo", "EchoServers"]

T = TypeVar("T")

_HOST = "127.0.0.1"
_BACKLOG = 256
_LARGEST_DATAGRAM = 65535


class EchoServers:
    """Servers that listen on free loopback ports while this is entered.

    A server is known by the "ip:port" that it stands for; there can be one of TCP and one of UDP by the same.
    """

    def __init__(self, *echoes: Echo) -> None:
        self._first = echoes
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._names = _ServerNames()
        self._counts: collections.Counter[str] = collections.Counter()
        self._servers: dict[tuple[str, bool], _Server] = {}
        self._removed: list[_Server] = []

    def __enter__(self) -> EchoServers:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_tell)
        self._thread = threading.Thread(target=self._loop.run_forever, name="echo", daemon=True)
        self._thread.start()
        try:
            self.add(*self._first)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._do(self._end())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        self._loop = None

    @property
    def addresses(self) -> dict[str, str]:
        """Give where each server listens, "ip:port" → "127.0.0.1:port"; also of those that are down."""
        return self._do(self._listed())

    @property
    def counts(self) -> dict[str, int]:
        """Give how often each server was asked: HTTP requests, TCP connections with bytes, datagrams."""
        return self._do(self._counted())

    def add(self, *echoes: Echo) -> None:
        """Listen for more servers; ValueError if there is one by that address, OSError if there is no port."""
        self._do(self._add(echoes))

    def remove(self, *servers: str) -> None:
        """Have servers go for good, as pods do: they refuse who comes, and finish what they are answering.

        This does not wait for that. KeyError if there is no such server.
        """
        self._do(self._remove(servers))

    def down(self, *servers: str) -> None:
        """Have servers fail: they refuse who comes and cut what they are answering, keeping their ports."""
        self._do(self._each(servers, up=False))

    def up(self, *servers: str) -> None:
        """Have servers listen again; nothing happens to those that do."""
        self._do(self._each(servers, up=True))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the thread of the loop, where all that changes is."""
        if self._loop is None:
            work.close()
            raise RuntimeError("the servers are not started")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listed(self) -> dict[str, str]:
        return {name: f"{_HOST}:{server.port}" for (name, _), server in self._servers.items()}

    async def _counted(self) -> dict[str, int]:
        return dict(self._counts)

    async def _add(self, echoes: tuple[Echo, ...]) -> None:
        for echo in echoes:
            key = (echo.server, echo.protocol == "UDP")
            if key in self._servers:
                raise ValueError(f"there is a server {echo.server} already")
            # One address stands for both, so that both need one port.
            other = self._servers.get((echo.server, not key[1]))
            if echo.tls is not None:
                self._names.note(echo.tls)
            kind = _UdpServer if key[1] else _StreamServer
            server = kind(echo, self._counts, self._names, other.port if other else 0)
            self._servers[key] = server
            await server.up()

    async def _remove(self, servers: tuple[str, ...]) -> None:
        for name in servers:
            for server in self._named(name):
                del self._servers[server.key]
                self._removed.append(server)
                await server.leave()

    async def _each(self, servers: tuple[str, ...], *, up: bool) -> None:
        for name in servers:
            for server in self._named(name):
                await (server.up() if up else server.down())

    def _named(self, name: str) -> list[_Server]:
        found = [server for key, server in self._servers.items() if key[0] == name]
        if not found:
            raise KeyError(name)
        return found

    async def _end(self) -> None:
        for server in (*self._servers.values(), *self._removed):
            await server.end()
        # What is left are handshakes that clients did not finish; those that have not begun could not be ended.
        await _turns()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await _turns()
        self._servers.clear()
        self._removed.clear()
        self._names.forget()


class _ServerNames:
    """Remembers the name (SNI) that clients ask for in handshakes; the ssl module tells it only then."""

    def __init__(self) -> None:
        self._names: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        self._before: list[tuple[ssl.SSLContext, Any]] = []

    def note(self, context: ssl.SSLContext) -> None:
        """Note the names that come to a context, and let it go on with them as it did."""
        if any(known is context for known, _ in self._before):
            return
        before: Any = context.sni_callback

        def called(connection: Any, name: str | None, asked: ssl.SSLContext) -> Any:
            if name:
                self._names[connection] = name
            return before(connection, name, asked) if before is not None else None

        self._before.append((context, before))
        context.sni_callback = called

    def forget(self) -> None:
        """Leave all contexts as they were."""
        while self._before:
            context, before = self._before.pop()
            context.sni_callback = before

    def told(self, connection: ssl.SSLObject | None) -> Mapping[str, Any]:
        """Give what is known of the TLS of a connection, nothing if it has none."""
        if connection is None:
            return {}
        cipher = connection.cipher()
        return {
            "tls": {
                "version": connection.version() or "",
                "serverName": self._names.get(connection, ""),
                "negotiatedProtocol": connection.selected_alpn_protocol() or "",
                "cipherSuite": cipher[0] if cipher else "",
            }
        }


class _Server:
    """Owns a port, also while it is down, and counts who asks; lives in the thread of the loop."""

    kind = socket.SOCK_STREAM

    def __init__(self, echo: Echo, counts: collections.Counter[str], names: _ServerNames, port: int) -> None:
        self.key = (echo.server, echo.protocol == "UDP")
        self._echo = echo
        self._counts = counts
        self._server_names = names
        self._socket = self._bound(port)
        self.port: int = self._socket.getsockname()[1]

    def _bound(self, port: int) -> socket.socket:
        """Give a socket that has the port and takes nothing yet."""
        bound = socket.socket(socket.AF_INET, self.kind)
        try:
            bound.settimeout(0)
            if self.kind == socket.SOCK_STREAM:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                # Accepted ones have it from here: what follows a handshake would wait for its acknowledgement.
                bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            bound.bind((_HOST, port))
        except OSError:
            bound.close()
            raise
        return bound

    def _asked(self) -> None:
        self._counts[self._echo.server] += 1

    async def up(self) -> None:
        raise NotImplementedError

    async def leave(self) -> None:
        raise NotImplementedError

    async def down(self) -> None:
        raise NotImplementedError

    async def end(self) -> None:
        raise NotImplementedError


class _StreamServer(_Server):
    def __init__(self, echo: Echo, counts: collections.Counter[str], names: _ServerNames, port: int) -> None:
        super().__init__(echo, counts, names, port)
        self._is_listening = False
        self._accepted: set[asyncio.Task[None]] = set()
        self._is_leaving = False
        talks: Mapping[str, Conversation] = {"HTTP": talk_http, "TCP": talk_tcp, "EITHER": talk_either}
        self._talk: Conversation = talks[echo.protocol]
        self._lines: dict[Line, asyncio.Task[Any]] = {}

    async def up(self) -> None:
        if not self._is_listening:
            self._socket.listen(_BACKLOG)
            asyncio.get_running_loop().add_reader(self._socket, self._accept)
            self._is_listening = True

    async def leave(self) -> None:
        # Who connected or asked before this may wait in the kernel; the loop takes that in as it goes round.
        await _turns()
        self._is_leaving = True
        self._close()
        for line in list(self._lines):
            line.leave()

    async def down(self) -> None:
        if self._is_listening:
            self._close()
            self._socket = self._bound(self.port)
            await self._cut()

    async def end(self) -> None:
        self._close()
        await self._cut()

    def _close(self) -> None:
        if self._is_listening:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._is_listening = False
        self._socket.close()

    def _accept(self) -> None:
        """Take in who waits: by hand, as a server of asyncio that closes leaves those open whom it just accepted."""
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self._socket.accept()
                accepted.settimeout(0)
                task = asyncio.get_running_loop().create_task(self._welcome(accepted))
                self._accepted.add(task)
                task.add_done_callback(self._accepted.discard)

    async def _welcome(self, accepted: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        # The handshake may fail.
        with contextlib.suppress(OSError):
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, accepted, ssl=self._echo.tls)
            await self._serve(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def _cut(self) -> None:
        tasks = list(self._lines.values())
        for line in self._lines:
            line.cut()
        if tasks:
            await asyncio.wait(tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._is_listening and not self._is_leaving:
            writer.transport.abort()  # it went down during the handshake
            return
        line = Line(reader, writer, self._server_names.told(writer.get_extra_info("ssl_object")))
        if self._is_leaving:
            line.leave()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker
        self._lines[line] = task
        try:
            # A client that leaves, or breaks what it says, is no defect of the server.
            with contextlib.suppress(OSError, h11.RemoteProtocolError):
                await self._talk(line, self._echo, self._asked)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        except Exception as defect:  # noqa: BLE001 - nobody else looks at the task
            writer.transport.abort()
            tell(defect)
        finally:
            del self._lines[line]


class _UdpServer(_Server):
    kind = socket.SOCK_DGRAM
    _is_up = False

    async def up(self) -> None:
        if not self._is_up:
            self._socket.close()
            self._socket = self._bound(self.port)
            asyncio.get_running_loop().add_reader(self._socket, self._answer)
            self._is_up = True

    async def leave(self) -> None:
        await self.down()
        self._socket.close()

    async def down(self) -> None:
        if self._is_up:
            self._answer()
            asyncio.get_running_loop().remove_reader(self._socket)
            self._is_up = False
            # A socket that is connected to itself has the port, and the system refuses what others send there.
            self._socket.connect((_HOST, self.port))

    async def end(self) -> None:
        await self.leave()

    def _answer(self) -> None:
        """Answer all that has come."""
        while True:
            try:
                data, client = self._socket.recvfrom(_LARGEST_DATAGRAM)
            except OSError:
                return
            self._asked()
            with contextlib.suppress(OSError):
                self._socket.sendto(greeting(self._echo) + data, client)


async def _turns() -> None:
    """Let the loop go round: what was accepted begins, and what was closed ends."""
    for _ in range(3):
        await asyncio.sleep(0)


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    del loop
    problem = context.get("exception")
    # These are handshakes that a client did not finish, or that were not waited for in the end.
    if not isinstance(problem, OSError | asyncio.CancelledError):
        tell(problem or RuntimeError(context["message"]))
