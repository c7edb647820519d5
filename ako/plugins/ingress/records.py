"""Ingress and IngressClass as this plugin reads them, and what it watches."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ako import NAMESPACES, SECRETS, SERVICES, BalancerStatusRecord, Kind, LabelledMetadata, WatchedKind

INGRESS = Kind("networking.k8s.io", "v1", "Ingress")
INGRESS_CLASS = Kind("networking.k8s.io", "v1", "IngressClass")
DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


class BackendPort(Struct, frozen=True):
    """A Service port, by name or by number."""

    name: str | None = None
    number: int | None = None


class BackendService(Struct, frozen=True):
    """The Service behind a path."""

    name: str
    port: BackendPort | None = None


class IngressBackend(Struct, frozen=True):
    """A backend; one that names a resource instead of a Service is not served."""

    service: BackendService | None = None


class HttpPath(Struct, frozen=True, rename="camel"):
    """One path of a rule."""

    backend: IngressBackend
    path: str | None = None
    path_type: str | None = None


class HttpRule(Struct, frozen=True):
    """The paths of a rule."""

    paths: tuple[HttpPath, ...] | None = None


class IngressRule(Struct, frozen=True):
    """One rule; without a host it gets a generated one."""

    host: str | None = None
    http: HttpRule | None = None


class IngressTls(Struct, frozen=True, rename="camel"):
    """Hosts that are served over TLS with the certificate of a Secret."""

    hosts: tuple[str, ...] | None = None
    secret_name: str | None = None


class IngressSpec(Struct, frozen=True, rename="camel"):
    """What an Ingress asks for; its default backend takes what no path of its hosts matches."""

    default_backend: IngressBackend | None = None
    ingress_class_name: str | None = None
    rules: tuple[IngressRule, ...] | None = None
    tls: tuple[IngressTls, ...] | None = None


class Ingress(Struct, frozen=True):
    """An Ingress without its status."""

    metadata: LabelledMetadata
    spec: IngressSpec = IngressSpec()


class IngressStatusRecord(BalancerStatusRecord, frozen=True):
    """An Ingress as a status record: only its status."""


class ClassParameters(Struct, frozen=True):
    """What a class refers to for its settings."""

    kind: str = ""
    name: str = ""


class IngressClassSpec(Struct, frozen=True):
    """Who implements a class, and with which settings."""

    controller: str = ""
    parameters: ClassParameters | None = None


class IngressClass(Struct, frozen=True):
    """A class of Ingresses."""

    metadata: LabelledMetadata
    spec: IngressClassSpec = IngressClassSpec()


def _is_default(record: IngressClass) -> Iterator[str]:
    if record.metadata.annotation(DEFAULT_CLASS) == "true":
        yield "true"


def _all(_: IngressClass) -> Iterator[str]:
    yield ""


def _controller(record: IngressClass) -> Iterator[str]:
    yield record.spec.controller


KINDS = (
    WatchedKind(
        kind=INGRESS,
        plural="ingresses",
        record=Ingress,
        status=IngressStatusRecord,
        is_source=True,
        access=("ingresses/status:patch",),
    ),
    WatchedKind(
        kind=INGRESS_CLASS,
        plural="ingressclasses",
        record=IngressClass,
        namespaced=False,
        is_optional=True,
        indexes={"default": _is_default, "controller": _controller, "all": _all},
    ),
    SERVICES,
    SECRETS,
    NAMESPACES,
)
