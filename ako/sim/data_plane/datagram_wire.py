"""Datagrams: those of one client go to one server, and what comes back goes to the client."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ako.sim.data_plane.asked import Came
from ako.sim.data_plane.balancing import Server
from ako.sim.data_plane.calling import Exchange, written
from ako.sim.data_plane.deciding import decide_l4
from ako.sim.data_plane.listening import Place
from ako.sim.data_plane.loopback import Loopback
from ako.sim.data_plane.network_security import turns_away
from ako.sim.data_plane.objects import NotModelledError
from ako.sim.data_plane.outcomes import Balance, Close, Outcome
from ako.sim.data_plane.traffic_log import TrafficLog
from ako.sim.store import Record

Address = tuple[Any, ...]

_IDLE = 30.0
"""Seconds after which a client that is silent is forgotten."""


@dataclass(slots=True)
class _Flow:
    """Datagrams of one client on their way to one server; `heard` is when either last spoke."""

    server: Server
    pool: str
    sender: socket.socket
    heard: float


class DatagramWire(asyncio.DatagramProtocol):
    """One address and port of a virtual service."""

    def __init__(self, exchange: Exchange, log: TrafficLog, loopback: Loopback, place: Callable[[], Place]) -> None:
        self._exchange = exchange
        self._log = log
        self._loopback = loopback
        self._place = place
        self._transport: asyncio.DatagramTransport | None = None
        self._flows: dict[Address, _Flow] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note what answers are sent through."""
        self._transport = transport  # type: ignore[assignment]  # always one for datagrams here

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget everybody."""
        del exc
        for address in list(self._flows):
            self._forget(address)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Hand a datagram on, to the server that this client had, if it still serves."""
        place = self._place()
        service = self._exchange.objects.virtual_service(place.service)
        if service is None:
            return
        came = Came(self._loopback.meant_by(addr[0]), place.vip, place.port)
        why = turns_away(self._exchange.objects, service, came)
        flow = None
        if why is None:
            try:
                flow, why = self._flow(addr, came, service)
            except NotModelledError as unknown:
                why = f"the data plane does not know: {unknown}"
        self._log.add(virtualservice=service.name, client=came.client, port=came.port, rule=[why] if why else [],
                      pool=flow.pool if flow else None, server=written(flow.server) if flow else None,
                      status=0)  # fmt: skip
        if flow is not None:
            with contextlib.suppress(OSError):  # nobody there: the client hears nothing
                flow.sender.send(data)

    def _flow(self, address: Address, came: Came, service: Record) -> tuple[_Flow | None, str | None]:
        """Give the flow of a client, or why there is none."""
        balancer, objects = self._exchange.balancer, self._exchange.objects
        outcome = _decided(self._exchange, came, service)
        pool = balancer.pool(objects, outcome) if isinstance(outcome, Balance) else None
        flow = self._flows.get(address)
        if flow is not None and pool is not None and flow.server in balancer.up(pool):
            flow.heard = asyncio.get_running_loop().time()
            return flow, None
        if flow is not None:
            self._forget(address)
        if pool is None:
            return None, outcome.why if isinstance(outcome, Close) else "no server"
        server = balancer.server(objects, pool, came.client)
        called = self._exchange.place(server) if server is not None else None
        if server is None or called is None:
            return None, "no server"
        return self._begun(address, server, pool.name, called), None

    def _begun(self, address: Address, server: Server, pool: str, place: tuple[str, int]) -> _Flow | None:
        loop = asyncio.get_running_loop()
        sender = socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sender.settimeout(0)
            sender.connect(place)
        except OSError:
            sender.close()
            return None
        flow = self._flows[address] = _Flow(server, pool, sender, loop.time())
        loop.add_reader(sender, self._back, flow, address)
        loop.call_later(_IDLE, self._forget_if_silent, address, flow)
        return flow

    def _back(self, flow: _Flow, address: Address) -> None:
        try:
            data = flow.sender.recv(65536)
        except OSError:  # nobody there: the client hears nothing
            return
        flow.heard = asyncio.get_running_loop().time()
        if self._transport is not None:
            self._transport.sendto(data, address)

    def _forget_if_silent(self, address: Address, flow: _Flow) -> None:
        if self._flows.get(address) is not flow:
            return
        loop = asyncio.get_running_loop()
        if (left := flow.heard + _IDLE - loop.time()) > 0:
            loop.call_later(left, self._forget_if_silent, address, flow)
        else:
            self._forget(address)

    def _forget(self, address: Address) -> None:
        flow = self._flows.pop(address)
        asyncio.get_running_loop().remove_reader(flow.sender)
        flow.sender.close()


def _decided(exchange: Exchange, came: Came, service: Record) -> Outcome:
    """Give what becomes of a datagram; scripts that want to read first are for connections."""
    try:
        next(decide_l4(exchange.objects, service, came, "UDP"))
    except StopIteration as end:
        outcome: Outcome = end.value[0]
        return outcome
    return Close("a script that reads a datagram")
