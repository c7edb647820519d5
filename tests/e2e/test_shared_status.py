"""A status that several controllers write: nobody's entry is lost, whoever comes first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ako.testing import KubeApi
from tests.builders import CLASS, Manifest, endpoints, ingress, service
from tests.e2e.stage import Stage
from tests.waiting import eventually

ROUTE = {
    "apiVersion": "route.openshift.io/v1",
    "kind": "Route",
    "metadata": {"name": "shop", "namespace": "default"},
    "spec": {"host": "shop.com", "to": {"kind": "Service", "name": "web"}},
}
STATEFUL_SET = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "ako", "namespace": "avi-system"},
    "spec": {"serviceName": "ako", "selector": {}, "template": {}},
}
ADMITTED = {"host": "shop.com", "routerName": "default", "conditions": [{"type": "Admitted", "status": "True"}]}
ADDRESS = {"ip": "192.0.2.1", "hostname": "shop.example.org"}
CONDITION = {"type": "Checked", "status": "True"}


class Shared(NamedTuple):
    """An object with a list in its status, and what somebody else puts there."""

    manifest: Manifest
    path: str
    fields: tuple[str, ...]
    entry: dict[str, Any]

    def theirs(self) -> dict[str, Any]:
        """Give the object with the status of somebody else."""
        status: Any = [self.entry]
        for field in reversed(self.fields):
            status = {field: status}
        return {**self.manifest, "status": status}

    def entries(self, kube: KubeApi) -> list[Any]:
        """Give the entries that are there."""
        metadata = self.manifest["metadata"]
        found: Any = kube.get(str(self.manifest["kind"]), metadata["namespace"], metadata["name"]) or {}
        for field in ("status", *self.fields):
            found = found.get(field, {})
        return list(found)


SHARED = {
    "Route": Shared(ROUTE, "/apis/route.openshift.io/v1/namespaces/default/routes/shop", ("ingress",), ADMITTED),
    "Ingress": Shared(
        ingress("shop", ("shop.com", "/", "web:80")),
        "/apis/networking.k8s.io/v1/namespaces/default/ingresses/shop",
        ("loadBalancer", "ingress"),
        ADDRESS,
    ),
    "Service": Shared(
        service("tcp", type="LoadBalancer"),
        "/api/v1/namespaces/default/services/tcp",
        ("loadBalancer", "ingress"),
        ADDRESS,
    ),
    "StatefulSet": Shared(
        STATEFUL_SET, "/apis/apps/v1/namespaces/avi-system/statefulsets/ako", ("conditions",), CONDITION
    ),
}


@pytest.fixture(params=SHARED)
def shared(request: pytest.FixtureRequest) -> Shared:
    return SHARED[request.param]


@pytest.fixture
def cluster(shared: Shared) -> Iterator[KubeApi]:
    with KubeApi(serve_routes=shared.manifest["kind"] == "Route") as kube:
        manifests = (CLASS, service("web"), endpoints("web", "10.0.0.1"), endpoints("tcp", "10.0.0.2"), shared.manifest)
        kube.apply(*map(dict, manifests))
        yield kube
        kube.clear_faults()


def test_an_entry_that_somebody_else_writes_just_before_ours_stays(
    stage: Stage, shared: Shared, cluster: KubeApi, tmp_path: Path
) -> None:
    if shared.manifest["kind"] == "StatefulSet":
        stage.configure(AKOSettings={"deleteConfig": True})
    with (
        cluster.fault(f"{shared.path}/status", "PATCH", delay=60, times=1) as held,
        stage.start(kubeconfig=cluster.write_kubeconfig(tmp_path / "kubeconfig")),
    ):
        eventually(lambda: held.hits, "our status under way")
        cluster.apply(shared.theirs())
        held.release()
        eventually(lambda: len(shared.entries(cluster)) == 2, "both entries")
        assert any(shared.entry.items() <= entry.items() for entry in shared.entries(cluster)), "with its defaults"
