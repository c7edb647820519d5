"""The LoadBalancer plugin: Services of type LoadBalancer, each on a virtual service and an address of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ako import (
    NAMESPACES,
    BalancerStatusRecord,
    Discovery,
    Outcome,
    PortClaim,
    SourceObject,
    Translation,
    View,
    VirtualHost,
    WatchedKind,
    Whose,
    as_asked,
    balancer_status,
    hookimpl,
)
from ako.plugins.loadbalancer.classes import whose
from ako.plugins.loadbalancer.discover import discover_service
from ako.plugins.loadbalancer.records import BALANCED_SERVICES, BalancedService
from ako.plugins.loadbalancer.translate import translate_service


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Services, of whatever type: one may become a LoadBalancer, or cease to be one."""
    return (BALANCED_SERVICES, NAMESPACES)


@hookimpl
def ako_discover(source: SourceObject, view: View) -> Discovery | None:
    """Find the ports that a Service of type LoadBalancer claims."""
    if not isinstance(service := source.record, BalancedService):
        return None
    return as_asked(discover_service(source, service, view), source.ref, service.metadata, view)


@hookimpl
def ako_translate(virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
    """Translate port claims of Services."""
    if not isinstance(virtual_host, PortClaim) or virtual_host.source.kind != BALANCED_SERVICES.kind:
        return None
    return translate_service(virtual_host, view)


@hookimpl
def ako_report(source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
    """Write address and name into the Service."""
    seen = source.status if isinstance(source.status, BalancerStatusRecord) else BalancerStatusRecord()
    return balancer_status(seen, outcome)


@hookimpl
def ako_explain_source(source: SourceObject, view: View) -> Whose | None:
    """Say by which type and class a Service is ours, or is not."""
    return whose(source.record, view) if isinstance(source.record, BalancedService) else None
