"""What is wrong with a role or a binding about to be stored."""

from __future__ import annotations

from collections.abc import Iterator

from ako.testing.kube_api.causes import Cause, invalid_value, required, unsupported
from ako.testing.kube_api.resources import RBAC_GROUP, Manifest


def role_causes(body: Manifest, _before: Manifest | None) -> Iterator[Cause]:
    """Yield what is wrong with a Role or ClusterRole."""
    for number, rule in enumerate(body.get("rules") or ()):
        yield from _rule_causes(f"rules[{number}]", rule, namespaced=body["kind"] == "Role")


def _rule_causes(field: str, rule: Manifest, *, namespaced: bool) -> Iterator[Cause]:
    if not rule.get("verbs"):
        yield required(f"{field}.verbs", "verbs must contain at least one value")
    if paths := rule.get("nonResourceURLs"):
        if namespaced:
            words = "namespaced rules cannot apply to non-resource URLs"
            yield invalid_value(f"{field}.nonResourceURLs", paths, words)
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            words = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid_value(f"{field}.nonResourceURLs", paths, words)
        return
    if not rule.get("apiGroups"):
        yield required(f"{field}.apiGroups", "resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield required(f"{field}.resources", "resource rules must supply at least one resource")


def binding_causes(body: Manifest, before: Manifest | None) -> Iterator[Cause]:
    """Yield what is wrong with a RoleBinding or ClusterRoleBinding."""
    role = body["roleRef"]
    if role["apiGroup"] != RBAC_GROUP:
        yield unsupported("roleRef.apiGroup", role["apiGroup"], (RBAC_GROUP,))
    kinds = ("ClusterRole",) if body["kind"] == "ClusterRoleBinding" else ("ClusterRole", "Role")
    if role.get("kind", "") not in kinds:
        yield unsupported("roleRef.kind", role.get("kind", ""), kinds)
    if not role.get("name"):
        yield required("roleRef.name")
    for number, subject in enumerate(body.get("subjects") or ()):
        yield from _subject_causes(f"subjects[{number}]", subject)
    if before is not None and before["roleRef"] != role:
        yield invalid_value("roleRef", role, "cannot change roleRef")


def _subject_causes(field: str, subject: Manifest) -> Iterator[Cause]:
    if not subject.get("name"):
        yield required(f"{field}.name")
    match subject.get("kind", ""):
        case "ServiceAccount":
            if subject["apiGroup"]:
                yield unsupported(f"{field}.apiGroup", subject["apiGroup"], ("",))
            if not subject.get("namespace"):
                yield required(f"{field}.namespace")
        case "User" | "Group":
            if subject["apiGroup"] != RBAC_GROUP:
                yield unsupported(f"{field}.apiGroup", subject["apiGroup"], (RBAC_GROUP,))
        case kind:
            yield unsupported(f"{field}.kind", kind, ("ServiceAccount", "User", "Group"))
