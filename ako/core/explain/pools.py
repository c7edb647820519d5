"""Pools and their servers: where these come from, and what could be one and is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import UNSET

from ako.core.base.refs import NamespacedName
from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.explain.answer import PoolTold, ServerTold
from ako.core.explain.claims import service_told
from ako.core.explain.picture import Picture
from ako.core.hooks.claims import Backend, PortClaim
from ako.core.hooks.placement import servers_of
from ako.core.hooks.reasons import LeftOut
from ako.core.hooks.records import ENDPOINT_SLICES, EndpointSlice
from ako.core.hooks.translation import HostModel
from ako.core.model import Pool, PoolServer
from ako.core.model.names import Names


def pools_told(picture: Picture, model: HostModel, names: Names) -> tuple[PoolTold, ...]:
    """Give the pools of a host, in the order of their rules."""
    if model.translation is None:
        return ()
    backends = backends_of(model, names)
    pools = {item.name: item for item in model.translation.objects if isinstance(item, Pool)}
    order = {name: number for number, name in enumerate(backends)}
    ordered = sorted(pools.values(), key=lambda pool: (order.get(pool.name, len(order)), pool.name))
    return tuple(_told(picture, pool, backends.get(pool.name)) for pool in ordered)


def without_servers(pools: Sequence[PoolTold]) -> Iterator[str]:
    """Say that requests go unanswered where a pool has no server: why it has none, stands at the pool."""
    empty = sum(not pool.servers for pool in pools)
    if empty:
        which = "no pool has a server" if empty == len(pools) else f"{empty} of {len(pools)} pools have no server"
        yield f"{which}: what is sent there is answered by nobody; why, stands at the pool"


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


def _told(picture: Picture, pool: Pool, backend: Backend | None) -> PoolTold:
    if backend is None:
        return PoolTold(name=pool.name, servers=tuple(_server(server, {}) for server in pool.servers))
    view = picture.view
    pods = _pods(picture, view, backend)
    return PoolTold(
        name=pool.name,
        service=service_told(backend),
        servers=tuple(_server(server, pods) for server in pool.servers),
        left_out=tuple(map(_left_out, picture.pipeline.left_out(view, backend))),
        faults=tuple(_faults(view, backend)),
    )


def _faults(view: View, backend: Backend) -> Iterator[str]:
    try:
        placement = servers_of(view, backend)
    except Unknown as unknown:
        yield str(unknown)
        return
    for fault in placement.faults:
        yield f"{fault.message} {fault.remedy}".strip()


def _pods(picture: Picture, view: View, backend: Backend) -> Mapping[str, tuple[str, str]]:
    """Give pod and node of each address of a Service, as far as its endpoints say."""
    if EndpointSlice not in picture.pipeline.store.records_of(ENDPOINT_SLICES.kind):
        return {}
    try:
        slices = view.list(EndpointSlice, "service", NamespacedName(backend.namespace, backend.service))
    except Unknown:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for endpoint in (endpoint for one in slices for endpoint in one.endpoints or ()):
        name = endpoint.target_ref.name if endpoint.target_ref else ""
        pod = str(NamespacedName(backend.namespace, name)) if name else ""
        found.update(dict.fromkeys(endpoint.addresses[:1], (pod, endpoint.node_name or "")))
    return found


def _server(server: PoolServer, pods: Mapping[str, tuple[str, str]]) -> ServerTold:
    pod, node = pods.get(server.ip.addr, ("", ""))
    known = "" if server.server_node is UNSET else str(server.server_node)
    return ServerTold(server.ip.addr, server.port, pod, known or node)


def _left_out(one: LeftOut) -> ServerTold:
    return ServerTold(one.address, pod=one.pod, node=one.node, why_not=one.why, remedy=one.remedy)
