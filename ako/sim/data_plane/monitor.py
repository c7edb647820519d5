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
    """Look at each monitored server once."""
    servers = {
        server: None
        for pool in exchange.objects.pools()
        if pool.data.get("health_monitor_refs")
        for server, _ in servers_of(pool.data)
        if _is_tcp(exchange, pool.data)
    }
    turns = asyncio.Semaphore(_AT_ONCE)
    await asyncio.gather(*(_looked_at(exchange, server, turns) for server in servers))
    exchange.balancer.down &= set(servers)  # whom nobody looks at is up


async def _looked_at(exchange: Exchange, server: Server, turns: asyncio.Semaphore) -> None:
    async with turns:
        if await exchange.is_accepting(server):
            exchange.balancer.down.discard(server)
        else:
            exchange.balancer.down.add(server)


def _is_tcp(exchange: Exchange, pool: dict[str, object]) -> bool:
    """Say whether any of the monitors of a pool is for something that can be connected to."""
    references = pool.get("health_monitor_refs")
    monitors = exchange.objects.follow_all(references if isinstance(references, list) else ())
    return any(one.data.get("type") != "HEALTH_MONITOR_UDP" for one in monitors)
