"""Small records and declarations that the tests of this folder watch."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName
from ako.core.engine.changes import Change, Listed, Removed, Upserted
from ako.core.engine.kinds import WatchedKind

INGRESS_KIND = Kind("networking.k8s.io", "v1", "Ingress")
SERVICE_KIND = Kind("", "v1", "Service")
CLASS_KIND = Kind("networking.k8s.io", "v1", "IngressClass")
ROUTE_KIND = Kind("route.openshift.io", "v1", "Route")


class Metadata(Struct, frozen=True):
    name: str
    namespace: str = ""
    creationTimestamp: str | None = None  # noqa: N815 - the field's own name


class Rule(Struct, frozen=True):
    host: str = ""


class IngressSpec(Struct, frozen=True):
    rules: tuple[Rule, ...] = ()


class Ingress(Struct, frozen=True):
    metadata: Metadata
    spec: IngressSpec = IngressSpec()

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(rule.host for rule in self.spec.rules)


class IngressStatus(Struct, frozen=True):
    status: Any = None


class Named(Struct, frozen=True):
    metadata: Metadata


class Service(Struct, frozen=True):
    metadata: Metadata


class IngressClass(Struct, frozen=True):
    metadata: Metadata


class Route(Struct, frozen=True):
    metadata: Metadata


INGRESSES = WatchedKind(kind=INGRESS_KIND, plural="ingresses", record=Ingress, status=IngressStatus)
SERVICES = WatchedKind(kind=SERVICE_KIND, plural="services", record=Service)
CLASSES = WatchedKind(kind=CLASS_KIND, plural="ingressclasses", record=IngressClass, namespaced=False, is_optional=True)
ROUTES = WatchedKind(kind=ROUTE_KIND, plural="routes", record=Route, is_optional=True)


def name(text: str) -> NamespacedName:
    namespace, _, rest = text.rpartition("/")
    return NamespacedName(namespace, rest)


def told(changes: list[Change]) -> list[str]:
    """Write changes down so that a test can compare them with a literal list."""
    return [line for change in changes for line in _told(change)]


def _told(change: Change) -> list[str]:
    kind = change.kind.name
    if isinstance(change, Listed):
        return [f"{kind} listed {' '.join(sorted(map(str, change.objects)))}".rstrip()]
    if isinstance(change, Upserted):
        return [f"{kind} upserted {change.name}"]
    if isinstance(change, Removed):
        return [f"{kind} removed {change.name}"]
    return [f"{kind} {change.availability.value}"]
