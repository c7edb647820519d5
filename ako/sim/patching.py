"""Applies the bodies of PATCH: add, replace, delete one level deep, and the newer JSON patch."""

from __future__ import annotations

import copy
from typing import Any

from ako.sim.problems import FieldCheck, refuse

Json = dict[str, Any]

OPERATIONS = ("add", "replace", "delete")


def operations(body: Json) -> list[tuple[str, Json]]:
    """Return the operations of a PATCH body in order; ApiError if it is none."""
    unknown = [name for name in body if name not in OPERATIONS]
    if unknown or not body:
        raise refuse(400, f"Unknown PATCH operation {unknown}; use one of {[*OPERATIONS, 'json_patch']}")
    for name, fields in body.items():
        if not isinstance(fields, dict):
            raise refuse(400, f"PATCH operation {name} needs an object of fields, got {fields!r}")
    return list(body.items())


def patched(document: Json, body: Json) -> Json:
    """Apply a PATCH body to an object of which no model says what its fields are."""
    body = {name: value for name, value in body.items() if name not in {"uuid", "_last_modified"}}
    if "json_patch" in body:
        return json_patched(document, body["json_patch"])
    result = dict(document)
    for operation, fields in operations(body):
        for name, value in fields.items():
            before = result.get(name)
            if operation == "delete":
                left = removed(before, listed(name, value)) if isinstance(before, list) and value is not None else []
                if left:
                    result[name] = left
                else:
                    result.pop(name, None)
            elif operation == "add" and isinstance(value, list) and isinstance(before, list):
                result[name] = [*before, *value]
            else:
                result[name] = value
    return result


def listed(name: str, keys: Any) -> list[Any]:
    """Return the keys of the entries that a PATCH deletes from a list; ApiError if they are no list."""
    if not isinstance(keys, list):
        raise FieldCheck(name, f"to delete entries of a list needs a list of keys, got {keys!r}").as_error()
    return keys


def removed(entries: Any, keys: Any) -> list[Any]:
    """Return a list without the entries that agree with one of the keys in all the fields of the key."""
    return [entry for entry in entries if not any(_agrees(entry, key) for key in keys)]


def _agrees(entry: Any, key: Any) -> bool:
    if isinstance(key, dict) and isinstance(entry, dict):
        return all(name in entry and _agrees(entry[name], value) for name, value in key.items())
    return bool(entry == key)


def json_patched(document: Json, steps: Any) -> Json:
    """Apply a JSON patch to a copy of an object; ApiError if a step cannot be done."""
    if not isinstance(steps, list):
        raise refuse(400, "json_patch needs a list of operations")
    result = copy.deepcopy(document)
    for step in steps:
        try:
            _apply(result, step)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as problem:
            raise refuse(400, f"json_patch step {step!r} cannot be applied: {problem!r}") from None
    return result


def _apply(document: Any, step: Json) -> None:
    operation, *_ = [step["op"]]
    if operation not in {"add", "replace", "remove"}:
        raise ValueError(f"unknown op {operation!r}")
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].lstrip("/").split("/")]
    for part in way:
        document = document[int(part)] if isinstance(document, list) else document[part]
    if isinstance(document, list):
        _apply_to_list(document, operation, last, step)
    elif operation == "remove":
        del document[last]
    elif operation == "replace" and last not in document:
        raise KeyError(last)
    else:
        document[last] = step["value"]


def _apply_to_list(entries: list[Any], operation: str, last: str, step: Json) -> None:
    if operation == "add":
        entries.insert(len(entries) if last == "-" else int(last), step["value"])
    elif operation == "replace":
        entries[int(last)] = step["value"]
    else:
        del entries[int(last)]
