"""Connections that are handed on as they are: layer 4, and TLS that servers terminate."""

from __future__ import annotations

import asyncio

from ako.sim.data_plane.asked import Came
from ako.sim.data_plane.calling import Exchange, Reached, Streams, closed, tunnel, written
from ako.sim.data_plane.deciding import decide_l4
from ako.sim.data_plane.objects import NotModelledError
from ako.sim.data_plane.outcomes import Balance, Close, Outcome
from ako.sim.data_plane.traffic_log import TrafficLog
from ako.sim.store import Record

_CHUNK = 65536


async def serve_stream(exchange: Exchange, log: TrafficLog, came: Came, service: Record, client: Streams) -> None:
    """Hand a connection on to a server; it is closed where there is none."""
    outcome, by, begin = await _decided(exchange, came, service, client[0])
    reached: Reached | None = None
    if isinstance(outcome, Balance):
        try:
            reached = await exchange.reach(outcome, came.client)
        except NotModelledError as unknown:
            outcome = Close(f"the data plane does not know: {unknown}")
    log.add(
        virtualservice=service.name,
        client=came.client,
        port=came.port,
        rule=[*by, *([outcome.why] if isinstance(outcome, Close) else [])],
        pool=reached.pool.name if reached else None,
        server=written(reached.server) if reached else None,
        status=0,
    )
    if reached is None:
        return
    try:
        reached.writer.write(begin)
        await tunnel(client, (reached.reader, reached.writer))
    finally:
        await closed(reached.writer)


async def _decided(
    exchange: Exchange, came: Came, service: Record, reader: asyncio.StreamReader
) -> tuple[Outcome, tuple[str, ...], bytes]:
    """Give what becomes of a connection, why, and what was read of it so far."""
    steps = decide_l4(exchange.objects, service, came, "TCP")
    begin = b""
    try:
        wanted = next(steps)
        while True:
            while len(begin) < wanted and (data := await reader.read(_CHUNK)):
                begin += data
            wanted = steps.send((begin, len(begin)))
    except StopIteration as end:
        outcome, by = end.value
        return outcome, by, begin
