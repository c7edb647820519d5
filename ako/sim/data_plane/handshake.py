"""The beginning of a client's connection: with TLS where a place speaks it, at the child that the client asks for."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import replace
from typing import Any

from ako.sim.data_plane.asked import Came
from ako.sim.data_plane.calling import Exchange, Streams
from ako.sim.data_plane.deciding import child_for
from ako.sim.data_plane.objects import PARENT
from ako.sim.store import Record

SHUTDOWN = 1.0
"""Seconds in which the other side has to say goodbye over TLS."""

_UNRECOGNIZED_NAME = bytes((21, 3, 3, 0, 2, 2, ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME))


async def begun(exchange: Exchange, accepted: socket.socket, came: Came, service: Record) -> tuple[Streams, Came, str]:
    """Make streams of an accepted connection; give also what is known now of where it came from, and whose it is.

    That is the uuid of the virtual service, or of the child that was asked for.

    Raises:
        OSError: if the handshake fails, or the client leaves.
    """
    found = [service.uuid]
    context = _context(exchange, accepted, service, found) if came.is_tls else None
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    loop = asyncio.get_running_loop()
    timeout = SHUTDOWN if context else None
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol, accepted, ssl=context, ssl_shutdown_timeout=timeout
    )
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    name = getattr(transport.get_extra_info("ssl_object"), "asked_for", "") if context else ""
    return (reader, writer), replace(came, server_name=name), found[-1]


def _context(exchange: Exchange, accepted: socket.socket, service: Record, found: list[str]) -> ssl.SSLContext:
    """Give a context that shows the certificate of the child that a client hello is for."""

    def choose(connection: Any, name: str | None, _: ssl.SSLContext) -> int | None:
        connection.asked_for = name or ""
        is_parent = service.data.get("type") == PARENT
        chosen = (child_for(exchange.objects, service, name) if name and is_parent else None) or service
        found.append(chosen.uuid)
        try:
            shown = exchange.certificates.shown_by(chosen)
        except ssl.SSLError:  # a certificate without its key, or one that OpenSSL finds too weak
            shown = None
        if shown is None:
            with contextlib.suppress(OSError):  # asyncio closes without sending the alert
                accepted.send(_UNRECOGNIZED_NAME)
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = shown
        return None

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.sni_callback = choose
    return context
