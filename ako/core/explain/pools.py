"""Pools and their servers: where these come from, and what could be one and is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import UNSET

from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.explain.answer import PoolTold, ServerTold
from ako.core.explain.claims import service_told
from ako.core.hooks.claims import Backend, PortClaim
from ako.core.hooks.placement import servers_of
from ako.core.hooks.translation import HostModel
from ako.core.model import Pool, PoolServer
from ako.core.model.names import Names


def pools_told(view: View, model: HostModel, names: Names) -> tuple[PoolTold, ...]:
    """Give the pools of a host, in the order of their rules."""
    if model.translation is None:
        return ()
    backends = backends_of(model, names)
    pools = {item.name: item for item in model.translation.objects if isinstance(item, Pool)}
    order = {name: number for number, name in enumerate(backends)}
    ordered = sorted(pools.values(), key=lambda pool: (order.get(pool.name, len(order)), pool.name))
    return tuple(_told(view, pool, backends.get(pool.name)) for pool in ordered)


def backends_of(model: HostModel, names: Names) -> Mapping[str, Backend]:
    """Give what is behind each pool, by the name of the pool, as far as that is known."""
    host = model.virtual_host
    if isinstance(host, PortClaim):
        return {
            names.service_pool(host.named, port.backend.protocol, port.number): port.backend
            for claim in host.claims
            for port in claim.ports
        }
    rules = model.translation.rules if model.translation else ()
    return {
        pool: backend for rule in rules for pool, backend in zip(rule.pools, rule.served.rule.backends, strict=True)
    }


def _told(view: View, pool: Pool, backend: Backend | None) -> PoolTold:
    return PoolTold(
        name=pool.name,
        service=service_told(backend) if backend else "",
        servers=tuple(map(_server, pool.servers)),
        faults=tuple(_faults(view, backend)) if backend else (),
    )


def _faults(view: View, backend: Backend) -> Iterator[str]:
    try:
        placement = servers_of(view, backend)
    except Unknown as unknown:
        yield str(unknown)
        return
    for fault in placement.faults:
        yield f"{fault.message} {fault.remedy}".strip()


def _server(server: PoolServer) -> ServerTold:
    node = server.server_node
    return ServerTold(server.ip.addr, server.port, node="" if node is UNSET else str(node))
