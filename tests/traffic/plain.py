"""Servers to ask, and plain clients of them."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import wsproto
from wsproto import events

from ako.testing.echo import Echo, EchoServers
from tests.waiting import PATIENCE

WEB = Echo("10.1.1.1:8080", namespace="red", pod="web-1")
RAW = Echo("10.1.1.2:5432", protocol="TCP")
DNS = Echo("10.1.1.3:53", protocol="UDP")


def address(servers: EchoServers, server: str) -> tuple[str, int]:
    host, _, port = servers.addresses[server].partition(":")
    return host, int(port)


def connected(servers: EchoServers, server: str = WEB.server) -> socket.socket:
    return socket.create_connection(address(servers, server), PATIENCE)


@contextlib.contextmanager
def datagrams(servers: EchoServers, server: str = DNS.server) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.connect(address(servers, server))
        yield client


@contextlib.contextmanager
def browsing(servers: EchoServers, server: str = WEB.server) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(http.client.HTTPConnection(*address(servers, server), timeout=PATIENCE)) as client:
        yield client


def rest_of(connection: socket.socket) -> bytes:
    """Give all until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def refuses(servers: EchoServers, server: str) -> bool:
    try:
        connected(servers, server).close()
    except ConnectionRefusedError:
        return True
    return False


def fetched(client: http.client.HTTPConnection, method: str = "GET", path: str = "/", **more: Any) -> Any:
    client.request(method, path, **more)
    response = client.getresponse()
    assert response.status == 200
    return json.loads(response.read())


def opened(client: socket.socket, *, trailing: bytes = b"") -> wsproto.WSConnection:
    """Open a WebSocket, with more bytes behind the request."""
    websocket = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
    client.sendall(websocket.send(events.Request(host="h", target="/chat")) + trailing)
    assert isinstance(next(coming(client, websocket)), events.AcceptConnection)
    return websocket


def coming(client: socket.socket, websocket: wsproto.WSConnection) -> Iterator[events.Event]:
    while True:
        yield from websocket.events()
        data = client.recv(65536)
        if not data:
            return
        websocket.receive_data(data)
