"""What clients have to get, worked out from the manifests alone: the yardstick for what the load balancer answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

Manifests = list[Mapping[str, Any]]
Name = tuple[str, str]
"""Namespace and name."""

BELOW = "/42"
"""What is asked for below each path: whose paths match as a whole only would not answer."""
PORTS = {"http": 80, "https": 443}


class Pod(Struct, frozen=True):
    """One server: `server` is its "ip:port", `speaks` HTTP, TLS (HTTP over it) or TCP; `host` is whose TLS it ends."""

    server: str
    namespace: str
    service: str
    name: str
    speaks: str = "HTTP"
    host: str = ""


class Wanted(Struct, frozen=True, order=True):
    """One request and what has to come of it.

    Attributes:
        host: name that clients resolve.
        scheme: `http`, `https` or `tcp`.
        port: of the host.
        path: what is asked for; empty for `tcp`.
        weights: who answers, "namespace/service", each with its weight; nobody for a redirect.
        location: where a redirect leads.
        secret: "namespace/name" of the Secret whose certificate is shown.
        certificate: that certificate as PEM.
        is_passed: TLS ends at the pod.
    """

    host: str
    scheme: str
    port: int
    path: str = ""
    weights: tuple[tuple[str, int], ...] = ()
    location: str = ""
    secret: str = ""
    certificate: str = ""
    is_passed: bool = False

    @property
    def url(self) -> str:
        """Give what is asked for as people write it."""
        port = "" if PORTS.get(self.scheme) == self.port else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"


def manifests_in(folder: Path) -> Manifests:
    """Read a folder of manifests."""
    return [item for file in sorted(folder.glob("*.yaml")) for item in yaml.safe_load_all(file.read_text()) if item]


def pods_of(manifests: Manifests) -> tuple[Pod, ...]:
    """Give the pods behind all Services; those of a Service are numbered."""
    speaks = dict(_other_protocols(manifests))
    found: list[Pod] = []
    counts: dict[Name, int] = {}
    for item in _of_kind(manifests, "EndpointSlice"):
        name = (item["metadata"]["namespace"], item["metadata"]["labels"]["kubernetes.io/service-name"])
        for endpoint in item["endpoints"]:
            counts[name] = number = counts.get(name, 0) + 1
            protocol, host = speaks.get(name, ("HTTP", ""))
            found += [
                Pod(f"{address}:{port['port']}", *name, f"{name[1]}-{number}", protocol, host)
                for address in endpoint["addresses"]
                for port in item["ports"]
            ]
    return tuple(found)


def wanted_by(manifests: Manifests, domain: str) -> tuple[Wanted, ...]:
    """Work out the requests; as much of Kubernetes as the example manifests use.

    Args:
        manifests: all of them.
        domain: that of Services of type LoadBalancer.
    """
    return tuple(sorted({*_of_ingresses(manifests), *_of_routes(manifests), *_of_services(manifests, domain)}))


def _other_protocols(manifests: Manifests) -> Iterator[tuple[Name, tuple[str, str]]]:
    for item in _of_kind(manifests, "Service"):
        if item["spec"].get("type") == "LoadBalancer":
            yield _name(item), ("TCP", "")
    for item in _of_kind(manifests, "Route"):
        if item["spec"].get("tls", {}).get("termination") == "passthrough":
            yield (item["metadata"]["namespace"], item["spec"]["to"]["name"]), ("TLS", item["spec"]["host"])


def _of_ingresses(manifests: Manifests) -> Iterator[Wanted]:
    secrets = {f"{_name(item)[0]}/{_name(item)[1]}": item for item in _of_kind(manifests, "Secret")}
    paths: dict[str, dict[str, str]] = {}
    secured: dict[str, str] = {}
    for item in _of_kind(manifests, "Ingress"):
        namespace, spec = item["metadata"]["namespace"], item["spec"]
        secured |= {host: f"{namespace}/{tls['secretName']}" for tls in spec.get("tls", ()) for host in tls["hosts"]}
        for rule in spec["rules"]:
            for path in rule["http"]["paths"]:
                service = f"{namespace}/{path['backend']['service']['name']}"
                paths.setdefault(rule["host"], {})[path["path"]] = service
    for host, of_host in paths.items():
        secret = secured.get(host, "")
        pem = secrets[secret]["stringData"]["tls.crt"] if secret else ""
        scheme = "https" if secret else "http"
        for path in of_host:
            asked = path.rstrip("/") + BELOW
            longest = max((other for other in of_host if asked.startswith(other)), key=len)
            weights = ((of_host[longest], 1),)
            yield Wanted(host, scheme, PORTS[scheme], asked, weights, secret=secret, certificate=pem)
        if secret:
            yield _redirect(host, max(of_host, key=len).rstrip("/") + BELOW + "?a=b")


def _of_routes(manifests: Manifests) -> Iterator[Wanted]:
    for item in _of_kind(manifests, "Route"):
        namespace, spec = item["metadata"]["namespace"], item["spec"]
        backends = (spec["to"], *spec.get("alternateBackends", ()))
        weights = tuple((f"{namespace}/{backend['name']}", backend.get("weight", 100)) for backend in backends)
        asked = spec.get("path", "/").rstrip("/") + BELOW
        tls = spec.get("tls", {})
        scheme = "https" if tls else "http"
        yield Wanted(spec["host"], scheme, PORTS[scheme], asked, weights, is_passed=bool(tls))
        if tls.get("insecureEdgeTerminationPolicy") == "Redirect":
            yield _redirect(spec["host"], asked)


def _of_services(manifests: Manifests, domain: str) -> Iterator[Wanted]:
    for item in _of_kind(manifests, "Service"):
        if item["spec"].get("type") == "LoadBalancer":
            namespace, name = _name(item)
            for port in item["spec"]["ports"]:
                yield Wanted(f"{name}.{namespace}.{domain}", "tcp", port["port"], weights=((f"{namespace}/{name}", 1),))


def _redirect(host: str, asked: str) -> Wanted:
    return Wanted(host, "http", PORTS["http"], asked, location=f"https://{host}{asked}")


def _of_kind(manifests: Iterable[Mapping[str, Any]], kind: str) -> Iterator[Mapping[str, Any]]:
    return (item for item in manifests if item["kind"] == kind)


def _name(item: Mapping[str, Any]) -> Name:
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]
