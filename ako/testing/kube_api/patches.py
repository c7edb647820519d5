"""The three patch formats, as functions that leave the original untouched and share what did not change."""

from __future__ import annotations

from typing import Any

from ako.testing.kube_api import errors
from ako.testing.kube_api.resources import Manifest

_MERGE_KEYS = {
    "conditions": "type",
    "addresses": "type",
    "containers": "name",
    "env": "name",
    "finalizers": "",
    "ownerReferences": "uid",
    "taints": "key",
}
"""Lists that a strategic merge patch merges, with the field that names an entry ("" for lists of plain values)."""


def merge(original: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(original) if isinstance(original, dict) else {}
    for field, value in patch.items():
        if value is None:
            result.pop(field, None)
        elif isinstance(value, dict):
            result[field] = merge(result.get(field), value)
        else:
            result[field] = value
    return result


def strategic_merge(original: Any, patch: Any, field: str = "", parent: str = "") -> Any:
    """Apply a strategic merge patch: as a merge patch, but lists with a known key merge entry by entry."""
    if isinstance(patch, dict):
        result = dict(original) if isinstance(original, dict) and patch.get("$patch") != "replace" else {}
        for name, value in patch.items():
            if name.startswith("$"):
                continue
            if value is None:
                result.pop(name, None)
            else:
                result[name] = strategic_merge(result.get(name), value, name, field)
        return result
    # Only the addresses of a node have a merge key; those of endpoints are replaced.
    key = _MERGE_KEYS.get(field) if field != "addresses" or parent == "status" else None
    if isinstance(patch, list) and key is not None:
        return _merge_list(original or [], patch, key)
    return patch


def _merge_list(original: list[Any], patch: list[Any], key: str) -> list[Any]:
    if not key:
        return [*original, *(entry for entry in patch if entry not in original)]
    changes = {entry[key]: entry for entry in patch}
    kept = []
    for entry in original:
        change = changes.pop(entry[key], None)
        if change is None:
            kept.append(entry)
        elif change.get("$patch") != "delete":
            kept.append(strategic_merge(entry, change))
    # A real server puts entries that are new before those it already had.
    return [*(entry for entry in changes.values() if entry.get("$patch") != "delete"), *kept]


def json_patch(original: Manifest, operations: Any) -> Manifest:
    """Apply a JSON patch (RFC 6902); raise 422 if an operation does not apply."""
    if not isinstance(operations, list):
        raise errors.bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    document: Any = original
    try:
        for operation in operations:
            document = _apply(document, operation)
    except (KeyError, IndexError, TypeError, ValueError):
        raise errors.unprocessable() from None
    if not isinstance(document, dict):
        raise errors.unprocessable()
    return document


def _apply(document: Any, operation: Manifest) -> Any:
    name, path = operation["op"], _steps(operation["path"])
    match name:
        case "test":
            if _read(document, path) != operation.get("value"):
                raise ValueError(operation["path"])
            return document
        case "add" | "replace":
            return _write(document, path, operation["value"], insert=name == "add")
        case "remove":
            return _remove(document, path)
        case "move":
            source = _steps(operation["from"])
            return _write(_remove(document, source), path, _read(document, source), insert=True)
        case "copy":
            return _write(document, path, _read(document, _steps(operation["from"])), insert=True)
        case _:
            raise ValueError(name)


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _read(node: Any, path: list[str]) -> Any:
    for step in path:
        node = node[int(step)] if isinstance(node, list) else node[step]
    return node


def _write(node: Any, path: list[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(node, list):
        copy = list(node)
        place = len(copy) if step == "-" else int(step)
        if rest:
            copy[place] = _write(copy[place], rest, value, insert=insert)
        elif insert:
            if place > len(copy):
                raise IndexError(step)
            copy.insert(place, value)
        else:
            copy[place] = value
        return copy
    if (rest or not insert) and step not in node:
        raise KeyError(step)
    return {**node, step: _write(node.get(step), rest, value, insert=insert)}


def _remove(node: Any, path: list[str]) -> Any:
    step, rest = path[0], path[1:]
    if isinstance(node, list):
        place = int(step)
        return [*node[:place], *([_remove(node[place], rest)] if rest else []), *node[place + 1 :]]
    copy = dict(node)
    if rest:
        copy[step] = _remove(node[step], rest)
    else:
        del copy[step]
    return copy
