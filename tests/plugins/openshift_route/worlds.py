"""Routes in a few words, a pipeline that takes them, and ways to look at what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from ako.core.assemble.pipeline import STATIC_ROUTES
from ako.core.hooks.site import CloudFacts
from ako.core.model import AviObject
from ako.core.settings import Settings
from tests.builders import CLOUD_FACTS, Fed, Manifest, certificate_for, endpoints, service

PLUGINS = ("ingress", "openshift_route", "clusterip_routes")
BASE = (
    service("web"),
    endpoints("web", "10.0.0.1"),
    service("api"),
    endpoints("api", "10.0.0.2"),
)
CA = certificate_for("ca.example.org")[0]
"""A certificate that stands for that of an authority."""

T = TypeVar("T", bound=AviObject)


def route(
    name: str,
    host: str,
    *services: str,
    created: str | None = None,
    tls: Mapping[str, Any] | None = None,
    **spec: object,
) -> dict[str, Any]:
    """Build a Route to Services, each as `name` or `name=weight`; the first is its `to`."""
    to, *others = map(_target, services or ("web",))
    given = {"host": host, "to": to, "alternateBackends": others or None, "tls": tls, **spec}
    return {
        "apiVersion": "route.openshift.io/v1",
        "kind": "Route",
        "metadata": {"name": name, "namespace": "default", "creationTimestamp": created},
        "spec": {key: value for key, value in given.items() if value is not None},
    }


def _target(text: str) -> dict[str, Any]:
    name, _, weight = text.partition("=")
    return {"kind": "Service", "name": name, **({"weight": int(weight)} if weight else {})}


def passthrough(policy: str | None = None) -> dict[str, Any]:
    """Build the TLS section of a passthrough Route."""
    return _section("passthrough", policy)


def edge(host: str, policy: str | None = None, termination: str = "edge", **more: str) -> dict[str, Any]:
    """Build the TLS section of a Route that brings a certificate for a host."""
    certificate, key = certificate_for(host)
    return {**_section(termination, policy), "certificate": certificate, "key": key, **more}


def _section(termination: str, policy: str | None) -> dict[str, Any]:
    return {"termination": termination, **({"insecureEdgeTerminationPolicy": policy} if policy else {})}


def world(*manifests: Manifest, using: Settings | None = None, cloud: CloudFacts = CLOUD_FACTS) -> Fed:
    """Give a pipeline in which Routes are served, with two Services and these objects."""
    fed = Fed(*PLUGINS, using=using, cloud=cloud)
    fed.apply(*BASE, *manifests)
    fed.pipeline.refresh()
    return fed


def objects(fed: Fed) -> dict[str, AviObject]:
    """Give everything that is wanted, by type and name."""
    fed.pipeline.refresh()
    trees = [tree for name, tree in fed.pipeline.trees.values() if name != STATIC_ROUTES]
    return {f"{ref.type}/{ref.name}": item for tree in trees for ref, item in tree.objects.items()}


def one(fed: Fed, of: type[T], name: str) -> T:
    """Give one object that is wanted."""
    found = objects(fed)[f"{of.avi_type}/{name}"]
    assert isinstance(found, of)
    return found


def problems(fed: Fed) -> dict[str, str]:
    """Give every problem, by reason, doubts included."""
    fed.pipeline.refresh()
    found = [p for _, discovery in fed.pipeline.claims.values() for p in discovery.problems]
    found += [p for _, host in fed.pipeline.hosts.values() for p in host.problems]
    return {p.reason: p.message for p in found}


def hosts_of(fed: Fed) -> set[str]:
    """Give every host of which something is served."""
    fed.pipeline.refresh()
    return {str(host) for host, model in fed.pipeline.hosts.values() if model.translation is not None}
