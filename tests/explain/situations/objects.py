"""Objects of situations in a few words: each situation has a namespace of its own, with a Service `web`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ako.testing.manifests import custom_object, endpoint_slice, ingress, secret, service
from tests.builders import Manifest, certificate_for, dated_certificate

FIRST, SECOND = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
LONG_AGO, LATELY = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
SOME_DAY, FAR_OFF = datetime(2100, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)


def web(namespace: str, *addresses: str) -> tuple[Manifest, Manifest]:
    """Build a Service `web` of a namespace, and where its pods are."""
    return service("web", namespace=namespace), endpoint_slice(
        "web", *(addresses or ("10.0.0.1",)), namespace=namespace
    )


def shop(
    namespace: str,
    host: str,
    path: str = "/",
    *,
    name: str = "shop",
    created: str = FIRST,
    tls: str = "",
    annotations: Mapping[str, str] | None = None,
    backend: str = "web:80",
    sections: Sequence[Mapping[str, object]] = (),
    **spec: object,
) -> Manifest:
    """Build an Ingress for one path of a host; `tls` names its Secret, `sections` are those of TLS as written."""
    sections = [{"hosts": [host], "secretName": tls}] if tls else sections
    built = ingress(name, (host, path, backend), namespace=namespace, created=created)
    fields = {**built["spec"], "tls": sections, **spec}
    return {**built, "metadata": {**built["metadata"], "annotations": dict(annotations or {})}, "spec": fields}


def both(namespace: str, host: str, *paths: str) -> Manifest:
    """Build an Ingress for several paths of a host."""
    return ingress("shop", *((host, path, "web:80") for path in paths), namespace=namespace, created=FIRST)


def certified(
    namespace: str, name: str, *hosts: str, begins: datetime = LONG_AGO, ends: datetime = FAR_OFF
) -> Manifest:
    """Build a TLS Secret with a certificate for hosts and a time."""
    certificate, key = dated_certificate(begins, ends, *hosts)
    return secret(name, certificate, key, namespace=namespace)


def mismatched(namespace: str, name: str, host: str) -> Manifest:
    """Build a TLS Secret whose key is that of another certificate."""
    return secret(name, certificate_for(host)[0], certificate_for(f"other.{host}")[1], namespace=namespace)


def with_its_key(namespace: str, name: str, host: str) -> Manifest:
    """Build a TLS Secret in whose certificate file the key stands, too."""
    certificate, key = certificate_for(host)
    return secret(name, f"{key}{certificate}", key, namespace=namespace)


def class_of(
    name: str, controller: str, *, is_default: bool = False, parameters: Mapping[str, str] | None = None
) -> Manifest:
    """Build an IngressClass."""
    marks = {"ingressclass.kubernetes.io/is-default-class": "true"} if is_default else None
    spec = {"controller": controller, **({"parameters": parameters} if parameters else {})}
    return custom_object("networking.k8s.io/v1", "IngressClass", name, namespace="", annotations=marks, spec=spec)


def balancer(
    namespace: str,
    name: str = "direct",
    *,
    annotations: Mapping[str, str] | None = None,
    created: str = FIRST,
    **spec: Any,
) -> Manifest:
    """Build a Service of type LoadBalancer with the port 80."""
    fields = {"type": "LoadBalancer", "ports": [{"name": "http", "port": 80, "targetPort": 8080}], **spec}
    return custom_object(
        "v1", "Service", name, namespace=namespace, annotations=annotations, created=created, spec=fields
    )


def pods(
    namespace: str,
    *endpoints: Mapping[str, Any],
    ports: tuple[Mapping[str, Any], ...] = ({"name": "http", "port": 8080},),
) -> Manifest:
    """Build the EndpointSlice of `web` with endpoints as they are written."""
    return {**endpoint_slice("web", namespace=namespace), "endpoints": list(endpoints), "ports": list(ports)}


def pod(address: str, name: str, node: str = "node-1", **conditions: bool) -> dict[str, Any]:
    """Build an endpoint of an EndpointSlice."""
    return {
        "addresses": [address],
        "conditions": {"ready": True, **conditions},
        "nodeName": node,
        "targetRef": {"kind": "Pod", "name": name, "uid": name},
    }


def tenant_namespace(name: str, tenant: str) -> Manifest:
    """Build a Namespace that names a tenant."""
    return custom_object("v1", "Namespace", name, namespace="", annotations={"ako.vmware.com/tenant-name": tenant})
