"""`status.loadBalancer`, which Ingresses and Services have in common: addresses in, addresses out.

Plugins derive their status record from `BalancerStatusRecord` and answer `ako_report` with `balancer_status`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from ako.core.engine.kinds import SharedStatus
from ako.core.hooks.host_names import domain_under
from ako.core.hooks.outcome import HostOutcome, HostState, Outcome


class LoadBalancerEntry(Struct, frozen=True, rename="camel"):
    """One address of a `status.loadBalancer`.

    Attributes:
        ip: the address.
        hostname: the name that it serves; empty for an entry without one.
        ip_mode: what the API server may have added.
        ports: likewise.
    """

    ip: str = ""
    hostname: str = ""
    ip_mode: str | None = None
    ports: tuple[Mapping[str, Any], ...] | None = None


class LoadBalancerStatus(Struct, frozen=True):
    """All addresses.

    Attributes:
        ingress: one entry for each name and address; None if there are none.
    """

    ingress: tuple[LoadBalancerEntry, ...] | None = None


class BalancerStatus(Struct, frozen=True, rename="camel"):
    """The status as last seen.

    Attributes:
        load_balancer: None if there is none.
    """

    load_balancer: LoadBalancerStatus | None = None


class BalancerStatusRecord(SharedStatus, frozen=True):
    """An object as a status record: only its status, and the version it was seen at.

    Attributes:
        status: None if there is none.
    """

    status: BalancerStatus | None = None

    @property
    def entries(self) -> tuple[LoadBalancerEntry, ...]:
        """Give the entries of the load balancer status."""
        balancer = self.status.load_balancer if self.status else None
        return (balancer.ingress if balancer else None) or ()


def balancer_status(seen: BalancerStatusRecord, outcome: Outcome) -> Mapping[str, Any] | None:
    """Give the status patch with one entry per live host and address, None if the status is right.

    An entry is ours if its address is or was one of ours, and if the object claims its host from us, whatever the
    address: that may have gone while nobody looked. All others stay, and so do those of hosts that are pending or kept.
    A host without a name has an entry without `hostname`; so has one that stands for all names under a domain, which
    the API server takes for no host name.

    Args:
        seen: the status as last seen.
        outcome: what became of the object.
    """
    staying = {_shown(host) for host in outcome.hosts if host.state in {HostState.PENDING, HostState.KEPT}}
    claimed = {name for host in outcome.hosts if (name := _shown(host))} - staying

    def stays(entry: LoadBalancerEntry) -> bool:
        is_ours = entry.ip in outcome.our_addresses or entry.hostname in claimed
        return entry.hostname in staying or not is_ours

    kept = [entry for entry in seen.entries if stays(entry)]
    live = [
        LoadBalancerEntry(ip=address, hostname=_shown(host))
        for host in sorted(outcome.hosts, key=lambda host: host.host)
        if host.state is HostState.LIVE
        for address in host.addresses
    ]
    before = {(entry.ip, entry.hostname) for entry in seen.entries}
    there = {(k.ip, k.hostname) for k in kept}
    wanted = kept + [entry for entry in dict.fromkeys(live) if (entry.ip, entry.hostname) not in there]
    if before == {(entry.ip, entry.hostname) for entry in wanted}:
        return None
    return {"loadBalancer": {"ingress": [_entry(entry) for entry in wanted] or None}}


def _shown(host: HostOutcome) -> str:
    return "" if domain_under(host.host) else host.host


def _entry(entry: LoadBalancerEntry) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(entry).items() if value}
