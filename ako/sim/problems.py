"""The errors the Controller answers with; every layer of the simulator raises them, the HTTP face renders them.

Status codes and wordings are those that clients of the Avi Controller match on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """An answer other than success."""

    def __init__(self, status: int, body: dict[str, Any] | str) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def refuse(status: int, text: str) -> ApiError:
    """Build the usual error answer: an object with the key ``error``."""
    return ApiError(status, {"error": text})


def not_found(model: str) -> ApiError:
    """Build the answer for an object that is not there."""
    return refuse(404, f"{model} object not found!")


def dangling(model: str) -> ApiError:
    """Build the answer for a reference to nothing; VRFs and networks answer 400, everything else 404."""
    return refuse(400 if model in {"VrfContext", "Network"} else 404, f"{model} object not found!")


def duplicate(model: str, name: str) -> ApiError:
    """Build the answer for a name that is taken."""
    return refuse(409, f"{model} with name {name} already exists")


def referred(model: str, referrers: Sequence[str]) -> ApiError:
    """Build the answer for deleting what others use; clouds answer 400, everything else 403."""
    return refuse(400 if model == "Cloud" else 403, f"Cannot delete, object is referred by: {list(referrers)!r}")


def stale(model: str) -> ApiError:
    """Build the answer for a write based on an outdated read."""
    return refuse(412, f"Concurrent Update Error. Need to reload object data {model}")


def method_not_allowed(method: str) -> ApiError:
    """Build the answer for a verb the resource does not know."""
    return ApiError(405, {"detail": f"Method '{method}' not allowed."})


class FieldCheck(Exception):  # noqa: N818 - named after the Controller's own wording
    """A field failed its check; the path from the top of the object is collected on the way up."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason
        self.top = name

    def as_error(self) -> ApiError:
        """Render in the Controller's nested (and not quite JSON) form."""
        leaf = f"Field check for {self.name} failed : {self.reason}"
        inner = leaf if self.top == self.name else f'{{"{self.name}":"{leaf}"}}'
        return refuse(400, f'{{"{self.top}":"{inner}"}}')
