"""One virtual service from its hosts to their servers, for whoever looks at it: pure, from its tree."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ako.core.assemble.tree import PlacedHost
from ako.core.base.refs import TreeName
from ako.core.hooks.claims import HostKey
from ako.core.model import Pool
from ako.core.overview.rows import Listener, asked_as
from ako.core.translate.metadata import read_metadata

MOST_HOSTS = 200
"""How many hosts of one virtual service are told with what leads from them."""


class RuleBranch(Struct, frozen=True):
    """What is done with some requests: what matches, in words, and the pools they go to."""

    match: str
    action: str
    pools: tuple[str, ...]


class HostBranch(Struct, frozen=True):
    """A host, by the id of its row, and its rules."""

    id: str
    rules: tuple[RuleBranch, ...]


class ServerBranch(Struct, frozen=True):
    """A server of a pool, and the node it runs on, where that is known."""

    address: str
    port: int
    node: str


class PoolBranch(Struct, frozen=True):
    """A pool, the Service behind it (`namespace/name:port`), and its servers."""

    name: str
    service: str
    servers: tuple[ServerBranch, ...]


class Branches(Struct, frozen=True):
    """A virtual service with all that is behind it.

    Attributes:
        name, tenant: its identity.
        addresses: where it listens.
        hosts: the hosts on it, by name, up to a bound.
        hosts_in_all: how many they are.
        pools: of these hosts.
    """

    name: str
    tenant: str
    addresses: tuple[str, ...]
    hosts: tuple[HostBranch, ...]
    hosts_in_all: int
    pools: tuple[PoolBranch, ...]


def branches_of(name: TreeName, listener: Listener) -> Branches:
    """Give what is behind a virtual service."""
    placed = sorted(listener.tree.hosts, key=lambda placed: _id_of(placed.key, placed))
    told = placed[:MOST_HOSTS]
    pools = {item.name: item for one in told for item in one.translation.objects if isinstance(item, Pool)}
    services = {pool: service for one in told for pool, service in _services_of(one)}
    return Branches(
        name=name.name,
        tenant=name.tenant,
        addresses=listener.addresses,
        hosts=tuple(HostBranch(_id_of(one.key, one), _rules_of(one)) for one in told),
        hosts_in_all=len(placed),
        pools=tuple(_pool(pools[pool], services.get(pool, "")) for pool in sorted(pools)),
    )


def _id_of(key: HostKey, placed: PlacedHost) -> str:
    return key if isinstance(key, str) else asked_as(placed.sources[0])


def _rules_of(placed: PlacedHost) -> tuple[RuleBranch, ...]:
    """Give the rules of a host in order; what is served on ports has one, to all its pools."""
    named = placed.translation.rules
    if not named:
        pools = tuple(item.name for item in placed.translation.objects if isinstance(item, Pool))
        return (RuleBranch("its ports", "forwarded", pools),)
    return tuple(
        RuleBranch(f"{one.served.rule.path_type.value} {one.served.rule.path or '/'}", "forwarded", one.pools)
        for one in named
    )


def _services_of(placed: PlacedHost) -> Iterator[tuple[str, str]]:
    """Give the pools of a host with the Service behind each."""
    for named in placed.translation.rules:
        for pool, backend in zip(named.pools, named.served.rule.backends, strict=False):
            port = backend.port.name or backend.port.number
            yield pool, f"{backend.namespace}/{backend.service}{f':{port}' if port else ''}"


def _pool(pool: Pool, service: str) -> PoolBranch:
    owners = ", ".join(read_metadata(pool.service_metadata).namespace_svc_name or ())
    servers = tuple(ServerBranch(one.ip.addr, one.port, one.server_node or "") for one in pool.servers)
    return PoolBranch(pool.name, service or owners, servers)
