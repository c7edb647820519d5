"""Small clusters, made by hand."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

Thing = dict[str, Any]


def pem(text: str) -> str:
    body = base64.b64encode(text.encode()).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def thing(kind: str, name: str, created: int = 0, **more: Any) -> Thing:
    meta = {
        "name": name,
        "namespace": more.pop("namespace", "default"),
        "creationTimestamp": f"2026-01-01T00:00:{created:02}Z",
    }
    meta["annotations"] = more.pop("annotations", {})
    return {"kind": kind, "metadata": meta, **more}


def service(
    name: str, address: str, *, ports: Sequence[tuple[str, int]] = (("http", 8080),), **more: Any
) -> list[Thing]:
    """Make a Service with an endpoint at each of its ports; node ports are 30000 more, conditions as given."""
    conditions = more.pop("conditions", {"ready": True})
    namespace = more.pop("namespace", "default")
    wanted = {"type": "ClusterIP", **more.pop("spec", {})}
    wanted["ports"] = [
        {"name": called, "port": port, "targetPort": port, "protocol": "TCP", "nodePort": 30000 + port}
        for called, port in ports
    ]
    slices = thing(
        "EndpointSlice",
        f"{name}-0",
        namespace=namespace,
        endpoints=[{"addresses": [address], "conditions": conditions, "nodeName": "n1"}],
        ports=[{"name": called, "port": port} for called, port in ports],
    )
    slices["metadata"]["labels"] = {"kubernetes.io/service-name": name}
    return [thing("Service", name, namespace=namespace, spec=wanted, **more), slices]


def ingress(name: str, *rules: tuple[str, str, str], created: int = 0, secret: str = "", **more: Any) -> Thing:
    """Make an Ingress of (host, path, Service), the path with a `=` before it where it is exact."""
    its_spec: Thing = {"ingressClassName": "avi-lb", **more.pop("spec", {}), "rules": []}
    for host, path, backend in rules:
        kind = "Exact" if path.startswith("=") else "Prefix"
        to = {"service": {"name": backend, "port": {"number": 8080}}}
        entry = {"path": path.removeprefix("="), "pathType": kind, "backend": to}
        its_spec["rules"].append({"host": host, "http": {"paths": [entry]}} if host else {"http": {"paths": [entry]}})
    if secret:
        its_spec["tls"] = [{"hosts": sorted({host for host, _, _ in rules}), "secretName": secret}]
    return thing("Ingress", name, created, spec=its_spec, **more)


def route(name: str, host: str, path: str, *to: tuple[str, int], created: int = 0, tls: Thing | None = None) -> Thing:
    first, *others = [{"kind": "Service", "name": called, "weight": weight} for called, weight in to]
    return thing(
        "Route", name, created, spec={"host": host, "path": path, "to": first, "alternateBackends": others, "tls": tls}
    )


def secret(name: str, certificate: str) -> Thing:
    data = {"tls.crt": base64.b64encode(pem(certificate).encode()).decode(), "tls.key": "a2V5"}
    return thing("Secret", name, data=data)


def edge(insecure: str = "", certificate: str = "route") -> Thing:
    found = {"termination": "edge", "certificate": pem(certificate), "key": "key"}
    return {**found, "insecureEdgeTerminationPolicy": insecure} if insecure else found
