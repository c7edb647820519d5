"""What a stand-in of a server says on a connection, protocol by protocol; `ako.testing.echo` listens."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal

import h11
import msgspec
import wsproto
from wsproto import events
from wsproto.utilities import RemoteProtocolError

SET_HEADER = "x-echo-set-header"
"""Request header: `name:value,…` are headers that the answer shall have."""
SERVER_HEADER = "X-Echo-Server"
"""Header of every answer: the server that gave it, for answers without a body (HEAD)."""

_AT_ONCE = 65536
_GOING_AWAY = 1001

_Headers = list[tuple[bytes, bytes]]
_Seen = Iterable[tuple[bytes, bytes]]


class Echo(msgspec.Struct, frozen=True):
    """One server that is stood for.

    Args:
        server: its address as "ip:port".
        namespace: the namespace of its pod, as told in answers.
        pod: the name of its pod, as told in answers.
        protocol: what it speaks; HTTP includes WebSocket, EITHER is HTTP where that is spoken and else TCP.
        tls: what it serves TLS with, over HTTP or TCP.
    """

    server: str
    namespace: str = "default"
    pod: str = ""
    protocol: Literal["HTTP", "TCP", "UDP", "EITHER"] = "HTTP"
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        """Refuse what there is not: ValueError."""
        if self.tls is not None and self.protocol == "UDP":
            raise ValueError(f"{self.server}: there is no TLS over UDP here")


class Line:
    """One connection, and whether the server owes an answer on it.

    It owes one from the beginning, because who connects is about to ask, and then from the first byte of each request.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, told: Mapping[str, Any]) -> None:
        self.told = told
        self.farewell: Callable[[], bytes] = lambda: b""
        self._leaving = False
        self._owes = True
        self._ahead = b""
        self._reader = reader
        self._writer = writer

    @property
    def is_leaving(self) -> bool:
        """Say whether the server is about to go."""
        return self._leaving

    async def read(self) -> bytes:
        """Give what came, nothing at the end."""
        ahead, self._ahead = self._ahead, b""
        data = ahead or await self._reader.read(_AT_ONCE)
        self._owes = True
        return data

    async def look_ahead(self) -> bytes:
        """Give what `read` will give next."""
        self._ahead = self._ahead or await self._reader.read(_AT_ONCE)
        return self._ahead

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        self._writer.write(data)
        await self._writer.drain()

    def answered(self) -> None:
        """Note that nothing is owed until more comes; ConnectionAbortedError if the server is leaving."""
        self._owes = False
        if self._leaving:
            self._writer.write(self.farewell())
            raise ConnectionAbortedError

    def leave(self) -> None:
        """Close as soon as nothing is owed."""
        self._leaving = True
        if not self._owes:
            self._writer.write(self.farewell())
            self._writer.close()

    def cut(self) -> None:
        """Close at once, whatever is owed."""
        self._writer.transport.abort()


Conversation = Callable[[Line, Echo, Callable[[], None]], Awaitable[None]]
"""Talks on a line until it ends; calls what it is given once for each request."""


def greeting(echo: Echo) -> bytes:
    """Give what comes before that which is echoed in TCP and UDP."""
    return f"{echo.server}\n".encode()


async def talk_tcp(line: Line, echo: Echo, asked: Callable[[], None]) -> None:
    """Tell who this is when the first bytes come, and echo them and all others."""
    prefix = greeting(echo)
    while data := await line.read():
        if prefix:
            asked()
        await line.send(prefix + data)
        prefix = b""
        line.answered()


async def talk_either(line: Line, echo: Echo, asked: Callable[[], None]) -> None:
    """Talk HTTP with who begins with a request line, and TCP with everybody else."""
    first, end, _ = (await line.look_ahead()).partition(b"\r\n")
    is_http = bool(end) and first.endswith((b" HTTP/1.1", b" HTTP/1.0"))
    await (talk_http if is_http else talk_tcp)(line, echo, asked)


async def talk_http(line: Line, echo: Echo, asked: Callable[[], None]) -> None:
    """Answer requests until one of both sides closes."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_AT_ONCE)
    try:
        while isinstance(request := await _next(connection, line), h11.Request):
            body = await _body(connection, line)
            asked()
            if _wants_websocket(request):
                await _talk_websocket(line, echo, request, connection)
                return
            await line.send(_answer(connection, request, body, line, echo))
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()
            if not connection.trailing_data[0]:
                line.answered()
    except h11.RemoteProtocolError as problem:
        if connection.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            await line.send(_said(connection, None, problem.error_status_hint, str(problem).encode(), []))


async def _next(connection: h11.Connection, line: Line) -> Any:
    """Give the next event of the client."""
    while (event := connection.next_event()) is h11.NEED_DATA:
        if connection.they_are_waiting_for_100_continue:
            await line.send(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        connection.receive_data(await line.read())
    return event


async def _body(connection: h11.Connection, line: Line) -> Mapping[str, Any]:
    """Read the body, and give how long it was and its digest."""
    length, digest = 0, hashlib.sha256()
    while isinstance(event := await _next(connection, line), h11.Data):
        length += len(event.data)
        digest.update(event.data)
    return {"length": length, "sha256": digest.hexdigest()}


def _answer(connection: h11.Connection, request: h11.Request, body: Mapping[str, Any], line: Line, echo: Echo) -> bytes:
    if request.method == b"CONNECT":
        return _said(connection, request, 405, b"no proxy", [])
    echoed = {
        "path": request.target.decode("latin-1"),
        "host": dict(request.headers).get(b"host", b"").decode("latin-1"),
        "method": request.method.decode("latin-1"),
        "proto": f"HTTP/{request.http_version.decode()}",
        "headers": _listed(request.headers),
        "namespace": echo.namespace,
        "pod": echo.pod,
        "server": echo.server,
        "body": body,
        **line.told,
    }
    headers = [(b"content-type", b"application/json"), (SERVER_HEADER.encode(), echo.server.encode())]
    if line.is_leaving:
        headers.append((b"connection", b"close"))
    set_ = _to_set(request.headers)
    names = {name.lower() for name, _ in set_}
    headers = [(name, value) for name, value in headers if name.lower() not in names] + set_
    try:
        h11.Response(status_code=200, headers=[*headers, (b"content-length", b"0")])
    except h11.LocalProtocolError as problem:
        return _said(connection, request, 400, f"{SET_HEADER}: {problem}".encode(), [])
    return _said(connection, request, 200, msgspec.json.encode(echoed), headers)


def _said(
    connection: h11.Connection,
    request: h11.Request | None,
    status: int,
    body: bytes,
    headers: _Headers,
) -> bytes:
    """Give the bytes of a whole answer."""
    response = h11.Response(status_code=status, headers=[*headers, (b"content-length", str(len(body)).encode())])
    parts: list[h11.Event] = [response, h11.EndOfMessage()]
    if request is None or request.method != b"HEAD":
        parts.insert(1, h11.Data(data=body))
    return b"".join(connection.send(part) or b"" for part in parts)


def _listed(headers: _Seen) -> dict[str, list[str]]:
    """Give header names as Go writes them, with their values in the order they came; the host is told apart."""
    listed: dict[str, list[str]] = {}
    for name, value in headers:
        if name != b"host":
            listed.setdefault(name.decode("latin-1").title(), []).append(value.decode("latin-1"))
    return listed


def _to_set(headers: _Seen) -> _Headers:
    """Give the headers that the client wants to have in the answer."""
    wanted = [pair for name, value in headers if name == SET_HEADER.encode() for pair in value.split(b",")]
    split = [pair.partition(b":") for pair in wanted if pair.strip()]
    return [(name.strip(), value.strip()) for name, _, value in split]


def _wants_websocket(request: h11.Request) -> bool:
    return request.method == b"GET" and dict(request.headers).get(b"upgrade", b"").lower() == b"websocket"


async def _talk_websocket(line: Line, echo: Echo, request: h11.Request, http: h11.Connection) -> None:
    """Echo messages behind the name of the server, until one of both sides closes."""
    socket = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
    try:
        socket.initiate_upgrade_connection(list(request.headers), request.target)
    except RemoteProtocolError as problem:
        hint = problem.event_hint
        refusal = hint if isinstance(hint, events.RejectConnection) else events.RejectConnection()
        await line.send(_said(http, request, refusal.status_code, str(problem).encode(), list(refusal.headers)))
        return
    headers = [(SERVER_HEADER.encode(), echo.server.encode()), *_to_set(request.headers)]
    list(socket.events())  # the request, which is known
    await line.send(socket.send(events.AcceptConnection(extra_headers=headers)))
    line.farewell = lambda: socket.send(events.CloseConnection(code=_GOING_AWAY))
    data = http.trailing_data[0]
    messages = _Messages(socket, f"{echo.server} ")
    while True:
        if data:
            socket.receive_data(data)
            await line.send(messages.replies())
        if socket.state is not wsproto.connection.ConnectionState.OPEN:
            return
        if not messages.is_within_one:
            line.answered()
        if not (data := await line.read()):
            return


class _Messages:
    """Answers the messages of one WebSocket, each when it is complete."""

    def __init__(self, socket: wsproto.WSConnection, prefix: str) -> None:
        self._socket = socket
        self._prefix = prefix
        self._parts: list[Any] = []

    @property
    def is_within_one(self) -> bool:
        """Say whether a part of a message has come, and not its end."""
        return bool(self._parts)

    def replies(self) -> bytes:
        """Give what is to be sent for all that came."""
        return b"".join(self._reply(event) for event in self._socket.events())

    def _reply(self, event: events.Event) -> bytes:
        if isinstance(event, events.Ping | events.CloseConnection):
            return self._socket.send(event.response())
        if not isinstance(event, events.TextMessage | events.BytesMessage):
            return b""
        self._parts.append(event.data)
        if not event.message_finished:
            return b""
        parts, self._parts = self._parts, []
        if isinstance(event, events.TextMessage):
            return self._socket.send(events.TextMessage(data=self._prefix + "".join(parts)))
        return self._socket.send(events.BytesMessage(data=self._prefix.encode() + b"".join(parts)))
