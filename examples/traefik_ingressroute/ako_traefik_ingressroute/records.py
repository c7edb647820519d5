"""IngressRoutes and TraefikServices as this plugin reads them, and what it watches."""

from __future__ import annotations

from msgspec import Struct

from ako import NAMESPACES, SECRETS, Kind, LabelledMetadata, Metadata, WatchedKind


class Given(Struct, frozen=True):
    """Something of which only counts that it is there."""


class ObjectName(Struct, frozen=True):
    """An object by its name, in a namespace or in that of who names it."""

    name: str = ""
    namespace: str | None = None

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class RouteService(Struct, frozen=True, rename="camel"):
    """What a route leads to: a Service, or a TraefikService."""

    name: str = ""
    kind: str | None = None
    namespace: str | None = None
    port: int | str | None = None
    weight: int | None = None
    scheme: str | None = None
    pass_host_header: bool | None = None
    servers_transport: str | None = None
    sticky: Given | None = None
    health_check: Given | None = None


class Route(Struct, frozen=True, rename="camel"):
    """One route: which requests, and where to."""

    match: str = ""
    kind: str | None = None
    priority: int | None = None
    services: tuple[RouteService, ...] | None = None
    middlewares: tuple[ObjectName, ...] | None = None


class RouteTls(Struct, frozen=True, rename="camel"):
    """How an IngressRoute is served over TLS."""

    secret_name: str | None = None
    cert_resolver: str | None = None
    options: ObjectName | None = None
    store: ObjectName | None = None
    passthrough: bool | None = None


class IngressRouteSpec(Struct, frozen=True, rename="camel"):
    """What an IngressRoute asks for."""

    routes: tuple[Route, ...] | None = None
    entry_points: tuple[str, ...] | None = None
    tls: RouteTls | None = None


class IngressRoute(Struct, frozen=True):
    """An IngressRoute; it has no status."""

    metadata: LabelledMetadata
    spec: IngressRouteSpec = IngressRouteSpec()


class Weighted(Struct, frozen=True):
    """Services with weights."""

    services: tuple[RouteService, ...] | None = None


class TraefikServiceSpec(Struct, frozen=True):
    """What a TraefikService stands for; mirroring is another form that it can have."""

    weighted: Weighted | None = None


class TraefikService(Struct, frozen=True):
    """A TraefikService."""

    metadata: Metadata
    spec: TraefikServiceSpec = TraefikServiceSpec()


GROUP, VERSION = "traefik.io", "v1alpha1"
INGRESS_ROUTES = WatchedKind(
    kind=Kind(GROUP, VERSION, "IngressRoute"),
    plural="ingressroutes",
    record=IngressRoute,
    is_source=True,
    is_optional=True,
)
TRAEFIK_SERVICES = WatchedKind(
    kind=Kind(GROUP, VERSION, "TraefikService"), plural="traefikservices", record=TraefikService, is_optional=True
)
KINDS = (INGRESS_ROUTES, TRAEFIK_SERVICES, SECRETS, NAMESPACES)
