"""The OpenShift plugin: source discovery, passthrough translation and status of Routes.

Insecure hosts and SNI children are translated by the core. Ingresses are not processed where Routes are served:
OpenShift makes a Route for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ako import (
    Discovery,
    Needs,
    Outcome,
    PortClaim,
    SourceObject,
    Translation,
    View,
    VirtualHost,
    WatchedKind,
    Whose,
    as_asked,
    hookimpl,
)
from ako.plugins.openshift_route.discover import discover_route
from ako.plugins.openshift_route.passthrough import translate_passthrough
from ako.plugins.openshift_route.records import KINDS, Route, RouteStatusRecord
from ako.plugins.openshift_route.status import route_status

EVERY_ROUTE = Whose("a Route has no class: every one is processed.", is_ours=True)


@hookimpl
def ako_needs() -> Needs:
    """Let Routes have the default certificate, which an operator names, wherever it lies."""
    return Needs(other_namespaces=True)


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Routes and what they name."""
    return KINDS


@hookimpl
def ako_discover(source: SourceObject, view: View) -> Discovery | None:
    """Find the host of a Route."""
    if not isinstance(route := source.record, Route):
        return None
    return as_asked(discover_route(source, route, view), source.ref, route.metadata, view)


@hookimpl
def ako_translate(virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
    """Translate passthrough hosts."""
    if isinstance(virtual_host, VirtualHost) and virtual_host.passthrough:
        return translate_passthrough(virtual_host, view)
    return None


@hookimpl
def ako_report(source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
    """Write the entry of our router into the Route."""
    seen = source.status if isinstance(source.status, RouteStatusRecord) else RouteStatusRecord()
    return route_status(source.record, seen, outcome) if isinstance(source.record, Route) else None


@hookimpl
def ako_explain_source(source: SourceObject, view: View) -> Whose | None:  # noqa: ARG001 - a Route has no class
    """Say that every Route is ours."""
    return EVERY_ROUTE if isinstance(source.record, Route) else None
