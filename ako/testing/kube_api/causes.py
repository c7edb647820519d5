"""What can be wrong with a field, in the words an API server uses for it."""

from __future__ import annotations

import json
from typing import NamedTuple


class Cause(NamedTuple):
    """One field at fault in a 422."""

    reason: str
    field: str
    message: str


def invalid_value(field: str, value: object, rule: str) -> Cause:
    """Return the cause of a value that breaks a rule."""
    return Cause("FieldValueInvalid", field, f"Invalid value: {json.dumps(value)}: {rule}")


def required(field: str, rule: str = "") -> Cause:
    """Return the cause of a value that is missing."""
    return Cause("FieldValueRequired", field, f"Required value: {rule}" if rule else "Required value")


def unsupported(field: str, value: object, allowed: tuple[str, ...]) -> Cause:
    """Return the cause of a value that is none of those allowed."""
    values = ", ".join(json.dumps(one) for one in allowed)
    return Cause("FieldValueNotSupported", field, f"Unsupported value: {json.dumps(value)}: supported values: {values}")


def forbidden_value(field: str, rule: str) -> Cause:
    """Return the cause of a value that may not be there or may not change."""
    return Cause("FieldValueForbidden", field, f"Forbidden: {rule}")
