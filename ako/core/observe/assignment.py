"""Which hosts are live on another shard than the formula says: they stay where they are.

Read from the DNS names on our shared VsVips at each complete observation, and before other settings take effect;
given to the engine as an input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ako.core.engine.cells import Input
from ako.core.engine.engine import Engine
from ako.core.hooks.sharding import shard_of
from ako.core.hooks.site import ASSIGNMENT, PASSTHROUGH_ASSIGNMENT
from ako.core.model import VsVip
from ako.core.model.names import Names
from ako.core.observe.observed import ObservedObject
from ako.core.settings import Settings


class _Family(Struct, frozen=True):
    """Shared virtual services that are numbered together.

    Attributes:
        input: takes the shards of hosts that are live elsewhere than by formula.
        stem: what their names begin with, before the number.
        count: how many there are by the settings.
        has_formula: the shard follows from the host alone.
    """

    input: Input[int | None]
    stem: str
    count: int
    has_formula: bool


def _families(settings: Settings) -> tuple[_Family, ...]:
    l7, names = settings.l7_settings, Names(settings.ako_settings.cluster_name)
    by_host = l7.l7_sharding_scheme != "namespace"
    return (
        _Family(ASSIGNMENT, names.shared_stem, l7.shard_count, by_host),
        _Family(PASSTHROUGH_ASSIGNMENT, names.passthrough_stem, l7.passthrough_shard_count, has_formula=True),
    )


def live_shards(stem: str, observed: Iterable[ObservedObject]) -> Iterator[tuple[str, int]]:
    """Give host and shard of everything that has a DNS name on one of our shared virtual services."""
    for seen in observed:
        if not isinstance(seen.object, VsVip) or not seen.object.name.startswith(stem):
            continue
        number = seen.object.name.removeprefix(stem)
        if number.isdecimal():
            yield from (
                (fqdn, int(number)) for fqdn in seen.object.fqdns if not fqdn.startswith(f"{seen.object.name}.")
            )


def assign(engine: Engine, settings: Settings, observed: Iterable[ObservedObject]) -> dict[str, int]:
    """Set the assignment of hosts that are live elsewhere than by formula, clear that of all others.

    Give the hosts that are, with their shards. Where the shard follows from a namespace, which is not known here, every
    live host is assigned and none is said to be elsewhere.
    """
    observed = tuple(observed)
    shard_hash = settings.l7_settings.shard_hash
    elsewhere = {
        (family.input, host): shard
        for family in _families(settings)
        for host, shard in live_shards(family.stem, observed)
        if not family.has_formula or shard_of(host, family.count, shard_hash) != shard
    }
    inputs = {ASSIGNMENT, PASSTHROUGH_ASSIGNMENT}
    for key in [key for key in engine.inputs if isinstance(key, tuple) and key[0] in inputs]:
        if key not in elsewhere:
            engine.clear_input(*key)
    for (which, host), shard in elsewhere.items():
        engine.set_input(which, shard, host)
    with_formula = {family.input for family in _families(settings) if family.has_formula}
    return {host: shard for (which, host), shard in elsewhere.items() if which in with_formula}


def keep(engine: Engine, settings: Settings, seen: ObservedObject) -> None:
    """Assign the hosts of a VsVip that has just been written, as far as no formula says where they are."""
    for family in _families(settings):
        for host, shard in () if family.has_formula else live_shards(family.stem, (seen,)):
            engine.set_input(family.input, shard, host)


def release(engine: Engine, host: str) -> None:
    """Clear the assignment of a host that nobody claims any more: it has no place to stay at."""
    for which in (ASSIGNMENT, PASSTHROUGH_ASSIGNMENT):
        engine.clear_input(which, host)


LISTED_AT_MOST = 20
"""How many hosts a message lists."""


def told(elsewhere: Mapping[str, int]) -> str:
    """Say which hosts stay on another shard than the settings give them; empty if none does."""
    if not elsewhere:
        return ""
    hosts = ", ".join(f"{host} (shard {shard})" for host, shard in sorted(elsewhere.items())[:LISTED_AT_MOST])
    more = f" and {len(elsewhere) - LISTED_AT_MOST} more" if len(elsewhere) > LISTED_AT_MOST else ""
    stay = "live host stays" if len(elsewhere) == 1 else "live hosts stay"
    return (
        f"{len(elsewhere)} {stay} on another shard than the settings give: {hosts}{more}. "
        "Nothing moves; after deleteConfig the settings apply to all."
    )
