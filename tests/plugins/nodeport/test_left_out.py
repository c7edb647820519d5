"""Which nodes are no servers, why, and what would make them servers."""

from __future__ import annotations

from ako import Backend, BackendPort, LeftOut
from ako.testing.rehearsal import Rehearsal
from tests.builders import Manifest
from tests.plugins.nodeport.test_placement import HTTP, node, service

SHOP = Backend("default", "shop", BackendPort(number=80))
LOCAL = "externalTrafficPolicy of the Service is Local, and no endpoint on this node takes traffic."
HAVE_ONE = "Have a ready pod there, or set externalTrafficPolicy to Cluster."
SELECTS = {"nodePortSelector.key": "role", "nodePortSelector.value": "web"}


def left_out(*manifests: Manifest, **settings: object) -> tuple[LeftOut, ...]:
    rehearsal = Rehearsal(
        ("ingress", "clusterip_routes", "nodeport"), {"L7Settings.serviceType": "NodePort", **settings}
    )
    rehearsal.apply(*manifests)
    found = rehearsal.left_out(SHOP)
    assert not rehearsal.faults()
    return found


def local(policy: str = "Local") -> Manifest:
    shop = service("shop", HTTP)
    return {**shop, "spec": {**shop["spec"], "externalTrafficPolicy": policy}}


def pods(*placed: tuple[str, bool]) -> Manifest:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "shop-1", "namespace": "default", "labels": {"kubernetes.io/service-name": "shop"}},
        "addressType": "IPv4",
        "endpoints": [
            {"addresses": [f"10.1.0.{n}"], "conditions": {"ready": ready}, "nodeName": name}
            for n, (name, ready) in enumerate(placed)
        ],
        "ports": [{"name": "http", "port": 8080}],
    }


def test_nodes_that_are_servers_are_not_named() -> None:
    assert left_out(local("Cluster"), node("n1", "10.0.0.1")) == ()


def test_nodes_without_the_label() -> None:
    labelled = node("n1", "10.0.0.1", labels={"role": "web"})
    (found,) = left_out(local("Cluster"), labelled, node("n2", "10.0.0.2"), **SELECTS)
    why = "it has not the label role=web, which nodePortSelector asks for."
    assert found == LeftOut(why, "Label it so, or correct nodePortSelector.", node="n2")


def test_nodes_without_an_address_of_the_family() -> None:
    (found,) = left_out(local("Cluster"), node("n1", "10.0.0.1"), node("n2", "2001:db8::1"))
    why = "it has no InternalIP of the IP family V4 (AKOSettings.ipFamily)."
    assert found == LeftOut(why, "See why the kubelet reports none.", node="n2")


def test_nodes_without_a_pod_of_their_own() -> None:
    nodes = [node(name, f"10.0.0.{n}") for n, name in enumerate(("n1", "n2", "n3"))]
    found = left_out(local(), *nodes, pods(("n1", True), ("n2", False)))
    assert found[:2] == (LeftOut(LOCAL, HAVE_ONE, node="n2"), LeftOut(LOCAL, HAVE_ONE, node="n3"))
    assert [(one.address, one.node, one.why) for one in found[2:]] == [("10.1.0.1", "n2", "it is not ready.")]


def test_what_the_placement_tells_as_a_fault_is_not_told_again() -> None:
    assert left_out() == ()
    assert left_out(service("shop", {"name": "http", "port": 80}, type="ClusterIP"), node("n1", "10.0.0.1")) == ()
