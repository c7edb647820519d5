"""Kubernetes objects in a few words, as they stand in YAML: what plugins are tried with.

Each is a plain mapping: a field that its builder does not know is set in a copy (`{**web, "spec": {...}}`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ako.testing.certificates import self_signed

Manifest = Mapping[str, Any]
"""One Kubernetes object as in YAML, parsed."""

INGRESS_CLASS_CONTROLLER = "ako.vmware.com/avi-lb"
"""What an IngressClass has for its controller that is ours."""


def custom_object(
    api_version: str,
    kind: str,
    name: str,
    *,
    namespace: str = "default",
    annotations: Mapping[str, str] | None = None,
    created: str | None = None,
    **fields: object,
) -> Manifest:
    """Build an object of any kind: `custom_object("example.org/v1", "Site", "shop", spec={"host": "shop.test"})`.

    Args:
        api_version: group and version.
        kind: such as `Site`.
        name: of the object.
        namespace: empty for a kind that has none.
        annotations: of its metadata.
        created: its creationTimestamp, such as `2026-01-01T00:00:00Z`; without one it counts as the oldest.
        fields: what stands beside the metadata, such as `spec`.
    """
    metadata: dict[str, object] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if annotations:
        metadata["annotations"] = dict(annotations)
    if created:
        metadata["creationTimestamp"] = created
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def ingress_class(name: str = "avi-lb", *, is_default: bool = True) -> Manifest:
    """Build an IngressClass that is ours; Ingresses that name no class are ours only if it is the default."""
    marks = {"ingressclass.kubernetes.io/is-default-class": "true"} if is_default else None
    spec = {"controller": INGRESS_CLASS_CONTROLLER}
    return custom_object("networking.k8s.io/v1", "IngressClass", name, namespace="", annotations=marks, spec=spec)


def ingress(
    name: str,
    *rules: tuple[str, str, str],
    namespace: str = "default",
    tls: Mapping[str, str] | None = None,
    created: str | None = None,
    **spec: object,
) -> Manifest:
    """Build an Ingress from (host, path, "service:port") rules; `tls` maps hosts to names of Secrets."""
    sections = [{"hosts": [host], "secretName": secret} for host, secret in (tls or {}).items()]
    fields = {"rules": [_rule(*rule) for rule in rules], "tls": sections, **spec}
    return custom_object("networking.k8s.io/v1", "Ingress", name, namespace=namespace, created=created, spec=fields)


def _rule(host: str, path: str, backend: str) -> Manifest:
    service, _, port = backend.partition(":")
    number = {"number": int(port)} if port.isdecimal() else {"name": port}
    target = {"service": {"name": service, "port": number}}
    return {"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": target}]}}


def route(
    name: str, host: str, service: str, *, path: str = "", namespace: str = "default", created: str | None = None
) -> Manifest:
    """Build a Route (`route.openshift.io/v1`) to the port `http` of a Service's endpoints."""
    spec = {
        "host": host,
        **({"path": path} if path else {}),
        "to": {"kind": "Service", "name": service, "weight": 100},
        "port": {"targetPort": "http"},
    }
    return custom_object("route.openshift.io/v1", "Route", name, namespace=namespace, created=created, spec=spec)


def service(
    name: str,
    port: int = 80,
    *,
    namespace: str = "default",
    type: str = "ClusterIP",  # noqa: A002 - the field's word
    annotations: Mapping[str, str] | None = None,
) -> Manifest:
    """Build a Service with one port, named `http`, that leads to port 8080 of its pods."""
    spec = {"type": type, "ports": [{"name": "http", "port": port, "targetPort": 8080}]}
    return custom_object("v1", "Service", name, namespace=namespace, annotations=annotations, spec=spec)


def endpoint_slice(service_name: str, *addresses: str, namespace: str = "default", port: int = 8080) -> Manifest:
    """Build an EndpointSlice of a Service, `<service>-1`, with ready addresses."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{service_name}-1",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": service_name},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in addresses],
        "ports": [{"name": "http", "port": port}],
    }


def endpoints(service_name: str, *addresses: str, namespace: str = "default", port: int = 8080) -> Manifest:
    """Build the Endpoints of a Service, which are read where it has no EndpointSlice."""
    subset = {"addresses": [{"ip": address} for address in addresses], "ports": [{"name": "http", "port": port}]}
    return custom_object("v1", "Endpoints", service_name, namespace=namespace, subsets=[subset])


def secret(name: str, certificate: str, key: str, *, namespace: str = "default") -> Manifest:
    """Build a TLS Secret of two texts, whatever they are."""
    data = {"tls.crt": certificate, "tls.key": key}
    return custom_object("v1", "Secret", name, namespace=namespace, type="kubernetes.io/tls", stringData=data)


def tls_secret(name: str, *hosts: str, namespace: str = "default") -> Manifest:
    """Build a TLS Secret with a certificate for these hosts that signs itself; the same hosts always give the same.

    Args:
        name: of the Secret.
        hosts: DNS names; `shop.test` if there is none.
        namespace: of the Secret.
    """
    texts = zip(("tls.crt", "tls.key"), self_signed(*(hosts or ("shop.test",))), strict=True)
    data = {field: base64.b64encode(text.encode()).decode() for field, text in texts}
    return custom_object("v1", "Secret", name, namespace=namespace, type="kubernetes.io/tls", data=data)


def node(
    name: str, address: str = "192.0.2.1", *, pod_cidr: str = "", labels: Mapping[str, str] | None = None
) -> Manifest:
    """Build a Node with an InternalIP, and with a pod network if one is given."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": dict(labels or {}), "annotations": {}},
        "spec": {"podCIDR": pod_cidr, "podCIDRs": [pod_cidr]} if pod_cidr else {},
        "status": {"addresses": [{"type": "InternalIP", "address": address}]},
    }


def namespace(name: str, **labels: str) -> Manifest:
    """Build a Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
