"""What every API server does: these tests run on the stand-in and on a real one alike.

They use nothing but HTTP, and namespaces of their own.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.kube_api.any_server import APPLY, JSON, MERGE, PATCH, STRATEGIC, Answer, ApiServer, Client
from tests.waiting import eventually

NETWORKING = "/apis/networking.k8s.io/v1"
COORDINATION = "/apis/coordination.k8s.io/v1"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
IP = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}


def ingress(name: str, host: str = "a.example.com", **metadata: Any) -> dict[str, Any]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, **metadata},
        "spec": {"ingressClassName": "avi-lb", "rules": [{"host": host, "http": {"paths": [path]}}]},
    }


AS_TODAY = pytest.mark.since(1, 27)
"""What servers answered otherwise once, and since some version before this one as they do today."""


@pytest.fixture
def ingresses(namespace: str) -> str:
    return f"{NETWORKING}/namespaces/{namespace}/ingresses"


def create(admin: Client, path: str, *bodies: dict[str, Any]) -> Any:
    """Create objects and give the last one as it is stored."""
    answers = [admin.send("POST", path, body) for body in bodies]
    assert [answer.status for answer in answers] == [201] * len(bodies), answers
    return answers[-1].body


def names(answer: Answer) -> list[str]:
    return [item["metadata"]["name"] for item in answer.body["items"]]


# ---- where things are -------------------------------------------------------------------------------------------


@AS_TODAY
def test_discovery_names_what_a_controller_reads(admin: Client) -> None:
    groups = {group["name"] for group in admin.send("GET", "/apis").body["groups"]}
    assert {"networking.k8s.io", "discovery.k8s.io", "coordination.k8s.io", "apiextensions.k8s.io"} <= groups
    resources = {one["name"]: one for one in admin.send("GET", NETWORKING).body["resources"]}
    assert resources["ingresses"]["kind"] == "Ingress"
    assert {"get", "list", "watch", "patch"} <= set(resources["ingresses"]["verbs"])
    assert set(resources["ingresses/status"]["verbs"]) == {"get", "patch", "update"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/readyz", 200),
        ("GET", "/livez?verbose", 200),
        ("GET", "/version", 200),
        ("GET", "/no/such/path", 404),
        ("GET", "/apis/route.nowhere.io/v1", 404),
        ("GET", f"{NETWORKING}/nosuch", 404),
        ("GET", f"{NETWORKING}/namespaces/no-such/ingresses", 200),
        ("GET", f"{NETWORKING}/namespaces/no-such/ingresses/x", 404),
        ("POST", f"{NETWORKING}/namespaces/default/ingresses/x", 405),
        ("PUT", f"{NETWORKING}/namespaces/default/ingresses", 405),
    ],
)
def test_paths(admin: Client, method: str, path: str, status: int) -> None:
    assert admin.send(method, path, {} if method != "GET" else None).status == status


# ---- creating, changing, deleting -------------------------------------------------------------------------------


def test_what_a_server_gives_an_object(admin: Client, ingresses: str) -> None:
    stored = create(admin, ingresses, ingress("a"))
    assert stored["metadata"]["generation"] == 1
    assert {"uid", "resourceVersion", "creationTimestamp"} <= set(stored["metadata"])
    assert stored["status"] == {"loadBalancer": {}}
    again = admin.send("POST", ingresses, ingress("a"))
    assert (again.status, again.reason) == (409, "AlreadyExists")


def test_a_name_may_be_made_up(admin: Client, ingresses: str) -> None:
    body = ingress("")
    body["metadata"] = {"generateName": "made-"}
    assert create(admin, ingresses, body)["metadata"]["name"].startswith("made-")


def test_a_namespace_must_be_there(admin: Client) -> None:
    refused = admin.send("POST", f"{NETWORKING}/namespaces/no-such/ingresses", ingress("a"))
    assert (refused.status, refused.reason, refused.body["details"]["kind"]) == (404, "NotFound", "namespaces")


def test_the_specification_is_counted_and_the_status_is_not(admin: Client, ingresses: str) -> None:
    create(admin, ingresses, ingress("a"))
    labelled = admin.send("PATCH", f"{ingresses}/a", {"metadata": {"labels": {"x": "y"}}, "status": IP}, MERGE).body
    assert (labelled["metadata"]["generation"], labelled["status"]) == (1, {"loadBalancer": {}})
    body = {"status": IP, "spec": {"ingressClassName": "other"}}
    told = admin.send("PATCH", f"{ingresses}/a/status", body, MERGE).body
    assert (told["metadata"]["generation"], told["status"]["loadBalancer"]["ingress"][0]["ip"]) == (1, "10.0.0.1")
    assert told["spec"]["ingressClassName"] == "avi-lb"
    changed = admin.send("PATCH", f"{ingresses}/a", {"spec": {"ingressClassName": "other"}}, MERGE).body
    assert changed["metadata"]["generation"] == 2


def test_a_write_that_changes_nothing_makes_no_version(admin: Client, ingresses: str) -> None:
    before = create(admin, ingresses, ingress("a"))["metadata"]["resourceVersion"]
    after = admin.send("PATCH", f"{ingresses}/a", {"metadata": {"labels": {}}}, MERGE).body["metadata"]
    assert after["resourceVersion"] == before


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (PATCH, [{"op": "test", "path": "/metadata/name", "value": "b"}], 422),
        (PATCH, [{"op": "remove", "path": "/metadata/labels/none"}], 422),
        (PATCH, [{"op": "add", "path": "/metadata/labels", "value": {"x": "y"}}], 200),
        (STRATEGIC, {"metadata": {"labels": {"x": "y"}}}, 200),
        (JSON, {"metadata": {"labels": {"x": "y"}}}, 415),
        pytest.param(MERGE, "[", 400, marks=AS_TODAY),
        (MERGE, {"spec": {"rules": "x"}}, 422),
        (MERGE, {"metadata": {"resourceVersion": "1"}}, 409),
        (MERGE, {"metadata": {"name": "b"}}, 400),
    ],
)
def test_patches(admin: Client, ingresses: str, kind: str, body: Any, status: int) -> None:
    create(admin, ingresses, ingress("a"))
    assert admin.send("PATCH", f"{ingresses}/a", body, kind).status == status


def test_an_update_holds_for_the_version_it_names(admin: Client, ingresses: str) -> None:
    old = create(admin, ingresses, ingress("a"))
    admin.send("PATCH", f"{ingresses}/a", {"metadata": {"labels": {"x": "y"}}}, MERGE)
    stale = admin.send("PUT", f"{ingresses}/a", old)
    assert (stale.status, stale.reason) == (409, "Conflict")
    assert admin.send("PUT", f"{ingresses}/a", ingress("a")).status == 200
    assert admin.send("PUT", f"{ingresses}/a", ingress("b")).status == 400


def test_a_finalizer_holds_an_object(admin: Client, ingresses: str) -> None:
    create(admin, ingresses, ingress("a", finalizers=["example.com/hold"]))
    assert "deletionTimestamp" in admin.send("DELETE", f"{ingresses}/a").body["metadata"]
    assert admin.send("GET", f"{ingresses}/a").status == 200
    assert admin.send("PATCH", f"{ingresses}/a", {"metadata": {"finalizers": None}}, MERGE).status == 200
    assert admin.send("GET", f"{ingresses}/a").status == 404


def test_a_deletion_may_name_what_it_means(admin: Client, ingresses: str) -> None:
    create(admin, ingresses, ingress("a"))
    other = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": "00000000-0000-0000-0000-000000000000"},
    }
    refused = admin.send("DELETE", f"{ingresses}/a", other)
    assert (refused.status, refused.reason) == (409, "Conflict")
    assert admin.send("DELETE", f"{ingresses}/a").body["status"] == "Success"
    assert admin.send("DELETE", f"{ingresses}/a").status == 404


def test_a_selector_deletes_what_it_selects(admin: Client, ingresses: str) -> None:
    create(admin, ingresses, ingress("a", labels={"x": "1"}), ingress("b", labels={"x": "2"}))
    assert admin.send("DELETE", ingresses, query={"labelSelector": "x=1"}).status == 200
    assert names(admin.send("GET", ingresses)) == ["b"]


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_dry_run_changes_nothing(admin: Client, ingresses: str, method: str) -> None:
    create(admin, ingresses, ingress("a"))
    path = ingresses if method == "POST" else f"{ingresses}/a"
    body = {"POST": ingress("b"), "PATCH": {"metadata": {"labels": {"x": "y"}}}, "DELETE": None}[method]
    kind = MERGE if method == "PATCH" else JSON
    assert admin.send(method, path, body, kind, {"dryRun": "All"}).status in {200, 201}
    listed = admin.send("GET", ingresses)
    assert names(listed) == ["a"]
    assert "labels" not in listed.body["items"][0]["metadata"]
    refused = admin.send(method, path, body, kind, {"dryRun": "Some"})
    assert refused.status in {400, 422}


# ---- what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "causes"),
    [
        ("ingresses", {"spec": {"rules": [{"host": "Not_A_Host"}]}}, {("FieldValueInvalid", "spec.rules[0].host")}),
        ("ingresses", {"spec": {}}, {("FieldValueInvalid", "spec")}),
        (
            "ingresses",
            {"spec": {"rules": [{"http": {"paths": [{"path": "x", "pathType": "Exact", "backend": {}}]}}]}},
            {
                ("FieldValueInvalid", "spec.rules[0].http.paths[0].path"),
                ("FieldValueInvalid", "spec.rules[0].http.paths[0].backend"),
            },
        ),
        (
            "services",
            {"spec": {"ports": [{"port": 1}, {"port": 2}]}},
            {("FieldValueRequired", "spec.ports[0].name"), ("FieldValueRequired", "spec.ports[1].name")},
        ),
        (
            "secrets",
            {"type": "kubernetes.io/tls", "data": {"tls.crt": ""}},
            {("FieldValueRequired", "data[tls.key]")},
        ),
        ("leases", {"spec": {"leaseDurationSeconds": 0}}, {("FieldValueInvalid", "spec.leaseDurationSeconds")}),
    ],
)
def test_what_is_wrong_is_named(admin: Client, namespace: str, path: str, body: Any, causes: Any) -> None:
    api = {"ingresses": NETWORKING, "leases": COORDINATION}.get(path, "/api/v1")
    refused = admin.send("POST", f"{api}/namespaces/{namespace}/{path}", {"metadata": {"name": "x"}, **body})
    assert (refused.status, refused.reason, refused.causes) == (422, "Invalid", causes)


@AS_TODAY
def test_unknown_fields(admin: Client, ingresses: str) -> None:
    odd = {**ingress("a"), "bogus": 1}
    strict = admin.send("POST", ingresses, odd, query={"fieldValidation": "Strict"})
    assert (strict.status, strict.reason) == (400, "BadRequest")
    assert 'unknown field "bogus"' in strict.body["message"]
    warned = admin.send("POST", ingresses, odd, query={"fieldValidation": "Warn"})
    assert (warned.status, warned.headers["Warning"]) == (201, '299 - "unknown field \\"bogus\\""')
    assert "bogus" not in warned.body


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", "x", 415),
        (JSON, "{", 400),
        (JSON, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}, 400),
        (JSON, {**ingress("a"), "spec": {"rules": "x"}}, 400),
        (JSON, ingress("a", namespace="other"), 400),
        (
            "application/yaml",
            "metadata: {name: a}\nspec: {defaultBackend: {service: {name: x, port: {number: 1}}}}",
            201,
        ),
    ],
)
def test_bodies(admin: Client, ingresses: str, kind: str, body: Any, status: int) -> None:
    if kind == "application/yaml":
        body = f"apiVersion: networking.k8s.io/v1\nkind: Ingress\n{body}"
    assert admin.send("POST", ingresses, body, kind).status == status


def test_forms_of_answers(admin: Client, ingresses: str) -> None:
    create(admin, ingresses, ingress("a"))
    metadata = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    shown = admin.send("GET", ingresses, Accept=metadata).body
    assert (shown["kind"], set(shown["items"][0])) == (
        "PartialObjectMetadataList",
        {"kind", "apiVersion", "metadata"},
    )
    assert admin.send("GET", f"{ingresses}/a", Accept="application/yaml").body.find("kind: Ingress") >= 0
    refused = admin.send("GET", f"{ingresses}/a", Accept="text/html")
    assert (refused.status, refused.reason) == (406, "NotAcceptable")


# ---- lists ------------------------------------------------------------------------------------------------------


def test_pages_show_one_moment(admin: Client, ingresses: str) -> None:
    create(admin, ingresses, *(ingress(f"i{number}") for number in range(5)))
    page = admin.send("GET", ingresses, query={"limit": 2})
    assert page.body["metadata"]["remainingItemCount"] == 3
    admin.send("DELETE", f"{ingresses}/i4")
    found, version = names(page), page.body["metadata"]["resourceVersion"]
    while token := page.body["metadata"].get("continue"):
        page = admin.send("GET", ingresses, query={"limit": 2, "continue": token})
        found += names(page)
        assert page.body["metadata"]["resourceVersion"] == version
    assert found == [f"i{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"labelSelector": "app=a"}, ["a"]),
        ({"labelSelector": "app!=a"}, ["b", "c"]),
        ({"labelSelector": "app in (a,b),app"}, ["a", "b"]),
        ({"labelSelector": "app notin (a)"}, ["b", "c"]),
        ({"labelSelector": "!app"}, ["c"]),
        ({"fieldSelector": "metadata.name=b"}, ["b"]),
        ({"fieldSelector": "metadata.name!=b"}, ["a", "c"]),
        ({"resourceVersion": "0"}, None),
    ],
)
def test_selectors(admin: Client, ingresses: str, query: dict[str, str | int], found: Any) -> None:
    create(admin, ingresses, ingress("a", labels={"app": "a"}), ingress("b", labels={"app": "b"}), ingress("c"))
    answer = admin.send("GET", ingresses, query=query)
    assert answer.status == 200
    assert found is None or names(answer) == found


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ({"fieldSelector": "spec.foo=a"}, 400, "BadRequest"),
        ({"labelSelector": "a===b"}, 400, "BadRequest"),
        pytest.param({"resourceVersion": "abc"}, 400, "BadRequest", marks=AS_TODAY),
        ({"resourceVersion": "999999999"}, 504, "Timeout"),
        ({"resourceVersionMatch": "Exact"}, 422, "Invalid"),
        ({"resourceVersionMatch": "Exact", "resourceVersion": "0"}, 422, "Invalid"),
        ({"resourceVersionMatch": "Odd", "resourceVersion": "1"}, 422, "Invalid"),
        pytest.param({"sendInitialEvents": "true"}, 422, "Invalid", marks=AS_TODAY),
        ({"limit": 1, "continue": "garbage"}, 400, "BadRequest"),
    ],
)
def test_lists_that_make_no_sense(
    admin: Client, ingresses: str, query: dict[str, str | int], status: int, reason: str
) -> None:
    refused = admin.send("GET", ingresses, query=query)
    assert (refused.status, refused.reason) == (status, reason)


# ---- watches ----------------------------------------------------------------------------------------------------


def test_a_watch_tells_what_happened_since(admin: Client, ingresses: str) -> None:
    version = admin.send("GET", ingresses).body["metadata"]["resourceVersion"]
    create(admin, ingresses, ingress("a", labels={"app": "a"}))
    admin.send("PATCH", f"{ingresses}/a", {"metadata": {"labels": {"app": "b"}}}, MERGE)
    admin.send("DELETE", f"{ingresses}/a")
    told = admin.watch(ingresses, resourceVersion=version)
    assert [event["type"] for event in told] == ["ADDED", "MODIFIED", "DELETED"]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in told]
    assert versions == sorted(set(versions))
    selected = admin.watch(ingresses, resourceVersion=version, labelSelector="app=a")
    assert [event["type"] for event in selected] == ["ADDED", "DELETED"]


@AS_TODAY
def test_a_watch_may_begin_with_what_is_there(admin: Client, ingresses: str) -> None:
    create(admin, ingresses, ingress("a"), ingress("b"))
    told = admin.watch(ingresses)
    assert [(event["type"], event["object"]["metadata"]["name"]) for event in told] == [("ADDED", "a"), ("ADDED", "b")]


# ---- server-side apply ------------------------------------------------------------------------------------------


def test_fields_have_owners(admin: Client, ingresses: str) -> None:
    body = ingress("a", labels={"m": "one"})
    path = f"{ingresses}/a"
    assert admin.send("PATCH", path, body, APPLY, {"fieldManager": "one"}).status == 201
    body["metadata"]["labels"]["m"] = "two"
    refused = admin.send("PATCH", path, body, APPLY, {"fieldManager": "two"})
    assert (refused.status, refused.reason) == (409, "Conflict")
    assert refused.causes == {("FieldManagerConflict", ".metadata.labels.m")}
    assert admin.send("PATCH", path, body, APPLY, {"fieldManager": "two", "force": "true"}).status == 200
    assert admin.send("PATCH", path, body, APPLY).causes == {("FieldValueRequired", "fieldManager")}


def test_what_is_no_longer_applied_goes(admin: Client, ingresses: str) -> None:
    path, query = f"{ingresses}/a", {"fieldManager": "one"}
    admin.send("PATCH", path, ingress("a", labels={"mine": "1", "kept": "1"}), APPLY, {**query})
    admin.send("PATCH", path, {"metadata": {"labels": {"theirs": "1"}}}, MERGE)
    changed = admin.send("PATCH", path, ingress("a", labels={"kept": "1"}), APPLY, {**query}).body
    assert changed["metadata"]["labels"] == {"kept": "1", "theirs": "1"}
    again = admin.send("PATCH", path, ingress("a", labels={"kept": "1"}), APPLY, {**query}).body
    assert again["metadata"]["resourceVersion"] == changed["metadata"]["resourceVersion"]


@AS_TODAY
def test_status_and_the_rest_are_applied_apart(admin: Client, ingresses: str) -> None:
    path, query = f"{ingresses}/a", {"fieldManager": "one"}
    admin.send("PATCH", path, ingress("a", labels={"m": "1"}), APPLY, {**query})
    head = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "a"}}
    told = admin.send("PATCH", f"{path}/status", {**head, "status": IP}, APPLY, {**query})
    assert (told.status, told.body["metadata"]["labels"]) == (200, {"m": "1"})
    assert told.body["status"]["loadBalancer"]["ingress"][0]["ip"] == "10.0.0.1"
    owners = {(one["manager"], one.get("subresource", "")) for one in told.body["metadata"]["managedFields"]}
    assert owners == {("one", ""), ("one", "status")}
    again = admin.send("PATCH", path, ingress("a"), APPLY, {**query}).body
    assert "labels" not in again["metadata"]
    assert again["status"]["loadBalancer"]["ingress"][0]["ip"] == "10.0.0.1"


def test_who_changes_a_field_owns_it(admin: Client, ingresses: str) -> None:
    path = f"{ingresses}/a"
    admin.send("PATCH", path, ingress("a", labels={"m": "1"}), APPLY, {"fieldManager": "one"})
    admin.send("PATCH", path, {"metadata": {"labels": {"m": "2"}}}, MERGE, {"fieldManager": "two"})
    refused = admin.send("PATCH", path, ingress("a", labels={"m": "1"}), APPLY, {"fieldManager": "one"})
    assert refused.causes == {("FieldManagerConflict", ".metadata.labels.m")}
    agreed = admin.send("PATCH", path, ingress("a", labels={"m": "2"}), APPLY, {"fieldManager": "one"})
    assert agreed.status == 200


# ---- rights -----------------------------------------------------------------------------------------------------


def test_a_user_may_do_what_a_role_says(api_server: ApiServer, admin: Client, namespace: str, ingresses: str) -> None:
    user = f"user-of-{namespace}"
    client = api_server.client(user)
    refused = client.send("GET", ingresses)
    assert (refused.status, refused.reason) == (403, "Forbidden")
    assert refused.body["message"] == (
        f'ingresses.networking.k8s.io is forbidden: User "{user}" cannot list resource "ingresses" in API group'
        f' "networking.k8s.io" in the namespace "{namespace}"'
    )
    roles = f"{RBAC}/namespaces/{namespace}"
    rule = {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": ["get", "list", "watch"]}
    create(admin, f"{roles}/roles", {"metadata": {"name": "r"}, "rules": [rule]})
    binding = {
        "metadata": {"name": "r"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"kind": "User", "name": user}],
    }
    create(admin, f"{roles}/rolebindings", binding)
    eventually(lambda: client.send("GET", ingresses).status == 200, "the role holds")
    create(admin, ingresses, ingress("a"))
    assert client.send("PATCH", f"{ingresses}/a/status", {"status": IP}, MERGE).status == 403
    assert client.send("GET", f"{NETWORKING}/ingresses").status == 403
    for verb, allowed in (("list", True), ("delete", False)):
        attributes = {"group": "networking.k8s.io", "resource": "ingresses", "verb": verb, "namespace": namespace}
        question = {"spec": {"resourceAttributes": attributes}}
        answer = client.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", question)
        assert (answer.status, answer.body["status"]["allowed"]) == (201, allowed)


# ---- Leases, Events, definitions --------------------------------------------------------------------------------


def test_a_lease_is_taken_by_one(admin: Client, namespace: str) -> None:
    path = f"{COORDINATION}/namespaces/{namespace}/leases"
    spec = {"holderIdentity": "one", "leaseDurationSeconds": 15, "renewTime": "2001-01-01T00:00:00.000000Z"}
    lease = create(admin, path, {"metadata": {"name": "l"}, "spec": spec})
    assert admin.send("PUT", f"{path}/l", {**lease, "spec": {**spec, "holderIdentity": "two"}}).status == 200
    late = admin.send("PUT", f"{path}/l", {**lease, "spec": {**spec, "holderIdentity": "three"}})
    assert (late.status, late.reason) == (409, "Conflict")
    assert admin.send("PATCH", f"{path}/l", {"spec": {"renewTime": "now"}}, MERGE).status == 422
    assert (
        admin.send("PUT", f"{path}/l", {**lease, "spec": {**spec, "renewTime": "2001-01-01T00:00:00Z"}}).status == 400
    )


def test_an_event_is_about_something_of_its_namespace(admin: Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/events"
    about = {"kind": "Ingress", "name": "a", "namespace": namespace}
    event = {"metadata": {"name": "e"}, "involvedObject": about, "reason": "Told", "type": "Normal", "message": "m"}
    create(admin, path, event)
    elsewhere = {**event, "metadata": {"name": "f"}, "involvedObject": {**about, "namespace": "other"}}
    refused = admin.send("POST", path, elsewhere)
    assert (refused.status, refused.causes) == (422, {("FieldValueInvalid", "involvedObject.namespace")})


def definition(group: str) -> dict[str, Any]:
    size = {"type": "integer", "default": 3, "minimum": 1, "maximum": 9}
    color = {"type": "string", "enum": ["red", "blue"]}
    spec = {"type": "object", "required": ["color"], "properties": {"size": size, "color": color}}
    schema = {
        "type": "object",
        "properties": {"spec": spec, "status": {"type": "object", "properties": {"seen": size}}},
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "names": {"plural": "things", "kind": "Thing"},
            "scope": "Namespaced",
            "versions": [{**version, "subresources": {"status": {}}}],
        },
    }


@AS_TODAY
def test_custom_resources_follow_their_schema(admin: Client, namespace: str) -> None:
    group = f"{namespace}.example.com"
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    create(admin, definitions, definition(group))
    path = f"/apis/{group}/v1/namespaces/{namespace}/things"
    eventually(lambda: admin.send("GET", path).status == 200, "the kind is served")
    head = {"apiVersion": f"{group}/v1", "kind": "Thing"}
    thing = create(admin, path, {**head, "metadata": {"name": "a"}, "spec": {"color": "red", "odd": 1}})
    assert thing["spec"] == {"color": "red", "size": 3}
    wrong = admin.send("POST", path, {**head, "metadata": {"name": "b"}, "spec": {"color": "green", "size": 10}})
    assert wrong.causes == {("FieldValueNotSupported", "spec.color"), ("FieldValueInvalid", "spec.size")}
    typed = admin.send("POST", path, {**head, "metadata": {"name": "b"}, "spec": {"color": "red", "size": "x"}})
    assert typed.causes == {("FieldValueTypeInvalid", "spec.size")}
    missing = admin.send("POST", path, {**head, "metadata": {"name": "b"}, "spec": {}})
    assert missing.causes == {("FieldValueRequired", "spec.color")}
    assert admin.send("PUT", f"{path}/a", {**head, "metadata": {"name": "a"}, "spec": {"color": "blue"}}).status == 422
    assert admin.send("PATCH", f"{path}/a", {}, STRATEGIC).status == 415
    admin.send("DELETE", f"{definitions}/things.{group}")
    eventually(lambda: admin.send("GET", path).status == 404, "the kind is no longer served")


def test_nothing_new_comes_into_a_namespace_that_goes(api_server: ApiServer, admin: Client) -> None:
    with api_server.namespace() as namespace:
        path = f"{NETWORKING}/namespaces/{namespace}/ingresses"
        create(admin, path, ingress("held", finalizers=["example.com/hold"]))
        admin.send("DELETE", f"/api/v1/namespaces/{namespace}")
        refused = admin.send("POST", path, ingress("late"))
        assert (refused.status, refused.reason) == (403, "Forbidden")
        assert refused.causes == {("NamespaceTerminating", "metadata.namespace")}
        admin.send("PATCH", f"{path}/held", {"metadata": {"finalizers": None}}, MERGE)
