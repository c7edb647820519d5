"""Calls servers: at the stand-ins that were named for them, or at their own addresses."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import Mapping

from ako.sim.data_plane.asked import Asked
from ako.sim.data_plane.balancing import Balancer, Server
from ako.sim.data_plane.certificates import Certificates, has_name
from ako.sim.data_plane.dialect import server_name, trusts_names
from ako.sim.data_plane.objects import NotModelledError, Objects
from ako.sim.data_plane.outcomes import Balance
from ako.sim.store import Record

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_PATIENCE = 10.0
"""Seconds in which a server has to accept."""

_GOODBYE = 1.0
"""Seconds in which the other side of a closed connection has to go, before it is cut."""

_REWRITES = ("rewrite_host_header_to_server_name", "rewrite_host_header_to_sni")


class Exchange:
    """Knows where servers are, and finds one that accepts."""

    def __init__(self, objects: Objects, *, calls_servers: bool) -> None:
        self._calls_servers = calls_servers
        self.stand_ins: dict[str, str] = {}
        self.serve(objects)

    def serve(self, objects: Objects) -> None:
        """Look at other objects from now on; nothing is remembered of those before."""
        self.objects = objects
        self.certificates = Certificates(objects)
        self.balancer = Balancer()

    def name(self, changes: Mapping[str, str | None]) -> None:
        """Note where stand-ins of servers listen; None takes one away.

        Raises:
            ValueError: for a text that is no address and port; nothing is noted then.
        """
        changed = {written(_parsed(server)): place for server, place in changes.items()}
        for place in changed.values():
            if place is not None:
                _parsed(place)
        self.stand_ins = {server: place for server, place in {**self.stand_ins, **changed}.items() if place is not None}
        self.balancer.down.clear()

    def place(self, server: Server) -> Server | None:
        """Give where a server is to be called; None if nobody stands for it and it may not be called itself."""
        found = self.stand_ins.get(written(server))
        if found is None:
            return server if self._calls_servers else None
        return _parsed(found)

    async def reach(self, wanted: Balance, client: str, asked: Asked | None = None) -> Reached | None:
        """Connect to a server of a pool or group; where one does not accept, the next is tried.

        One that is monitored is down then, and where none of its pool is left, another pool of the group is chosen.
        Returns None where no server is up.

        Raises:
            NotModelledError: for a pool that wants something that is not known here.
        """
        tried: list[Server] = []
        while (pool := self.balancer.pool(self.objects, wanted)) is not None:
            if any(pool.data.get(field) for field in _REWRITES) or any(
                one.get("rewrite_host_header") for one in pool.data.get("servers", ())
            ):
                raise NotModelledError("rewriting of the Host header to the name of the server")
            is_monitored = bool(pool.data.get("health_monitor_refs"))
            while (server := self.balancer.server(self.objects, pool, client, tried, asked)) is not None:
                try:
                    return Reached(pool, server, await self._connect(server, pool, asked))
                except (OSError, ssl.SSLError, TimeoutError):
                    tried.append(server)
                    if is_monitored:
                        self.balancer.down.add(server)
            if not is_monitored or self.balancer.up(pool):
                break
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
        context = self.certificates.calling(pool)
        if context is None:
            return await asyncio.wait_for(asyncio.open_connection(*place), _PATIENCE)
        host = asked.host if asked else ""
        name = server_name(wanted=pool.data.get("server_name", ""), host=host)
        asked_for = name if pool.data.get("sni_enabled", True) and _can_be_asked_for(name) else ""
        opening = asyncio.open_connection(*place, ssl=context, server_hostname=asked_for, ssl_shutdown_timeout=_GOODBYE)
        reader, writer = await asyncio.wait_for(opening, _PATIENCE)
        if trusts_names(host_check=bool(pool.data.get("host_check_enabled"))):
            shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            if not has_name(shown, pool.data.get("domain_name") or [host]):
                await closed(writer)
                raise ConnectionRefusedError(f"the certificate of {written(server)} has another name")
        return reader, writer


class Reached:
    """A connection to a server."""

    def __init__(self, pool: Record, server: Server, streams: Streams) -> None:
        self.pool = pool
        self.server = server
        self.reader, self.writer = streams


def written(server: Server) -> str:
    """Give a server as it is written: address, colon, port; an IPv6 address in brackets, in its shortest form."""
    if ":" in server[0]:
        return f"[{ipaddress.ip_address(server[0])}]:{server[1]}"
    return f"{server[0]}:{server[1]}"


def _parsed(text: str) -> Server:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is no address with a port")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _can_be_asked_for(name: str) -> bool:
    """Say whether a name can stand in a client hello; what a client wrote into its Host header may be anything."""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name)
        return False
    try:
        return bool(name) and not name.startswith(".") and bool(name.encode("idna"))
    except UnicodeError:
        return False


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection, and wait until it is; whoever does not go is cut off."""
    writer.close()
    try:
        async with asyncio.timeout(_GOODBYE):
            await writer.wait_closed()
    except TimeoutError:
        writer.transport.abort()
    except (OSError, ssl.SSLError):
        pass


async def tunnel(client: Streams, server: Streams) -> None:
    """Hand bytes on in both directions until both sides have ended; where one breaks, the other is cut off."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
            else:  # TLS knows no half-closed connection
                writer.close()
        except (OSError, ssl.SSLError):
            writer.transport.abort()

    await asyncio.gather(pump(client[0], server[1]), pump(server[0], client[1]))
