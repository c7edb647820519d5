"""What became of an Ingress → its load balancer status: one entry per live host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ako import HostState, Outcome
from ako.plugins.ingress.records import IngressStatusRecord, LoadBalancerEntry


def ingress_status(seen: IngressStatusRecord, outcome: Outcome) -> Mapping[str, Any] | None:
    """Give the status patch, None if the status is right.

    An entry is ours if its address is or was one of ours; all others stay. A host whose address is not there yet keeps
    the entry it has.
    """
    pending = {host.host for host in outcome.hosts if host.state is HostState.PENDING}
    kept = [entry for entry in seen.entries if entry.ip not in outcome.our_addresses or entry.hostname in pending]
    live = [
        LoadBalancerEntry(ip=address, hostname=host.host)
        for host in sorted(outcome.hosts, key=lambda host: host.host)
        if host.state is HostState.LIVE
        for address in host.addresses
    ]
    before = {(entry.ip, entry.hostname) for entry in seen.entries}
    wanted = kept + [entry for entry in live if (entry.ip, entry.hostname) not in {(k.ip, k.hostname) for k in kept}]
    if before == {(entry.ip, entry.hostname) for entry in wanted}:
        return None
    return {"loadBalancer": {"ingress": [_entry(entry) for entry in wanted] or None}}


def _entry(entry: LoadBalancerEntry) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(entry).items() if value}
