"""Roles and bindings: what they let a user do."""

from __future__ import annotations

from collections.abc import Iterator

from ako.testing.kube_api.attributes import Attributes, User
from ako.testing.kube_api.resources import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    RBAC_GROUP,
    ROLE,
    ROLE_BINDING,
    Manifest,
    Resource,
)
from ako.testing.kube_api.store import Store

_ACCOUNT = "system:serviceaccount:"
_HEALTH = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
_DISCOVERY = ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
              "/version", "/version/"]  # fmt: skip
_REVIEWS = [
    {"apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]},
    {"apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]},
]
_EVERYTHING = [
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
]


def default_roles() -> Iterator[Manifest]:
    """Yield the roles every cluster has that say what all users may do, and their bindings."""
    signed_in, anybody = "system:authenticated", "system:unauthenticated"
    yield from _bound("cluster-admin", _EVERYTHING, ["system:masters"])
    yield from _bound("system:basic-user", [{**rule, "verbs": ["create"]} for rule in _REVIEWS], [signed_in])
    yield from _bound("system:discovery", [{"nonResourceURLs": _DISCOVERY, "verbs": ["get"]}], [signed_in])
    health = [{"nonResourceURLs": _HEALTH, "verbs": ["get"]}]
    yield from _bound("system:public-info-viewer", health, [signed_in, anybody])


def _bound(name: str, rules: list[Manifest], groups: list[str]) -> Iterator[Manifest]:
    metadata = {"name": name, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}
    yield {"apiVersion": CLUSTER_ROLE.api_version, "kind": "ClusterRole", "metadata": metadata, "rules": rules}
    yield {
        "apiVersion": CLUSTER_ROLE.api_version,
        "kind": "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC_GROUP, "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": RBAC_GROUP, "kind": "Group", "name": group} for group in groups],
    }


def allowed_by(store: Store, asked: Attributes) -> str:
    """Return which binding allows a request, in the words of a review; "" if none does. The caller holds the lock."""
    for binding, subject, role, rules in _bindings(store, asked):
        if any(_covers(rule, asked) for rule in rules):
            kind, name = binding["kind"], binding["metadata"]["name"]
            namespace = binding["metadata"].get("namespace", "")
            shown = f"{namespace}/{name}" if namespace else name
            about = f'{subject["kind"]} "{_shown(subject)}"'
            return f'RBAC: allowed by {kind} "{shown}" of {role["kind"]} "{role["name"]}" to {about}'
    return ""


def rules_of(store: Store, user: User, namespace: str) -> list[Manifest]:
    """Return every rule that holds for a user in a namespace. The caller holds the lock."""
    asked = Attributes(user, "", namespace=namespace)
    return [rule for _, _, _, rules in _bindings(store, asked) for rule in rules]


def _bindings(store: Store, asked: Attributes) -> Iterator[tuple[Manifest, Manifest, Manifest, list[Manifest]]]:
    """Yield binding, subject, reference and rules of every binding that is about the user, in the place asked for."""
    scopes: list[tuple[Resource, str]] = [(CLUSTER_ROLE_BINDING, "")]
    if asked.namespace:
        scopes.append((ROLE_BINDING, asked.namespace))
    for resource, namespace in scopes:
        for key, version in sorted(store.of(resource).objects.items()):
            if key[0] != namespace:
                continue
            binding = version.body
            subject = next((one for one in binding.get("subjects") or () if _is(one, asked.user, namespace)), None)
            if subject is not None:
                yield binding, subject, binding["roleRef"], _rules(store, binding["roleRef"], namespace)


def _rules(store: Store, reference: Manifest, namespace: str) -> list[Manifest]:
    """Return the rules of a role; a role that is not there has none."""
    is_cluster = reference["kind"] == "ClusterRole"
    roles = store.of(CLUSTER_ROLE if is_cluster else ROLE).objects
    found = roles.get(("" if is_cluster else namespace, reference["name"]))
    return [] if found is None else found.body.get("rules") or []


def _is(subject: Manifest, user: User, namespace: str) -> bool:
    match subject["kind"]:
        case "User":
            return bool(subject["name"] == user.name)
        case "Group":
            return subject["name"] in user.groups
        case _:
            home = subject.get("namespace") or namespace
            return user.name == f"{_ACCOUNT}{home}:{subject['name']}"


def _shown(subject: Manifest) -> str:
    if subject["kind"] == "ServiceAccount":
        return f"{subject['name']}/{subject.get('namespace', '')}"
    return str(subject["name"])


def _covers(rule: Manifest, asked: Attributes) -> bool:
    if not _has(rule, "verbs", asked.verb):
        return False
    if not asked.resource:
        return any(_path_matches(pattern, asked.path) for pattern in rule.get("nonResourceURLs") or ())
    names = rule.get("resourceNames") or ()
    wildcard = f"*/{asked.subresource}" if asked.subresource else "*"
    return (
        _has(rule, "apiGroups", asked.group)
        and any(one in {"*", wildcard, asked.what} for one in rule.get("resources") or ())
        and (not names or asked.about in names)
    )


def _has(rule: Manifest, field: str, value: str) -> bool:
    values = rule.get(field) or ()
    return "*" in values or value in values


def _path_matches(pattern: str, path: str) -> bool:
    return pattern in {"*", path} or (pattern.endswith("*") and path.startswith(pattern[:-1]))
