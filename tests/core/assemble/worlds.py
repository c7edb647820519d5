"""Sources whose objects would need one name, each alone or with the others; a source answers with its own server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ako.core.base.refs import AviRef
from ako.core.hooks.site import CloudFacts
from ako.core.model import AviObject, ForeignObject
from tests.builders import CLOUD_FACTS, Fed, Manifest, certificate_for, endpoints, ingress, service, tls_secret
from tests.core.assemble.following import NOTHING, Addresses, Objects, balanced, passthrough
from tests.core.translate.requests import TO_TLS, Request, World

KUBERNETES = ("ingress", "clusterip_routes", "nodeport", "loadbalancer")
OPENSHIFT = ("openshift_route", "clusterip_routes", "nodeport", "loadbalancer")
CLOUD = CloudFacts(type=CLOUD_FACTS.type, version=CLOUD_FACTS.version)
"""Without DNS domains any host is served, such as those without a dot."""


class Source(Struct, frozen=True):
    """A source object: how it is made with a creationTimestamp, what it needs, and what it answers."""

    name: str
    make: Callable[[str], Manifest]
    base: tuple[Manifest, ...]
    ask: Callable[[Objects], Addresses]
    server: Addresses


_numbers = itertools.count(1)


def answered(objects: Objects, request: Request) -> Addresses:
    """Give the servers of a request; a redirect has none."""
    answer = World(objects, is_ordered=True).answer(request)
    return NOTHING if answer == TO_TLS else answer


def _backend(namespace: str, name: str = "app") -> tuple[tuple[Manifest, ...], Addresses]:
    address = f"10.0.0.{next(_numbers)}"
    return (service(name, namespace=namespace), endpoints(name, address, namespace=namespace)), frozenset({address})


def ingress_source(
    name: str, namespace: str, host: str, path: str, *, secure: bool = False, backend: str = "app"
) -> Source:
    """Give an Ingress of one path; no two that a test brings together have one backend."""
    base, server = _backend(namespace, backend)
    keys = {host: "crt"} if secure else None
    request = Request("https" if secure else "http", host, path)
    return Source(
        f"{namespace}/{name} {host}{path}",
        lambda created: ingress(name, (host, path, f"{backend}:80"), namespace=namespace, tls=keys, created=created),
        (*base, tls_secret("crt", host, namespace=namespace)),
        lambda objects: answered(objects, request),
        server,
    )


def balancer_source(name: str, namespace: str) -> Source:
    """Give a Service of type LoadBalancer."""
    address = f"10.0.0.{next(_numbers)}"

    def make(created: str) -> Manifest:
        found = service(name, namespace=namespace, type="LoadBalancer")
        return {**found, "metadata": {**found["metadata"], "creationTimestamp": created}}

    return Source(
        f"{namespace}/{name}",
        make,
        (endpoints(name, address, namespace=namespace),),
        lambda objects: balanced(objects, f"{namespace}/{name}"),
        frozenset({address}),
    )


def route_source(name: str, namespace: str, host: str, *, secure: bool) -> Source:
    """Give a Route without a path: passed through, or with TLS that we terminate."""
    base, server = _backend(namespace)
    certificate, key = certificate_for(host)
    section: Mapping[str, Any] = {"termination": "passthrough"}
    if secure:
        section = {"termination": "edge", "certificate": certificate, "key": key}

    def make(created: str) -> Manifest:
        return {
            "apiVersion": "route.openshift.io/v1",
            "kind": "Route",
            "metadata": {"name": name, "namespace": namespace, "creationTimestamp": created},
            "spec": {"host": host, "to": {"kind": "Service", "name": "app"}, "tls": section},
        }

    def ask(objects: Objects) -> Addresses:
        return answered(objects, Request("https", host, "/")) if secure else passthrough(objects, host)

    return Source(f"{namespace}/{name} {host}", make, base, ask, server)


class Clash(Struct, frozen=True):
    """Sources that need one name, which plugins serve them, and that name."""

    title: str
    plugins: tuple[str, ...]
    sources: tuple[Source, ...]
    name: str


CLASHES = (
    Clash(
        "two paths of one host",
        KUBERNETES,
        (ingress_source("c-d", "b", "paths.com", "/a_b"), ingress_source("d", "b-c", "paths.com", "/a/b")),
        "my-cluster--paths.com_a_b-b-c-d",
    ),
    Clash(
        "namespace and host, over TLS on two shards",
        KUBERNETES,
        (
            ingress_source("web", "team", "app-shop.com", "/", secure=True),
            ingress_source("web", "team-app", "shop.com", "/", secure=True),
        ),
        "my-cluster--team-app-shop.com_-web",
    ),
    Clash(
        "a TLS path and a plain one",
        KUBERNETES,
        (
            ingress_source("i", "x", "h.com", "/p-n", secure=True),
            ingress_source("i", "n", "x-h.com", "/p"),
        ),
        "my-cluster--x-h.com_p-n-i",
    ),
    Clash(
        "two Services of type LoadBalancer",
        KUBERNETES,
        (balancer_source("app-shop", "team"), balancer_source("shop", "team-app")),
        "my-cluster--team-app-shop",
    ),
    Clash(
        "two Services of type LoadBalancer and the child of a host",
        KUBERNETES,
        (
            balancer_source("red-shop", "team"),
            balancer_source("shop", "team-red"),
            ingress_source("web", "blue", "team-red-shop", "/", secure=True),
        ),
        "my-cluster--team-red-shop",
    ),
    Clash(
        "a passthrough host and a path over TLS",
        OPENSHIFT,
        (
            route_source("any", "blue", "team-shop.com-web", secure=False),
            route_source("web", "team", "shop.com", secure=True),
        ),
        "my-cluster--team-shop.com-web",
    ),
)


def fed(plugins: tuple[str, ...]) -> Fed:
    """Give a pipeline that serves any host."""
    return Fed(*plugins, cloud=CLOUD)


def objects_of(world: Fed) -> dict[AviRef, AviObject]:
    """Give everything that is wanted; no two trees want one object."""
    found: dict[AviRef, AviObject] = {}
    for _, tree in world.pipeline.trees.values():
        for ref, item in tree.objects.items():
            if not isinstance(item, ForeignObject):
                assert ref not in found, f"{ref!r} is wanted twice"
                found[ref] = item
    return found
