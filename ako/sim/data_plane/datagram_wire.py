"""Datagrams: those of one client go to one server, and what comes back goes to the client."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from ako.sim.data_plane.asked import Came
from ako.sim.data_plane.balancing import Server
from ako.sim.data_plane.calling import Exchange, written
from ako.sim.data_plane.deciding import decide_l4
from ako.sim.data_plane.listening import Place
from ako.sim.data_plane.loopback import Loopback
from ako.sim.data_plane.network_security import is_let_in
from ako.sim.data_plane.outcomes import Balance, Outcome
from ako.sim.data_plane.traffic_log import TrafficLog

Address = tuple[Any, ...]

_IDLE = 30.0
"""Seconds after which a client that is silent is forgotten."""


class DatagramWire(asyncio.DatagramProtocol):
    """One address and port of a virtual service."""

    def __init__(self, exchange: Exchange, log: TrafficLog, loopback: Loopback, place: Callable[[], Place]) -> None:
        self._exchange = exchange
        self._log = log
        self._loopback = loopback
        self._place = place
        self._transport: asyncio.DatagramTransport | None = None
        self._flows: dict[Address, tuple[Server, socket.socket]] = {}

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
        came = Came(self._loopback.meant_by(addr[0]), place.vip, place.port)
        if service is None or not is_let_in(self._exchange.objects, service, came):
            return
        outcome = _decided(self._exchange, came, place.service)
        pool = self._exchange.balancer.pool(self._exchange.objects, outcome) if isinstance(outcome, Balance) else None
        held = self._flows.get(addr)
        if held is not None and (pool is None or held[0] not in self._exchange.balancer.up(pool)):
            self._forget(addr)
            held = None
        if held is None and pool is not None:
            server = self._exchange.balancer.server(self._exchange.objects, pool, came.client)
            called = self._exchange.place(server) if server is not None else None
            if server is not None and called is not None:
                held = self._begun(addr, server, called)
        name = written(held[0]) if held else None
        self._log.add(virtualservice=service.name, client=came.client, port=came.port, rule=[],
                      pool=pool.name if pool else None, server=name, status=0)  # fmt: skip
        if held is not None:
            held[1].send(data)

    def _begun(self, address: Address, server: Server, place: tuple[str, int]) -> tuple[Server, socket.socket]:
        loop = asyncio.get_running_loop()
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.settimeout(0)
        sender.connect(place)
        loop.add_reader(sender, self._back, sender, address)
        loop.call_later(_IDLE, self._forget_if, address, sender)
        self._flows[address] = server, sender
        return server, sender

    def _back(self, sender: socket.socket, address: Address) -> None:
        try:
            data = sender.recv(65536)
        except OSError:  # nobody there: the client hears nothing
            return
        if self._transport is not None:
            self._transport.sendto(data, address)

    def _forget_if(self, address: Address, sender: socket.socket) -> None:
        if (held := self._flows.get(address)) is not None and held[1] is sender:
            self._forget(address)

    def _forget(self, address: Address) -> None:
        _, sender = self._flows.pop(address)
        asyncio.get_running_loop().remove_reader(sender)
        sender.close()


def _decided(exchange: Exchange, came: Came, uuid: str) -> Outcome | None:
    """Give what becomes of a datagram; scripts that want to read first are for connections."""
    service = exchange.objects.virtual_service(uuid)
    if service is None:
        return None
    try:
        next(decide_l4(exchange.objects, service, came, "UDP"))
    except StopIteration as end:
        outcome: Outcome = end.value[0]
        return outcome
    return None
