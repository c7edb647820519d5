"""How each scheme is spoken with a load balancer, on a connection of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any

import wsproto
from wsproto import events

from tests.traffic.asking import SECURE, Answer, Asked
from tests.waiting import PATIENCE, SETTLING

_AT_ONCE = 65536

Address = tuple[str, int]


class BrokenAnswerError(Exception):
    """An answer began and did not end as its protocol wants it."""


class ClosedError(Exception):
    """The connection was refused or closed, or the handshake failed, before anything of an answer came."""


class Line:
    """A connection to a load balancer: things can be asked on it one after the other, until it is closed.

    Attributes:
        certificate: the one that was shown, as PEM; "" without TLS.
    """

    def __init__(self, asked: Asked, address: Address, source: str = "", patience: float | None = None) -> None:
        """Connect for something that is to be asked at an address, from a source address ("" for any).

        `patience` is how long nothing may come, in seconds, before that is a TimeoutError; None is that of all tests.

        Raises:
            ClosedError: if it is refused, or the handshake fails.
        """
        self.certificate = ""
        with contextlib.ExitStack() as open_:
            with _until_answered():
                here = (source, 0) if source else None
                limit = PATIENCE if patience is None else patience
                self._socket = open_.enter_context(socket.create_connection(address, limit, here))
                if asked.scheme in SECURE:
                    secure = open_.enter_context(_secured(asked, self._socket))
                    self.certificate = ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True) or b"")
                    self._socket = secure
            self._open = open_.pop_all()

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def ask(self, asked: Asked) -> Answer:
        """Ask; ClosedError if the connection is closed before anything of an answer came."""
        return _CONVERSATIONS[asked.scheme](asked, self._socket, self.certificate)


def converse(asked: Asked, address: Address, source: str, patience: float | None = None) -> Answer:
    """Ask whoever listens at an address, from a source address ("" for any), and give the answer; patience as above."""
    certificate = ""
    try:
        if asked.scheme == "udp":
            return _udp(asked, address, (source, 0) if source else None)
        with Line(asked, address, source, patience) as line:
            certificate = line.certificate
            return line.ask(asked)
    except ClosedError as closed:
        return Answer(closed=True, why=str(closed), certificate=certificate)


@contextlib.contextmanager
def _until_answered() -> Iterator[None]:
    """Take a connection that ends in here for one that was closed without an answer."""
    try:
        yield
    except OSError as problem:
        if not _says_closed(problem):
            raise
        raise ClosedError(repr(problem)) from problem


def _says_closed(problem: OSError) -> bool:
    if isinstance(problem, ConnectionError | ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return True
    # OpenSSL names the alerts that it got so, and what it dislikes itself otherwise.
    reason = (problem.reason or "") if isinstance(problem, ssl.SSLError) else ""
    return "_ALERT_" in reason or reason.startswith("TLSV1_")


def _received(connection: socket.socket) -> bytes:
    """Give what comes next; ConnectionAbortedError at the end."""
    data = connection.recv(_AT_ONCE)
    if not data:
        raise ConnectionAbortedError("closed")
    return data


def _secured(asked: Asked, connection: socket.socket) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if asked.scheme != "tls":
        context.set_alpn_protocols(["http/1.1"])
    return context.wrap_socket(connection, server_hostname=asked.server_name)


def _http(asked: Asked, connection: socket.socket, certificate: str) -> Answer:
    client = http.client.HTTPConnection("unused")
    client.auto_open = 0
    client.sock = connection
    client.putrequest(asked.method, asked.path, skip_host=True, skip_accept_encoding=True)
    client.putheader("Host", asked.host)
    for name, value in asked.other_headers.items():
        client.putheader(name, value)
    if asked.body:
        client.putheader("Content-Length", str(len(asked.body)))
    with _until_answered():
        # Who does not want the body may answer and close before all of it is sent.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.endheaders(asked.body or None)
        response = client.getresponse()
    with response:
        try:
            body = response.read()
        except ConnectionError as problem:
            raise BrokenAnswerError(f"{response.status} and then {problem!r}") from problem
    return _answered(response.status, _by_name(response.getheaders()), body, certificate)


def _answered(status: int, headers: Mapping[str, tuple[str, ...]], body: bytes, certificate: str) -> Answer:
    is_json = next(iter(headers.get("content-type", ())), "").startswith("application/json")
    echoed = json.loads(body) if body and is_json else None
    known: Mapping[str, Any] = echoed if isinstance(echoed, dict) else {}
    return Answer(
        status=status,
        server=known.get("server") or next(iter(headers.get("x-echo-server", ())), ""),
        headers=headers,
        certificate=certificate,
        echoed=known,
        text=body.decode(errors="replace"),
    )


def _by_name(headers: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in headers:
        found[name.lower()] = (*found.get(name.lower(), ()), value)
    return found


def _websocket(asked: Asked, connection: socket.socket, certificate: str) -> Answer:
    client = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
    more = [(name.encode(), value.encode()) for name, value in asked.other_headers.items()]
    coming = _events(client, connection)
    with _until_answered():
        request = events.Request(host=asked.host, target=asked.path, extra_headers=more)
        connection.sendall(client.send(request))
        first = next(coming)
    if isinstance(first, events.RejectConnection):
        return _rejected(first, client, connection, certificate)
    if not isinstance(first, events.AcceptConnection):
        raise BrokenAnswerError(f"{first} in the place of an answer")
    try:
        connection.sendall(client.send(events.TextMessage(data=asked.sent.decode())))
        said = _message(coming)
        connection.sendall(client.send(events.CloseConnection(code=1000)))
    except ConnectionError as problem:
        raise BrokenAnswerError(f"the WebSocket opened and then {problem!r}") from problem
    with contextlib.suppress(ConnectionError):
        while not isinstance(next(coming), events.CloseConnection):
            pass
    headers = _by_name((name.decode("latin-1"), value.decode("latin-1")) for name, value in first.extra_headers)
    server, text = _told(said.encode(), b" ", asked.sent)
    return Answer(status=101, server=server, headers=headers, certificate=certificate, text=text)


def _events(client: wsproto.WSConnection, connection: socket.socket) -> Generator[events.Event, None, None]:
    """Give events as they come, pings answered; ConnectionAbortedError at the end."""
    while True:
        client.receive_data(_received(connection))
        for event in client.events():
            if isinstance(event, events.Ping):
                connection.sendall(client.send(event.response()))
            else:
                yield event


def _message(coming: Generator[events.Event, None, None]) -> str:
    parts = []
    for event in coming:
        if isinstance(event, events.CloseConnection):
            raise BrokenAnswerError(f"the WebSocket opened and was closed with {event.code}")
        if isinstance(event, events.TextMessage):
            parts.append(event.data)
            if event.message_finished:
                break
    return "".join(parts)


def _rejected(
    first: events.RejectConnection, client: wsproto.WSConnection, connection: socket.socket, certificate: str
) -> Answer:
    """Read the rest of an answer that is no WebSocket."""
    body = bytearray()
    is_whole = not first.has_body
    while True:
        for event in client.events():
            if isinstance(event, events.RejectData):
                body += event.data
                is_whole = is_whole or event.body_finished
        if is_whole:
            break
        client.receive_data(connection.recv(_AT_ONCE) or None)
    headers = _by_name((name.decode("latin-1"), value.decode("latin-1")) for name, value in first.headers)
    return _answered(first.status_code, headers, bytes(body), certificate)


def _stream(asked: Asked, connection: socket.socket, certificate: str) -> Answer:
    with _until_answered():
        connection.sendall(asked.sent)
        data = _received(connection)
    while b"\n" not in data or len(data.partition(b"\n")[2]) < len(asked.sent):
        try:
            data += _received(connection)
        except ConnectionAbortedError:
            break
        except ConnectionError as problem:
            raise BrokenAnswerError(f"{data!r} and then {problem!r}") from problem
    server, text = _told(data, b"\n", asked.sent)
    return Answer(server=server, certificate=certificate, text=text)


def _udp(asked: Asked, address: Address, here: Address | None) -> Answer:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection, _until_answered():
        connection.settimeout(SETTLING if asked.may_be_silent else PATIENCE)
        if here is not None:
            connection.bind(here)
        connection.connect(address)
        connection.send(asked.sent)
        try:
            data = connection.recv(_AT_ONCE)
        except TimeoutError:
            if not asked.may_be_silent:
                raise
            return Answer(closed=True, why="silence")
    server, text = _told(data, b"\n", asked.sent)
    return Answer(server=server, text=text)


def _told(data: bytes, end: bytes, sent: bytes) -> tuple[str, str]:
    """Give the name of the server and what it echoed; no name and all of it if that is no echo of what was sent."""
    server, _, rest = data.partition(end)
    if rest != sent:
        return "", data.decode(errors="replace")
    return server.decode(errors="replace"), rest.decode(errors="replace")


_CONVERSATIONS: Mapping[str, Callable[[Asked, socket.socket, str], Answer]] = {
    "http": _http,
    "https": _http,
    "ws": _websocket,
    "wss": _websocket,
    "tcp": _stream,
    "tls": _stream,
}
