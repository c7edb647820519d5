"""Asks an API server what we may do there; `ako rbac --check` calls it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from ako.core.kube.connection import Connection, Request
from ako.core.kube.errors import KubeError
from ako.core.kube.rights import Right
from ako.typed_json import reader

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_REVIEWS_OF_OTHERS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


class _Status(Struct, frozen=True, rename="camel"):
    allowed: bool = False
    reason: str = ""
    evaluation_error: str = ""


class _Review(Struct, frozen=True):
    status: _Status = _Status()


_decode_review = reader(_Review).decode


def is_granted(connection: Connection, right: Right, user: str = "") -> bool:
    """Say whether a user has a right, or whoever asks, if none is named.

    Raises:
        KubeError: the API server cannot say.
    """
    resource, _, subresource = right.resource.partition("/")
    asked = {
        "group": right.group,
        "resource": resource,
        "subresource": subresource,
        "verb": right.verb,
        "namespace": right.namespace,
        "name": right.name,
    }
    attributes = {"resourceAttributes": {key: value for key, value in asked.items() if value}}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview" if user else "SelfSubjectAccessReview",
        "spec": {**attributes, **({"user": user} if user else {})},
    }
    answer = connection.send(Request(method="POST", path=_REVIEWS_OF_OTHERS if user else _REVIEWS, body=body))
    try:
        return _decode_review(answer.granted()).status.allowed
    except msgspec.DecodeError as error:
        raise KubeError(f"the answer to a SelfSubjectAccessReview cannot be understood: {error}") from error
