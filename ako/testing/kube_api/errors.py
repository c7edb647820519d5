"""The refusals of an API server: exceptions that know their Status document."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ako.testing.kube_api.causes import Cause, invalid_value
from ako.testing.kube_api.resources import Manifest, Resource


class ApiError(Exception):
    """A refusal, answered with a Status document."""

    def __init__(self, code: int, reason: str, message: str, details: Manifest | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.metadata: Manifest = {}
        self.headers: tuple[tuple[str, str], ...] = ()

    def document(self) -> Manifest:
        """Return the Status."""
        body: Manifest = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        body["code"] = self.code
        return body


def bad_request(message: str) -> ApiError:
    """Return a 400."""
    return ApiError(400, "BadRequest", message)


def unauthorized() -> ApiError:
    """Return the 401 of a missing or wrong token."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def not_found(resource: Resource, name: str) -> ApiError:
    """Return the 404 of an object that is not there."""
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', resource.details(name))


def unknown_resource() -> ApiError:
    """Return the 404 of a kind or subresource that is not served."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def method_not_allowed() -> ApiError:
    """Return the 405 of a path that exists but not for this method."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def already_exists(resource: Resource, name: str) -> ApiError:
    """Return the 409 of a second create."""
    return ApiError(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', resource.details(name))


def conflict(resource: Resource, name: str, why: str = "") -> ApiError:
    """Return the 409 of a write whose precondition does not hold."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, resource.details(name))


def forbidden(group: str, plural: str, name: str, why: str) -> ApiError:
    """Return a 403, about a resource or with plural "" about a path."""
    if not plural:
        return ApiError(403, "Forbidden", f"forbidden: {why}", {})
    qualified = f"{plural}.{group}" if group else plural
    subject = f'{qualified} "{name}"' if name else qualified
    return ApiError(403, "Forbidden", f"{subject} is forbidden: {why}", _details(name, group, plural))


def invalid(resource: Resource, name: str, causes: Sequence[Cause], *, as_kind: bool = True) -> ApiError:
    """Return the 422 that lists every field at fault."""
    return invalid_kind(resource.group, resource.kind if as_kind else resource.plural, name, causes)


def invalid_kind(group: str, kind: str, name: str, causes: Sequence[Cause]) -> ApiError:
    """Return the 422 about something that is not stored, or about patch or options."""
    listed = ", ".join(f"{cause.field}: {cause.message}" for cause in causes)
    subject = f"{kind}.{group}" if group else kind
    message = f'{subject} "{name}" is invalid: {listed if len(causes) == 1 else f"[{listed}]"}'
    details = _details(name, group, kind)
    details["causes"] = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    return ApiError(422, "Invalid", message, details)


def _details(name: str, group: str, kind: str) -> Manifest:
    full = {"name": name, "group": group, "kind": kind}
    return {field: value for field, value in full.items() if value}


def unreadable_patch(result: Manifest, why: str) -> ApiError:
    """Return the 422 of a patch whose result cannot be read as an object of its kind."""
    cause = invalid_value("patch", msgspec.json.encode(result).decode(), why)
    return invalid_kind("", "", "", [cause])


def unprocessable() -> ApiError:
    """Return the 422 of a JSON patch that does not apply."""
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})


def expired(message: str) -> ApiError:
    """Return the 410 of a version that history no longer holds."""
    return ApiError(410, "Expired", message)


def too_large_version(wanted: int, current: int) -> ApiError:
    """Return the 504 of a resourceVersion that has not happened yet."""
    details = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    message = f"Timeout: Too large resource version: {wanted}, current: {current}"
    error = ApiError(504, "Timeout", message, details)
    error.headers = (("Retry-After", "1"),)
    return error


def injected(code: int, message: str, retry_after: int | None) -> ApiError:
    """Return the refusal a fault asks for, with the reason a real server gives for the code."""
    reasons = {
        401: "Unauthorized",
        403: "Forbidden",
        404: "NotFound",
        409: "Conflict",
        410: "Expired",
        429: "TooManyRequests",
        500: "InternalError",
        503: "ServiceUnavailable",
        504: "Timeout",
    }
    error = ApiError(code, reasons.get(code, ""), message or reasons.get(code, f"injected {code}"))
    if retry_after is not None:
        error.details = {"retryAfterSeconds": retry_after}
        error.headers = (("Retry-After", str(retry_after)),)
    return error
