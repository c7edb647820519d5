"""Writes over HTTP beyond the recorded exchanges: races, dry runs, bodies that make no sense."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ako.testing import KubeApi
from tests.kube_api.conftest import ingress
from tests.kube_api.replay import send
from tests.waiting import PATIENCE

WEB = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


def test_of_writers_with_one_version_exactly_one_wins(kube: KubeApi) -> None:
    kube.apply(ingress())
    _, _, read = send(kube, "GET", WEB)

    def write(number: int) -> int:
        body = {**read, "metadata": {**read["metadata"], "labels": {"writer": str(number)}}}
        return send(kube, "PUT", WEB, body)[0]

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(write, range(8)))
    assert statuses == [200] + [409] * 7


def test_a_dry_run_answers_and_changes_nothing(kube: KubeApi) -> None:
    kube.apply(ingress())
    before = kube.mark()
    label = {"metadata": {"labels": {"x": "y"}}}
    status, _, answer = send(kube, "PATCH", f"{WEB}?dryRun=All", label, Content_Type=MERGE)
    assert (status, answer["metadata"]["labels"]) == (200, {"x": "y"})
    assert send(kube, "DELETE", f"{WEB}?dryRun=All")[0] == 200
    assert kube.mark() == before


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "expected"),
    [
        ("PATCH", WEB, "[", MERGE, 400),
        ("PATCH", WEB, [{"op": "add"}], MERGE, 422),
        ("PATCH", WEB, {"metadata": None}, MERGE, 422),
        ("PATCH", WEB, {"spec": {"rules": "x"}}, MERGE, 422),
        ("PATCH", f"{WEB}/status", {"status": {"conditions": [{"status": "True"}]}}, STRATEGIC, 422),
        ("PUT", WEB, "7", "application/json", 400),
        ("DELETE", WEB, "{", "application/json", 400),
        ("DELETE", f"{WEB}/status", None, "application/json", 405),
        ("GET", f"{WEB}/scale", None, "application/json", 404),
        ("GET", "/apis/networking.k8s.io/v1/ingresses?limit=x", None, "application/json", 400),
        ("GET", "/apis/networking.k8s.io/v1/ingresses?watch=true&timeoutSeconds=x", None, "application/json", 400),
        ("GET", "/apis/networking.k8s.io/v9/ingresses", None, "application/json", 404),
        ("POST", "/api/v1/namespaces", {"metadata": {}}, "application/json", 422),
    ],
)
def test_odd_requests_are_refused(kube: KubeApi, method: str, path: str, body: Any, kind: str, expected: int) -> None:
    kube.apply(ingress())
    assert send(kube, method, path, body, Content_Type=kind)[0] == expected
    assert send(kube, "GET", WEB)[0] == 200


def test_a_default_class_is_given_to_new_ingresses_only(kube: KubeApi) -> None:
    kube.apply(ingress("before"))
    default = {"ingressclass.kubernetes.io/is-default-class": "true"}
    kube.apply({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": "avi", "annotations": default},
        "spec": {"controller": "example.com/avi"},
    })  # fmt: skip
    kube.apply(ingress("before", labels={"touched": "yes"}), ingress("after"))
    kube.apply(ingress("legacy", annotations={"kubernetes.io/ingress.class": "other"}))
    classes = {one["metadata"]["name"]: one["spec"].get("ingressClassName") for one in kube.list("Ingress")}
    assert classes == {"before": None, "after": "avi", "legacy": None}


def test_conditions_of_a_workload_merge_by_type(kube: KubeApi) -> None:
    path = "/apis/apps/v1/namespaces/default/statefulsets"
    body = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "ako"}, "spec": {"replicas": 1}}
    assert send(kube, "POST", path, {**body, "status": {"replicas": 7}})[2]["status"]["replicas"] == 0
    first = {"status": {"conditions": [{"type": "Deleting", "status": "True", "reason": "Started"}]}}
    send(kube, "PATCH", f"{path}/ako/status", first, Content_Type=MERGE)
    second = {"status": {"conditions": [{"type": "Other", "status": "True"}, {"type": "Deleting", "status": "False"}]}}
    _, _, merged = send(kube, "PATCH", f"{path}/ako/status", second, Content_Type=STRATEGIC)
    assert merged["status"]["conditions"] == [
        {"type": "Other", "status": "True", "lastTransitionTime": None},
        {"type": "Deleting", "status": "False", "reason": "Started", "lastTransitionTime": None},
    ]
    assert merged["metadata"]["generation"] == 1


def test_plain_secret_data_is_encoded(kube: KubeApi) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"user": "admin"}}
    [stored] = kube.apply(secret)
    assert (stored["data"], stored["type"]) == ({"user": "YWRtaW4="}, "Opaque")
    assert "stringData" not in stored


def test_a_definition_adds_its_group_to_discovery_and_its_deletion_takes_it_away() -> None:
    with KubeApi(serve_routes=True) as kube:
        groups = [group["name"] for group in send(kube, "GET", "/apis")[2]["groups"]]
        assert "route.openshift.io" in groups
        _, _, listed = send(kube, "GET", "/apis/route.openshift.io/v1")
        assert [resource["name"] for resource in listed["resources"]] == ["routes", "routes/status"]
        kube.delete("CustomResourceDefinition", "", "routes.route.openshift.io")
        assert "route.openshift.io" not in [group["name"] for group in send(kube, "GET", "/apis")[2]["groups"]]
        assert send(kube, "GET", "/apis/route.openshift.io/v1")[0] == 404


def test_a_body_may_come_in_chunks_on_a_connection_that_is_kept(kube: KubeApi) -> None:
    kube.apply(ingress())
    connection = http.client.HTTPConnection("127.0.0.1", kube.port, timeout=PATIENCE)
    try:
        for number in (1, 2):
            parts = [b'{"metadata":{"labels":', b'{"n":"%d"}}}' % number]
            connection.request("PATCH", WEB, iter(parts), {"Content-Type": MERGE}, encode_chunked=True)
            answer = json.loads(connection.getresponse().read())
            assert answer["metadata"]["labels"] == {"n": str(number)}
    finally:
        connection.close()
