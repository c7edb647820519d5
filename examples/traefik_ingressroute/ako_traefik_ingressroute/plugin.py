"""The hooks: each one call. This is the module that the entry point `traefik_ingressroute` names."""

from __future__ import annotations

from collections.abc import Sequence

from ako import (
    SETTINGS,
    Discovery,
    Needs,
    PortClaim,
    Section,
    SourceObject,
    Translation,
    View,
    VirtualHost,
    WatchedKind,
    as_asked,
    hookimpl,
)
from ako_traefik_ingressroute.discover import discover_ingress_route
from ako_traefik_ingressroute.records import KINDS, IngressRoute
from ako_traefik_ingressroute.settings import TraefikSettings
from ako_traefik_ingressroute.translate import translate_by_headers


@hookimpl
def ako_needs() -> Needs:
    """Ask for the plugin API that this is written for."""
    return Needs(api="1.0")


@hookimpl
def ako_settings() -> type[Section]:
    """Have a section `ako.traefik_ingressroute`."""
    return TraefikSettings


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch IngressRoutes, and what they name."""
    return KINDS


@hookimpl
def ako_discover(source: SourceObject, view: View) -> Discovery | None:
    """Find the hosts of an IngressRoute."""
    if not isinstance(record := source.record, IngressRoute):
        return None
    settings = view.input(SETTINGS).section("traefik_ingressroute", TraefikSettings)
    return as_asked(discover_ingress_route(source.ref, record, settings, view), source.ref, record.metadata, view)


@hookimpl
def ako_translate(virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
    """Translate the hosts of which an IngressRoute asks for more than paths."""
    return translate_by_headers(virtual_host, view) if isinstance(virtual_host, VirtualHost) else None
