"""A host's translation → the same, with a pool for each canary beside that of its stable Service.

Whatever leads to the pool of the stable Service (a label, a pool group of a path or a host) leads to both, by weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from math import gcd

from msgspec import Struct
from msgspec.structs import replace

from ako import (
    MAX_NAME_BYTES,
    AviObject,
    AviRef,
    Backend,
    NamedRule,
    Pool,
    PoolGroup,
    PoolGroupMember,
    Problem,
    Translation,
    View,
    VirtualHost,
    servers_of,
)
from ako_argo_rollouts.shares import Share, share_of

LARGEST = 1000
"""The largest share of a pool in its group that Avi takes."""


class Split(Struct, frozen=True):
    """The pool of a canary, and how what comes for the stable one is shared."""

    pool: Pool
    share: Share


def adjust_host(host: VirtualHost, translation: Translation, view: View) -> Translation | None:
    """Share the requests of a host with canaries; None if there are none."""
    work = _Work(host, translation, view)
    rules = tuple(map(work.rule, translation.rules))
    if not work.splits:
        return translation.with_problems(*work.problems) if work.problems else None
    added = translation.contribution
    return replace(
        translation,
        objects=(
            *(_shared(item, work.splits) for item in translation.objects),
            *(s.pool for s in work.splits.values()),
        ),
        contribution=replace(added, members=shared_members(added.members, work.splits)),
        problems=(*translation.problems, *work.problems),
        rules=rules,
    )


class _Work:
    """Collects what is split, rule by rule."""

    def __init__(self, host: VirtualHost, translation: Translation, view: View) -> None:
        self._host = host
        self._view = view
        self._pools = {item.name: item for item in translation.objects if isinstance(item, Pool)}
        self._taken = {item.name for item in translation.objects}
        self.splits: dict[AviRef, Split] = {}
        self.problems: list[Problem] = []

    def rule(self, named: NamedRule) -> NamedRule:
        """Split the pools of a rule; give it with the names of those that came."""
        services = {(backend.namespace, backend.service) for backend in named.served.rule.backends}
        names: list[str] = []
        for backend, name in zip(named.served.rule.backends, named.pools, strict=True):
            share = self._view.ask(share_of, backend.namespace, backend.service)
            # What names the canary too shares by itself.
            if share is not None and (backend.namespace, share.canary) not in services and name in self._pools:
                names += self._split(named, self._pools[name], backend, share)
        return replace(named, others=(*named.others, *names)) if names else named

    def _split(self, named: NamedRule, pool: Pool, backend: Backend, share: Share) -> Iterable[str]:
        canary = replace(backend, service=share.canary)
        placed = servers_of(self._view, canary)
        where = f"{self._host.host}{named.served.rule.path}: canary of service {backend.namespace}/{backend.service}"
        source = named.served.claim.source
        stays = "" if placed.servers else "; all requests stay with the stable one"
        self.problems += (
            Problem(source, fault.reason, f"{where}: {fault.message.rstrip('.')}{stays}.", fault.remedy)
            for fault in placed.faults
        )
        if not placed.servers:
            if not placed.faults:
                what = f"{where}: service {canary.namespace}/{canary.service} has no endpoints{stays}."
                self.problems.append(Problem(source, "CanaryWithoutServers", what, "See why its pods are not ready."))
            return ()
        name = self._name(pool.name)
        if len(name.encode()) > MAX_NAME_BYTES:
            what = f"{where}: its pool would have a name of more than {MAX_NAME_BYTES} bytes; all requests stay."
            self.problems.append(Problem(source, "NameTooLong", what, "Shorten the host, the path or the names."))
            return ()
        self._taken.add(name)
        self.splits[pool.ref] = Split(replace(pool, name=name, servers=placed.servers), share)
        return (name,)

    def _name(self, stable: str) -> str:
        name = f"{stable}-canary"
        while name in self._taken:
            name = f"{name}-canary"
        return name


def _shared(item: AviObject, splits: Mapping[AviRef, Split]) -> AviObject:
    return replace(item, members=shared_members(item.members, splits)) if isinstance(item, PoolGroup) else item


def shared_members(members: Iterable[PoolGroupMember], splits: Mapping[AviRef, Split]) -> tuple[PoolGroupMember, ...]:
    """Put canaries beside their stable pools; the shares of what has one label stay what they are to each other."""
    found: list[PoolGroupMember] = []
    for _, part in groupby(members, key=lambda member: member.priority_label):
        same = tuple(part)
        found += _split(same, splits) if any(member.pool_ref in splits for member in same) else same
    return tuple(found)


def _split(members: Iterable[PoolGroupMember], splits: Mapping[AviRef, Split]) -> list[PoolGroupMember]:
    whole = 1
    for member in members:
        if split := splits.get(member.pool_ref):
            total = split.share.stays + split.share.goes
            whole = whole * total // gcd(whole, total)
    parts: list[tuple[PoolGroupMember, AviRef, int]] = []
    for member in members:
        split = splits.get(member.pool_ref)
        if split is None:
            parts.append((member, member.pool_ref, member.ratio * whole))
            continue
        unit = member.ratio * whole // (split.share.stays + split.share.goes)
        parts.append((member, member.pool_ref, unit * split.share.stays))
        parts.append((member, split.pool.ref, unit * split.share.goes))
    ratios = _fitting([ratio for _, _, ratio in parts])
    return [replace(member, pool_ref=ref, ratio=ratio) for (member, ref, _), ratio in zip(parts, ratios, strict=True)]


def _fitting(ratios: list[int]) -> list[int]:
    """Give the same shares in numbers that Avi takes, as small as they can be; who gets something gets 1 at least."""
    common = gcd(*ratios) or 1
    least = [ratio // common for ratio in ratios]
    largest = max(least)
    if largest <= LARGEST:
        return least
    return [max(1, ratio * LARGEST // largest) if ratio else 0 for ratio in least]
