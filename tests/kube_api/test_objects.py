"""What tests do to the cluster from Python, and what they ask it."""

from __future__ import annotations

from typing import Any

import pytest

from ako.testing import KubeApi
from ako.testing.kube_api import ApiError
from tests.kube_api.conftest import ingress
from tests.kube_api.replay import send
from tests.kube_api.stream import INGRESSES

STATUS = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1", "hostname": "web.example.com"}]}}
SHOP = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses"


def service(**spec: Any) -> dict[str, Any]:
    metadata = {"name": "web", "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [{"port": 80}], **spec}}


def test_apply_makes_the_namespace_and_writes_status_through(kube: KubeApi) -> None:
    [stored] = kube.apply({**ingress(), "status": STATUS})
    assert stored["status"] == STATUS
    assert "shop" in [namespace["metadata"]["name"] for namespace in kube.list("Namespace")]
    assert kube.get("Ingress", "shop", "web") == stored


def test_apply_replaces_what_is_there_but_not_its_identity(kube: KubeApi) -> None:
    [first] = kube.apply({**ingress(labels={"old": "1"}), "status": STATUS})
    changed = ingress(labels={"new": "1"})
    changed["spec"]["rules"][0]["host"] = "other.example.com"
    [second] = kube.apply(changed)
    assert second["metadata"]["labels"] == {"new": "1"}
    assert second["status"] == STATUS
    assert second["metadata"]["generation"] == 2
    same = ("uid", "creationTimestamp")
    assert [second["metadata"][field] for field in same] == [first["metadata"][field] for field in same]


def test_applying_the_same_again_changes_nothing(kube: KubeApi) -> None:
    manifests = [{**ingress(), "status": STATUS}, service(type="LoadBalancer")]
    assert kube.apply(*manifests) == kube.apply(*manifests)


def test_what_is_applied_later_is_younger(kube: KubeApi) -> None:
    stamps = [kube.apply(ingress(f"i{n}"))[0]["metadata"]["creationTimestamp"] for n in range(5)]
    _, _, created = send(kube, "POST", SHOP, ingress("over-http"))
    stamps += [created["metadata"]["creationTimestamp"]]
    stamps += [kube.apply(ingress("last"))[0]["metadata"]["creationTimestamp"]]
    assert stamps == sorted(set(stamps))


def test_only_apply_may_choose_the_creation_time(kube: KubeApi) -> None:
    [old] = kube.apply(ingress(creationTimestamp="2001-01-01T00:00:00Z"))
    assert old["metadata"]["creationTimestamp"] == "2001-01-01T00:00:00Z"
    _, _, created = send(kube, "POST", SHOP, ingress("new", creationTimestamp="2001-01-01T00:00:00Z"))
    assert created["metadata"]["creationTimestamp"] != "2001-01-01T00:00:00Z"


def test_lists_and_empty_documents_are_unpacked(kube: KubeApi) -> None:
    kube.apply({"apiVersion": "v1", "kind": "List", "items": [ingress("a"), ingress("b")]}, {})
    assert [one["metadata"]["name"] for one in kube.list("ingresses")] == ["a", "b"]


def test_an_unknown_kind_is_named_with_the_known_ones(kube: KubeApi) -> None:
    with pytest.raises(LookupError, match=r"'Route' route.openshift.io/v1 is not served.*Ingress.networking.k8s.io"):
        kube.apply({"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"name": "r"}})


def test_an_invalid_manifest_is_refused_as_over_http(kube: KubeApi) -> None:
    with pytest.raises(ApiError, match="a lowercase RFC 1123 subdomain"):
        kube.apply(ingress("Not_A_Name"))


@pytest.mark.parametrize(
    ("hostname", "words"),
    [("bad_host..com", "a lowercase RFC 1123 subdomain"), ("10.0.0.1", "must be a DNS name, not an IP address")],
)
def test_a_status_with_a_name_that_is_none_is_refused(kube: KubeApi, hostname: str, words: str) -> None:
    status = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1", "hostname": hostname}]}}
    with pytest.raises(ApiError, match=f"status.loadBalancer.ingress.0..hostname.*{words}"):
        kube.apply({**ingress(), "status": status})


def test_history_tells_every_version_since_a_mark(kube: KubeApi) -> None:
    kube.apply(ingress())
    mark = kube.mark()
    for ip in ("10.0.0.1", "10.0.0.2"):
        kube.apply({**ingress(), "status": {"loadBalancer": {"ingress": [{"ip": ip}]}}})
    kube.compact()
    kube.delete("Ingress", "shop", "web")
    ips = [
        version["status"]["loadBalancer"]["ingress"][0]["ip"]
        for version in kube.history("Ingress", "shop", "web", mark)
    ]
    assert ips == ["10.0.0.1", "10.0.0.2"]
    assert len(kube.history("Ingress", "shop", "web")) == 3


def test_answers_are_copies(kube: KubeApi) -> None:
    [stored] = kube.apply(ingress())
    stored["spec"]["rules"].clear()
    found = kube.get("Ingress", "shop", "web")
    assert found is not None
    assert found["spec"]["rules"]


def test_delete_by_manifest_and_again(kube: KubeApi) -> None:
    kube.apply(ingress())
    kube.delete(ingress())
    assert kube.get("Ingress", "shop", "web") is None
    with pytest.raises(ApiError, match="not found"):
        kube.delete(ingress())


def test_a_deleted_namespace_takes_its_objects_along_once_finalizers_allow(kube: KubeApi) -> None:
    kube.apply(ingress("free"), ingress("held", finalizers=["example.com/hold"]))
    kube.delete("Namespace", "", "shop")
    assert [one["metadata"]["name"] for one in kube.list("Ingress")] == ["held"]
    assert kube.get("Namespace", "", "shop") is not None
    kube.apply(ingress("held"))
    assert kube.list("Ingress") == []
    assert kube.get("Namespace", "", "shop") is None


def test_events_of_both_apis_in_the_order_written(kube: KubeApi) -> None:
    about = {"kind": "Ingress", "namespace": "shop", "name": "web"}
    metadata = {"name": "one", "namespace": "shop"}
    kube.apply({"apiVersion": "v1", "kind": "Event", "metadata": metadata, "involvedObject": about, "reason": "A"})
    kube.apply(
        {"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": metadata, "regarding": about, "reason": "B"}
    )
    assert [event["reason"] for event in kube.events()] == ["A", "B"]


def test_a_service_gets_its_address_and_node_ports_once(kube: KubeApi) -> None:
    [first] = kube.apply(service(type="LoadBalancer"))
    [port] = first["spec"]["ports"]
    assert port["targetPort"] == 80
    assert port["nodePort"] >= 30000
    [headless] = kube.apply({**service(clusterIP="None"), "metadata": {"name": "headless", "namespace": "shop"}})
    assert headless["spec"]["clusterIP"] == "None"
    [second] = kube.apply({**service(type="LoadBalancer"), "status": STATUS})
    assert second["spec"] == first["spec"]


def test_pages_show_one_moment_whatever_happens_between_them(kube: KubeApi) -> None:
    kube.apply(*(ingress(f"i{n}", f"ns{n % 3}") for n in range(10)))
    names = [one["metadata"]["name"] for one in kube.list("Ingress")]
    _, _, page = send(kube, "GET", f"{INGRESSES}?limit=4")
    found = [item["metadata"]["name"] for item in page["items"]]
    kube.delete("Ingress", "ns2", "i8")
    kube.apply(ingress("i99", "ns2"))
    while token := page["metadata"].get("continue"):
        _, _, page = send(kube, "GET", f"{INGRESSES}?limit=4&continue={token}")
        found += [item["metadata"]["name"] for item in page["items"]]
    assert found == names


def test_requests_are_logged_with_their_bodies(kube: KubeApi) -> None:
    kube.apply(ingress())
    send(kube, "PATCH", f"{SHOP}/web/status", {"status": STATUS}, Content_Type="application/merge-patch+json")
    [record] = kube.requests
    assert (record.method, record.path, record.status, record.is_watch) == ("PATCH", f"{SHOP}/web/status", 200, False)
    assert b"10.0.0.1" in record.body
