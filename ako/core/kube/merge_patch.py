"""JSON merge patches (RFC 7396), the form in which statuses are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge_patched(target: Any, patch: Any) -> Any:
    """Return a document with a merge patch applied; null in the patch takes a key away."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patched(merged.get(key), value)
    return merged
