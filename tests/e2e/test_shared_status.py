"""A status that several controllers write: nobody's entry is lost, whoever comes first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ako.testing import KubeApi
from tests.builders import CLASS, endpoints, service
from tests.e2e.stage import Stage
from tests.waiting import eventually

ROUTE = {
    "apiVersion": "route.openshift.io/v1",
    "kind": "Route",
    "metadata": {"name": "shop", "namespace": "default"},
    "spec": {"host": "shop.com", "to": {"kind": "Service", "name": "web"}},
}
OTHER = {"host": "shop.com", "routerName": "default", "conditions": [{"type": "Admitted", "status": "True"}]}


@pytest.fixture
def routes() -> Iterator[KubeApi]:
    with KubeApi(serve_routes=True) as kube:
        kube.apply(dict(CLASS), dict(service("web")), dict(endpoints("web", "10.0.0.1")), ROUTE)
        yield kube
        kube.clear_faults()


def test_an_entry_that_another_router_writes_just_before_ours_stays(
    stage: Stage, routes: KubeApi, tmp_path: Path
) -> None:
    path = "/apis/route.openshift.io/v1/namespaces/default/routes/shop/status"
    with (
        routes.fault(path, "PATCH", delay=60, times=1) as held,
        stage.start(kubeconfig=routes.write_kubeconfig(tmp_path / "kubeconfig")),
    ):
        eventually(lambda: held.hits, "our status under way")
        routes.apply({**ROUTE, "status": {"ingress": [OTHER]}})
        held.clear()
        eventually(lambda: {entry["routerName"] for entry in entries(routes)} == {"default", "ako-c"}, "both entries")
        assert OTHER in entries(routes)


def entries(kube: KubeApi) -> list[dict[str, Any]]:
    found = kube.get("Route", "default", "shop") or {}
    return list(found.get("status", {}).get("ingress", []))
