"""What a folder of manifests asks for, read without the product: the yardstick for what the Controller serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ako.cli.demo.promised import Manifests, Name, manifests_in, pods_of
from ako.cli.topology import Route

Served = frozenset[tuple[str, str, str, tuple[str, ...]]]
"""(scheme, host, path, servers); for ports the host is left out, because the Controller's domain is part of it."""


def served_by(routes: Iterable[Route]) -> Served:
    """Reduce routes to what manifests say something about."""
    return frozenset(
        (route.scheme, "" if route.path.startswith(":") else route.host, route.path, route.servers)
        for route in routes
        if route.host
    )


def asked_for(folder: Path) -> Served:
    """Work out what is to be served; as much of Kubernetes as the example manifests use."""
    return frozenset(_wanted(manifests_in(folder)))


def _wanted(manifests: Manifests) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    servers = _servers(manifests)
    for item in manifests:
        namespace, spec = item["metadata"].get("namespace", ""), item.get("spec", {})
        if item["kind"] == "Ingress":
            secure = {host for section in spec.get("tls", ()) for host in section["hosts"]}
            for host in sorted(secure):
                yield "http", host, "", ()
            for rule in spec["rules"]:
                scheme = "https" if rule["host"] in secure else "http"
                for path in rule["http"]["paths"]:
                    service = path["backend"]["service"]["name"]
                    yield scheme, rule["host"], path["path"], servers[namespace, service]
        elif item["kind"] == "Route":
            for scheme, path, service in _of_route(spec):
                yield scheme, spec["host"], path, servers[namespace, service] if service else ()
        elif item["kind"] == "Service" and spec.get("type") == "LoadBalancer":
            for port in spec["ports"]:
                yield "tcp", "", f":{port['port']}", servers[namespace, item["metadata"]["name"]]


def _of_route(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give scheme, path and Service, nothing for what is redirected."""
    if spec.get("tls", {}).get("termination") == "passthrough":
        yield "tls", "", spec["to"]["name"]
        yield "http", "", ""
    else:
        for backend in (spec["to"], *spec.get("alternateBackends", ())):
            yield "http", spec["path"], backend["name"]


def _servers(manifests: Manifests) -> Mapping[Name, tuple[str, ...]]:
    found: dict[Name, tuple[str, ...]] = {}
    for pod in sorted(pods_of(manifests), key=lambda pod: pod.server):
        name = (pod.namespace, pod.service)
        found[name] = (*found.get(name, ()), pod.server)
    return found
