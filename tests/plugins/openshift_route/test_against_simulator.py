"""Routes from a Kubernetes API onto an Avi Controller, with what their owners are told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ako.testing import KubeApi
from tests.builders import certificate_for
from tests.e2e.stage import Stage
from tests.plugins.openshift_route.worlds import BASE, edge, passthrough, route
from tests.waiting import eventually

SHARED = "c--Shared-Passthrough-0"
FOREIGN = {
    "host": "shop.com",
    "routerName": "default",
    "routerCanonicalHostname": "router.example.org",
    "conditions": [{"type": "Admitted", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
}


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with KubeApi(serve_routes=True) as kube:
        kube.apply(*map(dict, BASE))
        yield kube


def entries(kube: KubeApi, name: str = "shop") -> list[Mapping[str, Any]]:
    """Give the entries of all routers in a Route."""
    found = kube.get("Route", "default", name)
    return ((found or {}).get("status") or {}).get("ingress") or []


def ours(kube: KubeApi, name: str = "shop") -> Mapping[str, Any] | None:
    """Give the condition that our router has in a Route."""
    found = [entry for entry in entries(kube, name) if entry["routerName"] == "ako-c"]
    assert len(found) < 2
    return found[0]["conditions"][0] if found else None


def is_admitted(kube: KubeApi, name: str) -> bool:
    return (ours(kube, name) or {}).get("status") == "True"


def address(stage: Stage, vsvip: str) -> str:
    return str(stage.avi.named("vsvip", vsvip)["vip"][0]["ip_address"]["addr"])


def test_a_route_comes_changes_and_goes(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    kube.apply({**route("shop", "shop.com", tls=passthrough("Redirect")), "status": {"ingress": [FOREIGN]}})
    with stage.start(kubeconfig=kubeconfig) as ako:
        first = eventually(lambda: ours(kube), f"a status\n{ako.err[-3000:]}")
        assert (first["status"], first["message"]) == ("True", address(stage, SHARED))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["lastTransitionTime"])
        assert entries(kube)[0] == FOREIGN
        assert {f"virtualservice/{SHARED}", f"virtualservice/{SHARED}-insecure"} <= stage.avi.ours().keys()

        kube.apply(route("shop", "shop.com", "web", "web", tls=passthrough()))
        rejected = eventually(lambda: (found := ours(kube)) and found["status"] == "False" and found, "a rejection")
        assert rejected["reason"] == "MultipleBackendsWithSameServiceError"
        ako.says("key: OshiftRoute/default/shop, msg: multiple backends with name web found for route: shop")
        eventually(lambda: "poolgroup/c--shop.com" not in stage.avi.ours(), "nothing of it")

        certificate, key = certificate_for("shop.com")
        kube.apply(route("shop", "shop.com", "api", tls=edge("shop.com")))
        eventually(lambda: is_admitted(kube, "shop"), "admitted again")
        assert entries(kube)[0] == FOREIGN
        mark = stage.avi.mark()
        broken = {**edge("shop.com"), "key": "garbage"}
        kube.apply(route("shop", "shop.com", "api", tls=broken), route("other", "other.com"))
        eventually(lambda: ours(kube, "other"), "the other Route")
        ako.says("OshiftRoute/default/shop, msg: CertificateUnreadable: tls.key holds no readable PEM private key")
        assert not [w for w in stage.avi.writes_since(mark) if w.method == "DELETE" or "shop.com" in w.path]
        assert is_admitted(kube, "shop")
        assert certificate not in ako.err
        assert key not in ako.err

        kube.delete("Route", "default", "shop")
        eventually(lambda: "virtualservice/c--shop.com" not in stage.avi.ours(), "nothing left")
        ako.stop()


def test_a_status_that_is_right_is_not_written_again(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    kube.apply(route("shop", "shop.com", tls=passthrough()))
    stage.converge(kubeconfig=kubeconfig)
    before = entries(kube)
    mark = stage.avi.mark()
    stage.converge(kubeconfig=kubeconfig)
    assert entries(kube) == before != []
    assert stage.avi.writes_since(mark) == []


def test_delete_config_takes_our_entry_and_nothing_else(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    kube.apply({**route("shop", "shop.com", tls=passthrough("Redirect")), "status": {"ingress": [FOREIGN]}})
    stage.converge(kubeconfig=kubeconfig)
    assert ours(kube) is not None
    stage.configure(AKOSettings={"clusterName": "c", "apiServerPort": 0, "deleteConfig": True})
    stage.converge(kubeconfig=kubeconfig)
    assert stage.avi.ours() == {}
    assert entries(kube) == [FOREIGN]


def test_one_route_that_the_controller_refuses_keeps_nobody_out(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    """A DNS name that somebody else has is refused alone, with the Controller's own words."""
    kube.apply(*(route(f"r{n}", f"h{n}.com", tls=passthrough("Redirect")) for n in range(5)))
    foreign = {"name": "theirs", "dns_info": [{"fqdn": "h3.com"}], "vip": [{"vip_id": "0", "auto_allocate_ip": True}]}
    stage.avi.create("vsvip", {**foreign, "cloud_ref": "/api/cloud/?name=Default-Cloud"})
    with stage.start(kubeconfig=kubeconfig) as ako:
        eventually(lambda: all(map(partial(is_admitted, kube), ("r0", "r1", "r2", "r4"))), "all others")
        refused = eventually(lambda: ours(kube, "r3"), "the refusal")
        assert refused["status"] == "False"
        assert refused["reason"] == "Rejected"
        assert "h3.com" in refused["message"]
        ako.stop()
