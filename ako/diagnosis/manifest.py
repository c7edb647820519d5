"""Reads manifests of which nothing is known for sure: whatever is missing is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def at(value: Any, *path: str) -> Any:
    """Give what stands at a path of keys; None if any of them is not there."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def name_of(manifest: Json) -> str:
    """Give the name of an object."""
    return str(at(manifest, "metadata", "name") or "")
