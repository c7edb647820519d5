"""The options of writes: dry runs, field managers, and configurations that are applied."""

from __future__ import annotations

from typing import Any

import yaml

from ako.testing.kube_api import errors
from ako.testing.kube_api.causes import Cause, required, unsupported
from ako.testing.kube_api.media import check_kind
from ako.testing.kube_api.resources import Manifest
from ako.testing.kube_api.writes import Target
from ako.testing.listener import Request

_META = "meta.k8s.io"
_KINDS = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions", "delete": "DeleteOptions"}
_LEVELS = ("Ignore", "Strict", "Warn")
_APPLY = "application/apply-patch+yaml"
_LONGEST_NAME = 128


def write_options(verb: str, request: Request) -> tuple[bool, str]:
    """Return whether a write is for show only, and in whose name it is.

    Raises:
        ApiError: 422, an option has a value that it cannot have.
    """
    query, causes = request.query, list[Cause]()
    if query.get("dryRun", "All") != "All":
        causes.append(unsupported("dryRun", query["dryRun"], ("All",)))
    manager, is_apply = query.get("fieldManager", ""), request.headers.get("content-type", "").startswith(_APPLY)
    if is_apply and verb == "patch" and not manager:
        causes.append(required("fieldManager", "is required for apply patch"))
    if verb == "patch" and not is_apply and "force" in query:
        causes.append(Cause("FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch"))
    if len(manager) > _LONGEST_NAME:
        words = f"Too long: may not be more than {_LONGEST_NAME} bytes"
        causes.append(Cause("FieldValueTooLong", "fieldManager", words))
    if query.get("fieldValidation") and query["fieldValidation"] not in _LEVELS:
        causes.append(unsupported("fieldValidation", query["fieldValidation"], ("", *_LEVELS)))
    if causes:
        raise errors.invalid_kind(_META, _KINDS[verb], "", causes)
    return "dryRun" in query, manager or request.headers.get("user-agent", "").partition("/")[0] or "unknown"


def list_options(query: dict[str, str], *, watch: bool) -> None:
    """Check the options of a list or watch.

    Raises:
        ApiError: 422, an option has a value that it cannot have beside the others.
    """
    causes = []
    match = query.get("resourceVersionMatch", "")
    initial = query.get("sendInitialEvents") in {"true", "1"}
    if "sendInitialEvents" in query and not watch:
        words = "Forbidden: sendInitialEvents is forbidden for list"
        causes.append(Cause("FieldValueForbidden", "sendInitialEvents", words))
    if watch and initial and match != "NotOlderThan":
        words = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        causes.append(Cause("FieldValueForbidden", "resourceVersionMatch", words))
    if match and not (watch and initial):
        causes += _match_causes(query, match, watch=watch)
    if causes:
        raise errors.invalid_kind(_META, "ListOptions", "", causes)


def _match_causes(query: dict[str, str], match: str, *, watch: bool) -> list[Cause]:
    field, version = "resourceVersionMatch", query.get("resourceVersion", "")
    if watch:
        words = "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        return [Cause("FieldValueForbidden", field, words)]
    if not version:
        words = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
        return [Cause("FieldValueForbidden", field, words)]
    if query.get("continue"):
        words = "Forbidden: resourceVersionMatch is forbidden when continue is provided"
        return [Cause("FieldValueForbidden", field, words)]
    if match not in {"Exact", "NotOlderThan"}:
        return [unsupported(field, match, ("Exact", "NotOlderThan", ""))]
    if match == "Exact" and version == "0":
        words = 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        return [Cause("FieldValueForbidden", field, words)]
    return []


def applied_configuration(request: Request, target: Target) -> Manifest:
    """Return the configuration an apply patch sends.

    Raises:
        ApiError: 400 or 422, it cannot be read or is about something else.
    """
    resource, (namespace, name) = target.collection.resource, target.key
    try:
        wanted: Any = yaml.safe_load(request.body)
    except yaml.YAMLError as problem:
        raise errors.bad_request(f"error decoding YAML: {problem}") from None
    if not isinstance(wanted, dict):
        raise errors.bad_request("error decoding YAML: it holds no object")
    for field in ("apiVersion", "kind"):
        if not wanted.get(field):
            raise errors.bad_request(f"invalid object type: {field} is missing")
    check_kind(wanted, resource)
    metadata = wanted.get("metadata") or {}
    if metadata.get("managedFields"):
        raise errors.bad_request("metadata.managedFields must be nil")
    if metadata.get("name", name) != name:
        rule = f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})"
        raise errors.bad_request(rule)
    if metadata.get("namespace", namespace) != namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    place = {"namespace": namespace} if namespace else {}
    return {**wanted, "metadata": {**metadata, "name": name, **place}}
