"""One virtual service from its hosts to their servers, for whoever looks at it: pure, from its tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from ako.core.base.refs import TreeName
from ako.core.explain.claims import service_told
from ako.core.explain.pools import backends_of
from ako.core.explain.rules import rules_of
from ako.core.hooks.matching import Matching
from ako.core.hooks.site import matches_elements
from ako.core.hooks.translation import HostModel
from ako.core.model import Pool
from ako.core.model.names import Names
from ako.core.settings import Settings

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


class Manner(Struct, frozen=True):
    """What the settings say about how objects are called, and how paths are compared over plain HTTP."""

    names: Names
    plain: Matching

    @classmethod
    def of(cls, settings: Settings) -> Manner:
        """Read it from settings."""
        plain = Matching(by_elements=matches_elements(settings), is_plain=True)
        return cls(Names(settings.ako_settings.cluster_name), plain)


def branches_of(
    name: TreeName, addresses: tuple[str, ...], models: Mapping[str, HostModel], manner: Manner
) -> Branches:
    """Give what is behind a virtual service, from the models of its hosts by the ids of their rows."""
    told = {row_id: models[row_id] for row_id in sorted(models)[:MOST_HOSTS]}
    pools: dict[str, PoolBranch] = {}
    for model in told.values():
        pools.update(_pools_of(model, manner))
    return Branches(
        name=name.name,
        tenant=name.tenant,
        addresses=addresses,
        hosts=tuple(HostBranch(row_id, tuple(_rules_of(model, manner))) for row_id, model in told.items()),
        hosts_in_all=len(models),
        pools=tuple(pools[pool] for pool in sorted(pools)),
    )


def _rules_of(model: HostModel, manner: Manner) -> Iterator[RuleBranch]:
    pools = backends_of(model, manner.names)
    for rule in rules_of(model, manner.plain):
        told = rule.told
        words = told.action.replace(",", " ").split(" ")
        yield RuleBranch(f"{told.way}: {told.match}", told.action, tuple(pool for pool in pools if pool in words))


def _pools_of(model: HostModel, manner: Manner) -> Iterator[tuple[str, PoolBranch]]:
    backends = backends_of(model, manner.names)
    for pool in model.translation.objects if model.translation else ():
        if isinstance(pool, Pool):
            backend = backends.get(pool.name)
            servers = tuple(ServerBranch(one.ip.addr, one.port, one.server_node or "") for one in pool.servers)
            yield pool.name, PoolBranch(pool.name, service_told(backend) if backend else "", servers)
