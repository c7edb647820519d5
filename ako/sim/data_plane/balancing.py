"""Chooses who answers: a pool of a group, and a server of a pool."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ako.sim.data_plane.asked import Asked
from ako.sim.data_plane.dialect import falls_back, highest_priority, longest_label
from ako.sim.data_plane.objects import NotModelledError, Objects
from ako.sim.data_plane.outcomes import Balance
from ako.sim.store import Json, Record

Server = tuple[str, int]
"""Address and port of a server."""

_HASH = "LB_ALGORITHM_CONSISTENT_HASH"


@dataclass(slots=True)
class Turns:
    """Whose turn it is among some that have weights: in any row of requests each gets its share, evenly spread."""

    credit: dict[str, int] = field(default_factory=dict)

    def next(self, weights: dict[str, int]) -> str:
        """Give the one whose turn it is; weights are above 0, and there is one at least."""
        credit = {name: self.credit.get(name, 0) + weight for name, weight in weights.items()}
        chosen = max(credit, key=lambda name: credit[name])
        credit[chosen] -= sum(weights.values())
        self.credit = credit
        return chosen


@dataclass(slots=True)
class Balancer:
    """Remembers whose turn it is, which servers are down, and who has been where."""

    down: set[Server] = field(default_factory=set)
    turns: dict[str, Turns] = field(default_factory=dict)
    persistent: dict[tuple[str, str], Server] = field(default_factory=dict)

    def pool(self, objects: Objects, wanted: Balance) -> Record | None:
        """Choose a pool that has a server that is up; None where there is none."""
        if wanted.target.kind == "pool":
            return wanted.target if self.up(wanted.target) else None
        for label, members in _tiers(wanted.target.data, wanted.label):
            ratios: dict[str, int] = {}
            for member in members:
                ratios[member["pool_ref"]] = ratios.get(member["pool_ref"], 0) + int(member.get("ratio", 1))
            pools = {ref: pool for ref in ratios if (pool := objects.follow(ref)) is not None}
            weights = {ref: ratios[ref] for ref, pool in pools.items() if ratios[ref] and self.up(pool)}
            if weights:
                return pools[self._turns(wanted.target.uuid, label).next(weights)]
            if not falls_back(named=wanted.label is not None):
                break
        return None

    def has_place(self, wanted: Balance) -> bool:
        """Say whether there is any pool, up or not: a label that fits no member leads nowhere."""
        return wanted.target.kind == "pool" or any(True for _ in _tiers(wanted.target.data, wanted.label))

    def up(self, pool: Record) -> list[Server]:
        """Give the servers of a pool that are enabled and not known to be down."""
        if not pool.data.get("enabled", True):
            return []
        return [server for server, _ in servers_of(pool.data) if server not in self.down]

    def server(
        self, objects: Objects, pool: Record, client: str, tried: Sequence[Server] = (), asked: Asked | None = None
    ) -> Server | None:
        """Choose a server of a pool for a client, other than those that were tried; None where there is none.

        Raises:
            NotModelledError: for a persistence that is not known here.
        """
        free = set(self.up(pool)) - set(tried)
        ratios = {f"{server[0]} {server[1]}": (server, ratio) for server, ratio in servers_of(pool.data)}
        weights = {name: ratio for name, (server, ratio) in ratios.items() if server in free}
        if not weights:
            return None
        kept = self.persistent.get((pool.uuid, client))
        persists = _persists(objects, pool)
        if persists and kept in free:
            return kept
        if pool.data.get("lb_algorithm") == _HASH:
            hashed = _hashed(pool.data, client, asked)
            chosen = max(weights, key=lambda name: hashlib.sha256(f"{name} {hashed}".encode()).digest())
        else:
            chosen = self._turns(pool.uuid).next(weights)
        server = ratios[chosen][0]
        if persists:
            self.persistent[pool.uuid, client] = server
        return server

    def _turns(self, uuid: str, label: str = "") -> Turns:
        """Give the turns of a pool, or of the members of a group that have one label."""
        return self.turns.setdefault(f"{uuid} {label}", Turns())


def servers_of(pool: Json) -> Iterator[tuple[Server, int]]:
    """Give the enabled servers of a pool, each with its ratio."""
    for server in pool.get("servers", ()):
        if server.get("enabled", True):
            port = server.get("port") or pool.get("default_server_port", 80)
            yield (server["ip"]["addr"], int(port)), int(server.get("ratio", 1))


def _tiers(group: Json, label: str | None) -> Iterator[tuple[str, list[Json]]]:
    """Give the members of a group by label, in the order in which they are tried."""
    members = [one for one in group.get("members", ()) if one.get("deployment_state") != "OUT_OF_SERVICE"]
    labels = [one.get("priority_label", "") for one in members]
    if label is None:
        order = highest_priority(labels)
    elif group.get("implicit_priority_labels"):
        fitting = longest_label(labels, label)
        order = [] if fitting is None else [fitting]
    else:
        order = [label] if label in labels else []
    for chosen in order:
        yield chosen, [one for one in members if one.get("priority_label", "") == chosen]


def _hashed(pool: Json, client: str, asked: Asked | None) -> str:
    """Give what the server is chosen by: of those criteria that this data plane sees, else the client's address."""
    by = pool.get("lb_algorithm_hash", "").removeprefix(f"{_HASH}_")
    if asked is not None and by == "URI":
        return asked.target
    if asked is not None and by == "CUSTOM_HEADER":
        return asked.header(pool.get("lb_algorithm_consistent_hash_hdr", ""))
    return client


def _persists(objects: Objects, pool: Record) -> bool:
    profile = objects.data(pool.data, "application_persistence_profile_ref")
    if not profile:
        return False
    if profile["persistence_type"] != "PERSISTENCE_TYPE_CLIENT_IP_ADDRESS":
        raise NotModelledError(f"persistence {profile['persistence_type']}")
    return True
