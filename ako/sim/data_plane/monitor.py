"""Looks whether servers accept connections: the TCP monitor of pools."""

from __future__ import annotations

import asyncio

from ako.sim.data_plane.balancing import Server, servers_of
from ako.sim.data_plane.calling import Exchange

_AT_ONCE = 16


async def watch_servers(exchange: Exchange, seconds: float) -> None:
    """Look at all servers that a monitor is for, again and again; those that do not accept are down until they do."""
    while True:
        await look(exchange)
        await asyncio.sleep(seconds)


async def look(exchange: Exchange) -> None:
    """Look at each monitored server once; whom nobody looks at any more when that is done is up."""
    turns = asyncio.Semaphore(_AT_ONCE)
    servers = list(_monitored(exchange))
    accepting = await asyncio.gather(*(_looked_at(exchange, server, turns) for server in servers))
    failed = {server for server, is_accepting in zip(servers, accepting, strict=True) if not is_accepting}
    exchange.balancer.down = failed & _monitored(exchange).keys()


def _monitored(exchange: Exchange) -> dict[Server, None]:
    """Give the servers that a monitor is for, each once."""
    return {
        server: None
        for pool in exchange.objects.pools()
        if _is_tcp(exchange, pool.data)
        for server, _ in servers_of(pool.data)
    }


async def _looked_at(exchange: Exchange, server: Server, turns: asyncio.Semaphore) -> bool:
    async with turns:
        return await exchange.is_accepting(server)


def _is_tcp(exchange: Exchange, pool: dict[str, object]) -> bool:
    """Say whether any of the monitors of a pool is for something that can be connected to."""
    references = pool.get("health_monitor_refs")
    monitors = exchange.objects.follow_all(references if isinstance(references, list) else ())
    return any(one.data.get("type") != "HEALTH_MONITOR_UDP" for one in monitors)
