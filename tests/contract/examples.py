"""One world of manifests for the contract tests of all plugins: at least one object of every kind that one declares."""

from __future__ import annotations

from tests.builders import CLASS, Manifest, endpoints, ingress, service, tls_secret

CREATED = "2026-01-0{}T00:00:00Z"


def older_endpoints(name: str, *addresses: str) -> Manifest:
    """Build the Endpoints of a Service."""
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": name, "namespace": "default"},
        "subsets": [
            {"addresses": [{"ip": address} for address in addresses], "ports": [{"name": "http", "port": 8080}]}
        ],
    }


def node(name: str, address: str, pods: str) -> Manifest:
    """Build a Node."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"zone": "a"}, "annotations": {}},
        "spec": {"podCIDR": pods, "podCIDRs": [pods]},
        "status": {"addresses": [{"type": "InternalIP", "address": address}]},
    }


def namespace(name: str) -> Manifest:
    """Build a Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"served": "yes"}}}


def balanced_service(name: str) -> Manifest:
    """Build a Service of type LoadBalancer."""
    ports = [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080, "protocol": "TCP"}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default", "creationTimestamp": CREATED.format(3)},
        "spec": {"type": "LoadBalancer", "ports": ports},
    }


def route(name: str, host: str, backend: str) -> Manifest:
    """Build a Route."""
    return {
        "apiVersion": "route.openshift.io/v1",
        "kind": "Route",
        "metadata": {"name": name, "namespace": "default", "creationTimestamp": CREATED.format(4)},
        "spec": {
            "host": host,
            "path": "/foo",
            "to": {"kind": "Service", "name": backend, "weight": 100},
            "alternateBackends": [{"kind": "Service", "name": "api", "weight": 50}],
            "port": {"targetPort": "http"},
            "tls": {"termination": "passthrough", "insecureEdgeTerminationPolicy": "Redirect"},
        },
    }


POD_NETWORKS: tuple[Manifest, ...] = (
    {
        "apiVersion": "crd.projectcalico.org/v1",
        "kind": "BlockAffinity",
        "metadata": {"name": "node-1-10-244-1-0-26"},
        "spec": {"node": "node-1", "cidr": "10.244.1.0/26", "deleted": "false", "state": "confirmed"},
    },
    {
        "apiVersion": "network.openshift.io/v1",
        "kind": "HostSubnet",
        "metadata": {"name": "node-1"},
        "host": "node-1",
        "subnet": "10.128.0.0/23",
    },
    {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNode",
        "metadata": {"name": "node-1"},
        "spec": {"ipam": {"podCIDRs": ["10.0.1.0/24"]}},
    },
)
"""Where network plugins keep the pod networks of nodes."""

ROUTERS: Manifest = {
    "apiVersion": "operator.openshift.io/v1",
    "kind": "IngressController",
    "metadata": {"name": "default", "namespace": "openshift-ingress-operator"},
    "spec": {"routeAdmission": {"wildcardPolicy": "WildcardsAllowed"}},
}

EXAMPLES: tuple[Manifest, ...] = (
    CLASS,
    ingress("shop", ("shop.com", "/", "web:80"), ("a.com", "/foo", "api:http"), created=CREATED.format(1)),
    ingress("tls", ("shop.com", "/pay", "web:80"), tls={"shop.com": "tls-shop"}, created=CREATED.format(2)),
    service("web"),
    service("api", 8080),
    balanced_service("direct"),
    endpoints("web", "10.0.0.1", "10.0.0.2"),
    endpoints("direct", "10.0.0.3"),
    older_endpoints("api", "10.0.1.1"),
    node("node-1", "192.0.2.1", "10.244.1.0/24"),
    node("node-2", "192.0.2.2", "no network"),
    *POD_NETWORKS,
    ROUTERS,
    namespace("default"),
    tls_secret("tls-shop"),
)

OPENSHIFT: tuple[Manifest, ...] = (*EXAMPLES, route("shop", "route.com", "web"))
"""The same where Routes are served, which take the place of Ingresses."""
