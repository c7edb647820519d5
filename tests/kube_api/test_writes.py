"""Writes over HTTP beyond the recorded exchanges: races, dry runs, bodies that make no sense."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ako.testing import KubeApi
from tests.kube_api.conftest import ingress
from tests.kube_api.replay import send

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
        ("PATCH", WEB, {"spec": {"rules": "x"}}, MERGE, 400),
        ("PATCH", f"{WEB}/status", {"status": {"conditions": [{"status": "True"}]}}, STRATEGIC, 200),
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
