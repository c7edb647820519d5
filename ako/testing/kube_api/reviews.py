"""Questions to the server about who somebody is and what they may do; nothing of them is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from ako.testing.kube_api import errors
from ako.testing.kube_api.access import Access
from ako.testing.kube_api.attributes import Attributes, User
from ako.testing.kube_api.causes import invalid_value, required
from ako.testing.kube_api.rbac import rules_of
from ako.testing.kube_api.resources import Manifest
from ako.testing.kube_api.store import Store

AUTHENTICATION = "authentication.k8s.io"
AUTHORIZATION = "authorization.k8s.io"


class Review(NamedTuple):
    """One kind of question."""

    group: str
    plural: str
    kind: str
    namespaced: bool = False

    def discovery(self) -> list[Manifest]:
        """Return its entry in the resource list of its group."""
        named = {"name": self.plural, "singularName": self.kind.lower()}
        return [{**named, "namespaced": self.namespaced, "kind": self.kind, "verbs": ["create"]}]


_SELF = Review(AUTHENTICATION, "selfsubjectreviews", "SelfSubjectReview")
_LOCAL = Review(AUTHORIZATION, "localsubjectaccessreviews", "LocalSubjectAccessReview", namespaced=True)
_SELF_ACCESS = Review(AUTHORIZATION, "selfsubjectaccessreviews", "SelfSubjectAccessReview")
_SELF_RULES = Review(AUTHORIZATION, "selfsubjectrulesreviews", "SelfSubjectRulesReview")
_ACCESS = Review(AUTHORIZATION, "subjectaccessreviews", "SubjectAccessReview")

REVIEWS = (_SELF, _LOCAL, _SELF_ACCESS, _SELF_RULES, _ACCESS)


def find_review(asked: Attributes) -> Review | None:
    """Return the kind of question a request is about, None if it is about none."""
    for review in REVIEWS:
        if (review.group, review.plural, "v1") == (asked.group, asked.resource, asked.version):
            return review
    return None


class Reviews:
    """Answers them."""

    def __init__(self, store: Store, access: Access) -> None:
        self._store = store
        self._access = access
        self._by_kind: dict[str, Callable[[User, Manifest], Manifest]] = {
            _SELF.kind: self._who,
            _SELF_RULES.kind: self._rules,
            _SELF_ACCESS.kind: self._may_i,
            _ACCESS.kind: self._may_they,
            _LOCAL.kind: self._may_they,
        }

    def answer(self, review: Review, asked: Attributes, body: Manifest) -> Manifest:
        """Answer a question."""
        if asked.verb != "create" or review.namespaced != bool(asked.namespace):
            raise errors.method_not_allowed()
        metadata = {} if review is not _SELF else {"creationTimestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        head = {"kind": review.kind, "apiVersion": f"{review.group}/v1", "metadata": metadata}
        spec = body.get("spec") or {}
        shown = {} if review is _SELF else {"spec": spec}
        return {**head, **shown, "status": self._by_kind[review.kind](asked.user, spec)}

    def _who(self, user: User, _spec: Manifest) -> Manifest:
        return {"userInfo": {"username": user.name, "uid": f"uid-{user.name}", "groups": list(user.groups)}}

    def _may_i(self, user: User, spec: Manifest) -> Manifest:
        decision = self._access.decide(_asked(user, spec, "SelfSubjectAccessReview"))
        return {"allowed": decision.allowed, **({"reason": decision.reason} if decision.reason else {})}

    def _may_they(self, _user: User, spec: Manifest) -> Manifest:
        if not spec.get("user") and not spec.get("groups"):
            cause = required("spec.user", "at least one of user or group must be specified")
            raise errors.invalid_kind(AUTHORIZATION, _ACCESS.kind, "", [cause])
        user = User(spec.get("user") or "", tuple(spec.get("groups") or ()))
        return self._may_i(user, spec)

    def _rules(self, user: User, spec: Manifest) -> Manifest:
        with self._store.lock:
            rules = rules_of(self._store, user, spec.get("namespace") or "")
        return {
            "resourceRules": [_without(rule, "nonResourceURLs") for rule in rules if "resources" in rule],
            "nonResourceRules": [rule for rule in rules if "nonResourceURLs" in rule],
            "incomplete": False,
        }


def _asked(user: User, spec: Manifest, kind: str) -> Attributes:
    given = [spec[field] for field in ("resourceAttributes", "nonResourceAttributes") if spec.get(field) is not None]
    if len(given) != 1:
        rule = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        cause = invalid_value("spec.resourceAttributes", spec.get("resourceAttributes"), rule)
        raise errors.invalid_kind(AUTHORIZATION, kind, "", [cause])
    [wanted] = given
    if spec.get("resourceAttributes") is None:
        return Attributes(user, wanted.get("verb") or "", path=wanted.get("path") or "")
    named = ("group", "resource", "subresource", "namespace", "name", "version")
    return Attributes(user, wanted.get("verb") or "", **{field: wanted.get(field) or "" for field in named})


def _without(rule: Manifest, field: str) -> Manifest:
    return {name: value for name, value in rule.items() if name != field}
