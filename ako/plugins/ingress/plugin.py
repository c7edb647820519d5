"""The Ingress plugin: source discovery and status. Insecure hosts and SNI children are translated by the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ako import (
    BalancerStatusRecord,
    Discovery,
    Outcome,
    SourceObject,
    View,
    WatchedKind,
    Whose,
    as_asked,
    balancer_status,
    hookimpl,
)
from ako.plugins.ingress.classes import settings_asked_for, whose
from ako.plugins.ingress.discover import discover_ingress
from ako.plugins.ingress.records import KINDS, Ingress


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Ingresses, their classes, and what they name."""
    return KINDS


@hookimpl
def ako_discover(source: SourceObject, view: View) -> Discovery | None:
    """Find the hosts of an Ingress."""
    if not isinstance(ingress := source.record, Ingress):
        return None
    found = discover_ingress(source, ingress, view)
    by_class = settings_asked_for(ingress, view) if found.claims else ""
    return as_asked(found, source.ref, ingress.metadata, view, by_class)


@hookimpl
def ako_report(source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
    """Write addresses and hosts into the Ingress."""
    seen = source.status if isinstance(source.status, BalancerStatusRecord) else BalancerStatusRecord()
    return balancer_status(seen, outcome)


@hookimpl
def ako_explain_source(source: SourceObject, view: View) -> Whose | None:
    """Say by which class an Ingress is ours, or is not."""
    return whose(source.record, source.ref, view) if isinstance(source.record, Ingress) else None
