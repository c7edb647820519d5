"""Takes out of objects what nobody may read in a bug report: keys, passwords, tokens."""

from __future__ import annotations

import re
from typing import Any

from ako.core.base.secrecy import MASK, masked

_SECRET_NAME = re.compile(r"passw|token|secret|credential|authorization|private.?key", re.IGNORECASE)
_HARMLESS = frozenset({"secretName", "secretKeyRef", "automountServiceAccountToken"})

_COPY = "kubectl.kubernetes.io/last-applied-configuration"


def redacted(value: Any, path: tuple[str, ...] = ()) -> Any:
    """Give JSON without secrets; what is left keeps its form.

    A Secret keeps the names of its entries. A copy of an object in an annotation goes, whatever is in it.
    """
    match value:
        case dict():
            return _mapping(value, path)
        case list() | tuple():
            return [redacted(item, path) for item in value]
        case str():
            return MASK if path[-2:] == ("tls", "key") else masked(value)
    return value


def _mapping(value: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    hides_data = value.get("kind") == "Secret"
    is_variable = "value" in value and _is_secret(str(value.get("name", "")))
    result: dict[str, Any] = {}
    for key, item in value.items():
        if key in {"managedFields", _COPY}:
            continue
        if hides_data and key in {"data", "stringData"} and isinstance(item, dict):
            result[key] = dict.fromkeys(item, MASK)
        elif (is_variable and key == "value") or (_is_secret(key) and isinstance(item, str) and item):
            result[key] = MASK
        else:
            result[key] = redacted(item, (*path, key))
    return result


def _is_secret(name: str) -> bool:
    return name not in _HARMLESS and _SECRET_NAME.search(name) is not None
