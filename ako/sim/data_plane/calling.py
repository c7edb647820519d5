"""Calls servers: at the stand-ins that were named for them, or at their own addresses."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping

from ako.sim.data_plane.asked import Asked
from ako.sim.data_plane.balancing import Balancer, Server
from ako.sim.data_plane.certificates import Certificates
from ako.sim.data_plane.dialect import server_name
from ako.sim.data_plane.objects import Objects
from ako.sim.data_plane.outcomes import Balance
from ako.sim.store import Record

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_PATIENCE = 10.0
"""Seconds in which a server has to accept."""


class Exchange:
    """Knows where servers are, and finds one that accepts."""

    def __init__(self, objects: Objects, *, calls_servers: bool) -> None:
        self.objects = objects
        self.certificates = Certificates(objects)
        self.balancer = Balancer()
        self._calls_servers = calls_servers
        self.stand_ins: dict[str, str] = {}

    def name(self, changes: Mapping[str, str | None]) -> None:
        """Note where stand-ins of servers listen; None takes one away."""
        self.stand_ins = {server: place for server, place in {**self.stand_ins, **changes}.items() if place is not None}
        self.balancer.down.clear()

    def place(self, server: Server) -> tuple[str, int] | None:
        """Give where a server is to be called; None if nobody stands for it and it may not be called itself."""
        found = self.stand_ins.get(written(server))
        if found is None:
            return server if self._calls_servers else None
        host, _, port = found.rpartition(":")
        return host, int(port)

    async def reach(self, wanted: Balance, client: str, asked: Asked | None = None) -> Reached | None:
        """Connect to a server of a pool or group; one that does not accept is down, and the next is tried.

        Returns None where no server is up.
        """
        pool = self.balancer.pool(self.objects, wanted)
        tried: list[Server] = []
        while pool is not None and (server := self.balancer.server(self.objects, pool, client, tried)) is not None:
            try:
                return Reached(pool, server, await self._connect(server, pool, asked))
            except (OSError, ssl.SSLError, TimeoutError):
                tried.append(server)
                if pool.data.get("health_monitor_refs"):
                    self.balancer.down.add(server)
        return None

    async def is_accepting(self, server: Server) -> bool:
        """Say whether a server accepts a connection."""
        place = self.place(server)
        if place is None:
            return False
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(*place), _PATIENCE)
        except (OSError, TimeoutError):
            return False
        await closed(writer)
        return True

    async def _connect(self, server: Server, pool: Record, asked: Asked | None) -> Streams:
        place = self.place(server)
        if place is None:
            raise ConnectionRefusedError(written(server))
        name = server_name(wanted=pool.data.get("server_name", ""), host=asked.host if asked else "")
        context = self.certificates.calling(pool, name)
        if context is None:
            opening = asyncio.open_connection(*place)
        else:
            asked_for = name if pool.data.get("sni_enabled", True) else ""
            opening = asyncio.open_connection(*place, ssl=context, server_hostname=asked_for)
        return await asyncio.wait_for(opening, _PATIENCE)


class Reached:
    """A connection to a server."""

    def __init__(self, pool: Record, server: Server, streams: Streams) -> None:
        self.pool = pool
        self.server = server
        self.reader, self.writer = streams


def written(server: Server) -> str:
    """Give a server as it is written: address, colon, port."""
    return f"{server[0]}:{server[1]}"


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection, and wait until it is."""
    writer.close()
    with contextlib.suppress(OSError, ssl.SSLError):
        await writer.wait_closed()


async def tunnel(client: Streams, server: Streams) -> None:
    """Hand bytes on in both directions until both sides have ended."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
            else:  # TLS knows no half-closed connection
                writer.close()

    await asyncio.gather(pump(client[0], server[1]), pump(server[0], client[1]))
