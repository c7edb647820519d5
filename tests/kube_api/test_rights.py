"""What roles and bindings let users do, and what the server says about it."""

from __future__ import annotations

from typing import Any

import pytest

from ako.testing import KubeApi
from tests.kube_api.conftest import ingress
from tests.kube_api.replay import send
from tests.kube_api.stream import INGRESSES, Stream

SHOP = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses"
RBAC = "rbac.authorization.k8s.io"
MERGE = "application/merge-patch+json"


def rule(group: str, resource: str, *verbs: str, names: tuple[str, ...] = ()) -> dict[str, Any]:
    limited = {"resourceNames": list(names)} if names else {}
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs), **limited}


def grant(kube: KubeApi, *rules: Any, namespace: str = "", subject: Any = None, cluster_role: bool = False) -> None:
    """Make a role and bind it: in the whole cluster, or in a namespace, there to a ClusterRole if so asked."""
    kind = "ClusterRole" if cluster_role or not namespace else "Role"
    place = {"namespace": namespace} if namespace else {}
    metadata = {"name": "r", **(place if kind == "Role" else {})}
    binding = f"{'Role' if namespace else 'ClusterRole'}Binding"
    kube.apply(
        {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, "rules": list(rules)},
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": binding,
            "metadata": {"name": "r", **place},
            "roleRef": {"apiGroup": RBAC, "kind": kind, "name": "r"},
            "subjects": [subject or {"kind": "User", "name": "eve"}],
        },
    )


def status_of(kube: KubeApi, method: str, path: str, body: Any = None, user: str = "eve", kind: str = MERGE) -> int:
    return send(kube, method, path, body, Impersonate_User=user, Content_Type=kind)[0]


def test_a_user_without_roles_may_look_at_discovery_and_ask_about_itself_only(kube: KubeApi) -> None:
    token = kube.add_user("eve")
    bearer = {"Authorization": f"Bearer {token}"}
    assert [send(kube, "GET", path, **bearer)[0] for path in ("/version", "/apis", "/readyz")] == [200, 200, 200]
    status, _, body = send(kube, "GET", INGRESSES, **bearer)
    assert status == 403
    assert body["message"] == (
        'ingresses.networking.k8s.io is forbidden: User "eve" cannot list resource "ingresses" in API group'
        ' "networking.k8s.io" at the cluster scope'
    )
    status, _, body = send(kube, "GET", "/metrics", **bearer)
    assert (status, body["message"]) == (403, 'forbidden: User "eve" cannot get path "/metrics"')


def test_a_client_without_a_token_is_anonymous_once_one_is_asked_for(kube: KubeApi) -> None:
    kube.set_token("secret")
    assert [send(kube, "GET", path)[0] for path in ("/version", "/readyz", "/apis", INGRESSES)] == [200, 200, 403, 403]


def test_a_cluster_role_bound_in_the_cluster_holds_everywhere(kube: KubeApi) -> None:
    kube.apply(ingress())
    grant(kube, rule("networking.k8s.io", "ingresses", "get", "list"))
    assert status_of(kube, "GET", INGRESSES) == 200
    assert status_of(kube, "GET", f"{SHOP}/web") == 200
    assert status_of(kube, "GET", f"{INGRESSES}?watch=true") == 403
    assert status_of(kube, "GET", INGRESSES, user="adam") == 403


@pytest.mark.parametrize("cluster_role", [False, True])
def test_a_role_bound_in_a_namespace_holds_there(kube: KubeApi, cluster_role: bool) -> None:
    kube.apply(ingress(), ingress(namespace="other"))
    grant(kube, rule("networking.k8s.io", "*", "*"), namespace="shop", cluster_role=cluster_role)
    assert status_of(kube, "GET", SHOP) == 200
    assert status_of(kube, "GET", INGRESSES) == 403
    assert status_of(kube, "GET", SHOP.replace("shop", "other")) == 403
    assert status_of(kube, "GET", "/api/v1/namespaces/shop/secrets") == 403


@pytest.mark.parametrize(
    ("resource", "main", "status"),
    [("ingresses", 200, 403), ("ingresses/status", 403, 200), ("*/status", 403, 200), ("*", 200, 200)],
)
def test_a_subresource_is_a_right_of_its_own(kube: KubeApi, resource: str, main: int, status: int) -> None:
    kube.apply(ingress())
    grant(kube, rule("networking.k8s.io", resource, "patch"))
    assert status_of(kube, "PATCH", f"{SHOP}/web", {}) == main
    assert status_of(kube, "PATCH", f"{SHOP}/web/status", {}) == status


def test_a_name_in_a_rule_allows_that_object_and_a_list_or_watch_that_selects_it(kube: KubeApi) -> None:
    kube.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "avi", "namespace": "shop"}})
    grant(kube, rule("", "secrets", "get", "list", "watch", names=("avi",)), namespace="shop")
    secrets = "/api/v1/namespaces/shop/secrets"
    assert status_of(kube, "GET", f"{secrets}/avi") == 200
    assert status_of(kube, "GET", f"{secrets}/other") == 403
    assert status_of(kube, "GET", f"{secrets}?fieldSelector=metadata.name%3Davi") == 200
    assert status_of(kube, "GET", f"{secrets}?fieldSelector=metadata.name%3Dother") == 403
    assert status_of(kube, "GET", secrets) == 403
    with Stream(kube, secrets, fieldSelector="metadata.name=avi") as stream:
        assert stream.status == 200


def test_what_was_given_can_be_taken_while_it_runs(kube: KubeApi) -> None:
    grant(kube, rule("networking.k8s.io", "ingresses", "list"))
    assert status_of(kube, "GET", INGRESSES) == 200
    kube.delete("ClusterRole", "", "r")
    assert status_of(kube, "GET", INGRESSES) == 403
    grant(kube, rule("networking.k8s.io", "ingresses", "list"))
    assert status_of(kube, "GET", INGRESSES) == 200
    kube.delete("ClusterRoleBinding", "", "r")
    assert status_of(kube, "GET", INGRESSES) == 403


@pytest.mark.parametrize(
    ("subject", "user", "groups", "allowed"),
    [
        ({"kind": "Group", "name": "ops"}, "eve", "ops", True),
        ({"kind": "Group", "name": "ops"}, "eve", "dev", False),
        ({"kind": "Group", "name": "system:authenticated"}, "eve", "", True),
        ({"kind": "ServiceAccount", "name": "ako", "namespace": "avi"}, "system:serviceaccount:avi:ako", "", True),
        ({"kind": "ServiceAccount", "name": "ako", "namespace": "avi"}, "system:serviceaccount:shop:ako", "", False),
        ({"kind": "Group", "name": "system:serviceaccounts:avi"}, "system:serviceaccount:avi:ako", "", True),
        ({"kind": "User", "name": "system:serviceaccount:avi:ako"}, "system:serviceaccount:avi:ako", "", True),
    ],
)
def test_subjects(kube: KubeApi, subject: Any, user: str, groups: str, allowed: bool) -> None:
    grant(kube, rule("networking.k8s.io", "ingresses", "list"), subject=subject)
    asked = send(kube, "GET", INGRESSES, Impersonate_User=user, Impersonate_Group=groups)[0]
    token = kube.add_user(user, tuple(filter(None, [groups])))
    shown = send(kube, "GET", INGRESSES, Authorization=f"Bearer {token}")[0]
    assert asked == shown == (200 if allowed else 403)


def test_only_who_may_impersonate_does(kube: KubeApi) -> None:
    token = kube.add_user("eve")
    status, _, body = send(kube, "GET", INGRESSES, Authorization=f"Bearer {token}", Impersonate_User="adam")
    why = 'User "eve" cannot impersonate resource "users" in API group "" at the cluster scope'
    assert (status, body["message"]) == (403, f'users "adam" is forbidden: {why}')


def review(kind: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}


REVIEWS = "/apis/authorization.k8s.io/v1"
LIST = {"group": "networking.k8s.io", "resource": "ingresses", "verb": "list"}


def test_reviews_say_what_requests_would_meet(kube: KubeApi) -> None:
    grant(kube, rule("networking.k8s.io", "ingresses", "list"))
    path = f"{REVIEWS}/selfsubjectaccessreviews"
    question = review("SelfSubjectAccessReview", resourceAttributes=LIST)
    status, _, answer = send(kube, "POST", path, question, Impersonate_User="eve")
    assert (status, answer["status"]) == (
        201,
        {
            "allowed": True,
            "reason": 'RBAC: allowed by ClusterRoleBinding "r" of ClusterRole "r" to User "eve"',
        },
    )
    assert send(kube, "POST", path, question, Impersonate_User="adam")[2]["status"] == {"allowed": False}
    others = review("SubjectAccessReview", user="eve", resourceAttributes={**LIST, "verb": "watch"})
    assert send(kube, "POST", f"{REVIEWS}/subjectaccessreviews", others)[2]["status"] == {"allowed": False}
    assert status_of(kube, "POST", f"{REVIEWS}/subjectaccessreviews", others, kind="application/json") == 403
    health = review("SelfSubjectAccessReview", nonResourceAttributes={"path": "/readyz", "verb": "get"})
    assert send(kube, "POST", path, health, Impersonate_User="adam")[2]["status"]["allowed"]


@pytest.mark.parametrize("spec", [{}, {"resourceAttributes": LIST, "nonResourceAttributes": {"path": "/"}}])
def test_a_review_that_asks_nothing_or_twice_is_refused(kube: KubeApi, spec: Any) -> None:
    question = review("SelfSubjectAccessReview", **spec)
    status, _, body = send(kube, "POST", f"{REVIEWS}/selfsubjectaccessreviews", question)
    assert (status, body["details"]["causes"][0]["field"]) == (422, "spec.resourceAttributes")


def test_the_rules_that_hold_for_somebody_are_listed(kube: KubeApi) -> None:
    given = rule("networking.k8s.io", "ingresses", "list")
    grant(kube, given, namespace="shop")
    for namespace, expected in (("shop", True), ("other", False)):
        question = review("SelfSubjectRulesReview", namespace=namespace)
        answer = send(kube, "POST", f"{REVIEWS}/selfsubjectrulesreviews", question, Impersonate_User="eve")[2]
        assert (given in answer["status"]["resourceRules"]) is expected


@pytest.mark.parametrize(
    ("rules", "fields"),
    [
        ([{"apiGroups": [""], "resources": ["pods"]}], ["rules[0].verbs"]),
        ([{"verbs": ["get"]}], ["rules[0].apiGroups", "rules[0].resources"]),
        ([{"verbs": ["get"], "nonResourceURLs": ["/x"], "resources": ["pods"]}], ["rules[0].nonResourceURLs"]),
        ([{"verbs": ["get"], "nonResourceURLs": ["/x"]}], []),
    ],
)
def test_rules_that_say_nothing_are_refused(kube: KubeApi, rules: Any, fields: list[str]) -> None:
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "x"}, "rules": rules}
    status, _, body = send(kube, "POST", f"/apis/{RBAC}/v1/clusterroles", role)
    assert (status, [c["field"] for c in body.get("details", {}).get("causes", ())]) == (422 if fields else 201, fields)


def test_a_binding_stays_with_its_role(kube: KubeApi) -> None:
    grant(kube, rule("", "pods", "get"))
    path = f"/apis/{RBAC}/v1/clusterrolebindings/r"
    status, _, body = send(kube, "PATCH", path, {"roleRef": {"name": "cluster-admin"}}, Content_Type=MERGE)
    assert (status, body["details"]["causes"][0]["field"]) == (422, "roleRef")


def test_kubeconfigs_name_users(kube: KubeApi) -> None:
    token = kube.add_user("eve")
    assert kube.kubeconfig("eve")["users"] == [{"name": "eve", "user": {"token": token}}]
    with pytest.raises(LookupError, match=r"no user 'adam'; known are: ako, eve"):
        kube.kubeconfig("adam")
