"""The Kubernetes objects of a benchmark: host 7 is `h7.example.com`, with an Ingress, a Service and two endpoints."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable, Iterator
from typing import Any

import trustme

Manifest = dict[str, Any]

NAMESPACE = "bench"
CREATED = "2024-01-01T00:00:00Z"  # all of one age: the stand-in would make each a second younger than the one before
PORT = 8080

INGRESS_CLASS: Manifest = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "avi-lb"},
    "spec": {"controller": "ako.vmware.com/avi-lb"},
}


def host_of(number: int) -> str:
    """Give the host name of a number."""
    return f"{name_of(number)}.example.com"


def name_of(number: int) -> str:
    """Give the name that the Kubernetes objects of a host have."""
    return f"h{number}"


def ingress(number: int, *, secure: bool) -> Manifest:
    """Build the Ingress of a host."""
    name, host = name_of(number), host_of(number)
    backend = {"service": {"name": name, "port": {"number": 80}}}
    rule = {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    spec: Manifest = {"ingressClassName": "avi-lb", "rules": [rule]}
    if secure:
        spec["tls"] = [{"hosts": [host], "secretName": name}]
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": _metadata(name), "spec": spec}


def service(number: int, *, by_node_port: bool = False) -> Manifest:
    """Build the Service of a host; each has a node port of its own if it has one."""
    port = {"name": "http", "port": 80, "targetPort": PORT}
    spec: Manifest = {"type": "ClusterIP", "ports": [port]}
    if by_node_port:
        spec = {"type": "NodePort", "ports": [{**port, "nodePort": 30000 + number}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(name_of(number)), "spec": spec}


def endpoint_slice(number: int, *, revision: int = 0) -> Manifest:
    """Build the EndpointSlice of a host: two addresses, of which the second differs from revision to revision."""
    name = name_of(number)
    high, low = divmod(number, 250)
    addresses = [f"10.{100 + high // 250}.{high % 250}.{low + 1}", f"10.{180 + revision % 70}.{high % 250}.{low + 1}"]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {**_metadata(f"{name}-1"), "labels": {"kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in addresses],
        "ports": [{"name": "http", "port": PORT}],
    }


def node(number: int) -> Manifest:
    """Build a node with an address."""
    high, low = divmod(number, 250)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"n{number}", "creationTimestamp": CREATED},
        "status": {"addresses": [{"type": "InternalIP", "address": f"10.90.{high}.{low + 1}"}]},
    }


def backends(numbers: Iterable[int], *, by_node_port: bool = False) -> Iterator[Manifest]:
    """Build everything of hosts but Ingresses and Secrets."""
    for number in numbers:
        yield service(number, by_node_port=by_node_port)
        yield endpoint_slice(number)


def tls_secrets(numbers: Iterable[int]) -> Iterator[Manifest]:
    """Build the TLS Secrets of hosts, each with a certificate of its own."""
    authority = trustme.CA()
    for number in numbers:
        issued = authority.issue_cert(host_of(number))
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": _metadata(name_of(number)),
            "type": "kubernetes.io/tls",
            "data": {
                "tls.crt": _encoded(issued.cert_chain_pems[0]),
                "tls.key": _encoded(issued.private_key_pem),
            },
        }


def secrets_of_others(count: int) -> Iterator[Manifest]:
    """Build Secrets of 200 KiB that serve no host: every other one is that of a Helm release."""
    for number in range(count):
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {**_metadata(f"other-{number}"), "namespace": "others"},
            "type": ("helm.sh/release.v1", "Opaque")[number % 2],
            "data": {"release": base64.b64encode(random.Random(number).randbytes(150 * 1024)).decode()},  # noqa: S311
        }


def _encoded(blob: trustme.Blob) -> str:
    return base64.b64encode(blob.bytes()).decode()


def _metadata(name: str) -> Manifest:
    return {"name": name, "namespace": NAMESPACE, "creationTimestamp": CREATED}
