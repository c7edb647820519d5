"""Services of type LoadBalancer in a few words, a pipeline that takes them, and ways to look at what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ako.core.base.refs import TreeName
from ako.core.hooks.site import CloudFacts
from ako.core.model import AviObject
from ako.core.settings import Settings
from tests.builders import CLOUD_FACTS, Fed, Manifest

PLUGINS = ("ingress", "clusterip_routes", "nodeport", "loadbalancer")
HTTP = {"name": "http", "port": 80}


def service(
    *ports: Mapping[str, Any],
    name: str = "web",
    namespace: str = "red",
    annotations: Mapping[str, str] | None = None,
    **spec: object,
) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "annotations": annotations},
        "spec": {"type": "LoadBalancer", "ports": list(ports or (HTTP,)), **spec},
    }


def fed(using: Settings | None = None, cloud: CloudFacts = CLOUD_FACTS) -> Fed:
    return Fed(*PLUGINS, using=using, cloud=cloud)


def tree(world: Fed, name: str = "my-cluster--red-web") -> list[AviObject]:
    world.pipeline.refresh()
    found = world.pipeline.trees.value(TreeName(name))
    return [] if found is None else list(found.objects.values())


def one(items: list[AviObject], of: type[AviObject]) -> Any:
    found = [item for item in items if isinstance(item, of)]
    assert len(found) == 1, found
    return found[0]


def problems(world: Fed) -> dict[str, str]:
    world.pipeline.refresh()
    found = [p for _, discovery in world.pipeline.claims.values() for p in discovery.problems]
    found += [p for _, host in world.pipeline.hosts.values() for p in host.problems]
    return {p.reason: p.message for p in found}
