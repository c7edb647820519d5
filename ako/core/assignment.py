"""Which hosts are live on another shard than the formula says: they stay where they are.

Read from the DNS names on our shared VsVips at each complete observation, and given to the engine as an input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako.core.engine import Engine
from ako.core.model import VsVip
from ako.core.naming import Names
from ako.core.observed import ObservedObject
from ako.core.settings import Settings
from ako.core.sharding import shard_of
from ako.core.site import ASSIGNMENT


def live_shards(names: Names, observed: Iterable[ObservedObject]) -> Iterator[tuple[str, int]]:
    """Give host and shard of everything that has a DNS name on one of our shared virtual services."""
    stem = names.shared_stem
    for seen in observed:
        if not isinstance(seen.object, VsVip) or not seen.object.name.startswith(stem):
            continue
        number = seen.object.name.removeprefix(stem)
        if number.isdecimal():
            yield from (
                (fqdn, int(number)) for fqdn in seen.object.fqdns if not fqdn.startswith(f"{seen.object.name}.")
            )


def assign(engine: Engine, settings: Settings, observed: Iterable[ObservedObject]) -> dict[str, int]:
    """Set the assignment of hosts that are live elsewhere than by formula, clear that of all others; give those set."""
    l7 = settings.l7_settings
    names = Names(settings.ako_settings.cluster_name)
    by_namespace = l7.l7_sharding_scheme == "namespace"
    elsewhere = {
        host: shard
        for host, shard in live_shards(names, observed)
        if by_namespace or shard_of(host, l7.shard_count, l7.shard_hash) != shard
    }
    for key in [key for key in engine.inputs if isinstance(key, tuple) and key[0] is ASSIGNMENT]:
        if key[1] not in elsewhere:
            engine.clear_input(ASSIGNMENT, key[1])
    for host, shard in elsewhere.items():
        engine.set_input(ASSIGNMENT, shard, host)
    return elsewhere
