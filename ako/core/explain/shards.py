"""Which of the shared virtual services serves a host, and why that one."""

from __future__ import annotations

from ako.core.engine.view import View
from ako.core.explain.answer import ShardTold
from ako.core.hooks.claims import HostClaim, VirtualHost
from ako.core.hooks.sharding import shard_of
from ako.core.hooks.site import ASSIGNMENT, PASSTHROUGH_ASSIGNMENT, Site, site
from ako.core.hooks.translation import HostModel, ParentTemplate


def shard_told(view: View, model: HostModel) -> ShardTold | None:
    """Give the shard of a host, None if it is on no shared virtual service of ours."""
    host = model.virtual_host
    if model.translation is None or not isinstance(model.translation.parent, ParentTemplate):
        return None
    if not isinstance(host, VirtualHost) or not host.claims:
        return None
    here, name = view.ask(site), model.translation.parent.name
    is_passthrough = name.startswith(here.names.passthrough_stem)
    stem = here.names.passthrough_stem if is_passthrough else here.names.shared_stem
    number = name.removeprefix(stem)
    if not name.startswith(stem) or not number.isdecimal():
        return None
    count = here.passthrough_shard_count if is_passthrough else here.shard_count
    key = _key(here, host.oldest, is_passthrough=is_passthrough)
    by_formula = shard_of(key, count, here.shard_hash)
    which = PASSTHROUGH_ASSIGNMENT if is_passthrough else ASSIGNMENT
    size = "passthroughShardSize" if is_passthrough else "shardVSSize"
    formula = f"{here.shard_hash} of {key!r}, modulo {count} (L7Settings.{size}), is {by_formula}"
    is_assigned = view.input(which, host.host) is not None
    why = f"it is live there, and no live host moves; {formula}" if is_assigned else formula
    return ShardTold(number=int(number), of=count, why=why, by_formula=by_formula)


def _key(here: Site, oldest: HostClaim, *, is_passthrough: bool) -> str:
    is_by_namespace = here.shards_by_namespace and not is_passthrough
    return oldest.source.namespace if is_by_namespace else oldest.host.lower()
