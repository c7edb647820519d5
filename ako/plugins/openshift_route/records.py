"""Routes as this plugin reads them, and what it watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from ako import NAMESPACES, SECRETS, SERVICES, Kind, LabelledMetadata, SharedStatus, WatchedKind

ROUTE = Kind("route.openshift.io", "v1", "Route")
INGRESS = Kind("networking.k8s.io", "v1", "Ingress")


class RouteTarget(Struct, frozen=True):
    """A backend; without a kind it is a Service, without a weight it weighs 100 (the API's defaults)."""

    name: str = ""
    kind: str | None = None
    weight: Annotated[int, Meta(ge=0, le=256)] | None = None


class RoutePort(Struct, frozen=True, rename="camel"):
    """The port of the endpoints: a number, or a name."""

    target_port: int | str | None = None


class NamedSecret(Struct, frozen=True):
    """A Secret of the namespace of the Route."""

    name: str = ""


class RouteTls(Struct, frozen=True, rename="camel"):
    """How a Route is served over TLS; the texts are PEM."""

    termination: str = ""
    insecure_edge_termination_policy: str | None = None
    certificate: str | None = None
    external_certificate: NamedSecret | None = None
    key: str | None = None
    ca_certificate: str | None = field(name="caCertificate", default=None)
    destination_ca_certificate: str | None = field(name="destinationCACertificate", default=None)

    def __repr__(self) -> str:
        return f"RouteTls(termination={self.termination!r}, ***)"


class RouteSpec(Struct, frozen=True, rename="camel"):
    """What a Route asks for."""

    to: RouteTarget = RouteTarget()
    host: str | None = None
    subdomain: str | None = None
    path: str | None = None
    alternate_backends: tuple[RouteTarget, ...] | None = None
    port: RoutePort | None = None
    tls: RouteTls | None = None
    wildcard_policy: str | None = None

    @property
    def targets(self) -> tuple[RouteTarget, ...]:
        """Give every backend, the first one first."""
        return (self.to, *(self.alternate_backends or ()))


class Route(Struct, frozen=True):
    """A Route without its status."""

    metadata: LabelledMetadata
    spec: RouteSpec = RouteSpec()


class RouteStatus(Struct, frozen=True):
    """The entries of all routers, as they are: those of others are written back untouched."""

    ingress: tuple[Mapping[str, Any], ...] | None = None


class RouteStatusRecord(SharedStatus, frozen=True):
    """A Route as a status record: only its status."""

    status: RouteStatus | None = None

    @property
    def entries(self) -> tuple[Mapping[str, Any], ...]:
        """Give the entries of all routers."""
        return (self.status.ingress if self.status else None) or ()


class RouteAdmission(Struct, frozen=True, rename="camel"):
    """Which Routes the routers of a cluster admit."""

    wildcard_policy: str | None = None


class IngressControllerSpec(Struct, frozen=True, rename="camel"):
    """How the routers of a cluster are to work."""

    route_admission: RouteAdmission | None = None


class IngressController(Struct, frozen=True):
    """The configuration of OpenShift's own routers; what it admits is admitted here."""

    metadata: LabelledMetadata
    spec: IngressControllerSpec = IngressControllerSpec()

    @property
    def admits_wildcards(self) -> bool:
        """Say whether Routes may ask for all names under a domain."""
        admission = self.spec.route_admission
        return admission is not None and admission.wildcard_policy == "WildcardsAllowed"


KINDS = (
    WatchedKind(
        kind=ROUTE,
        plural="routes",
        record=Route,
        status=RouteStatusRecord,
        is_source=True,
        is_optional=True,
        replaces=(INGRESS,),
        access=("routes/status:patch",),
    ),
    WatchedKind(
        kind=Kind("operator.openshift.io", "v1", "IngressController"),
        plural="ingresscontrollers",
        record=IngressController,
        is_optional=True,
    ),
    SERVICES,
    SECRETS,
    NAMESPACES,
)
