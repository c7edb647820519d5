"""Server-side apply: which manager owns which field, and what an applied configuration makes of an object.

An object has `managedFields` from its first apply on; until then nothing is kept of who wrote what. Lists are owned
whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ako.testing.kube_api import errors
from ako.testing.kube_api.causes import Cause
from ako.testing.kube_api.resources import Manifest

Path = tuple[str, ...]
Fields = frozenset[Path]

_APPLY, _UPDATE = "Apply", "Update"
_BEFORE = "before-first-apply"
_NOT_OWNED = {("apiVersion",), ("kind",)}
_OWNED_METADATA = {"labels", "annotations", "finalizers", "ownerReferences"}


def owned_fields(body: Manifest, *, status: bool) -> Fields:
    """Return the fields of a body that can be owned: all leaves but those the server sets.

    Args:
        body: an object or an applied configuration.
        status: whether it is about the status or about all the rest.
    """
    found = set()
    for path in _leaves(body, ()):
        of_metadata = path[0] == "metadata"
        if path in _NOT_OWNED or (of_metadata and (len(path) < 2 or path[1] not in _OWNED_METADATA)):
            continue
        if (path[0] == "status") is status or (status and of_metadata):
            found.add(path)
    return frozenset(found)


def _leaves(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict) and value:
        for field, inner in value.items():
            yield from _leaves(inner, (*path, field))
    elif path:
        yield path


def applied(current: Manifest, wanted: Manifest, manager: str, *, status: bool, force: bool) -> Manifest:
    """Return what applying a configuration makes of an object, without its new `managedFields`.

    Raises:
        ApiError: 409, it would change fields that others own, and is not to be forced.
    """
    fields = owned_fields(wanted, status=status)
    clashes = sorted(
        (owner["manager"], path)
        for owner in _managers(current)
        if not _is_mine(owner, manager)
        for path in _fields(owner["fieldsV1"])
        if any(_touch(path, mine) and _at(current, mine) != _at(wanted, mine) for mine in fields)
    )
    if clashes and not force:
        raise _conflict(clashes)
    mine_before = [owner for owner in _managers(current) if _is_mine(owner, manager)]
    kept_by_others = [
        path for owner in _managers(current) if not _is_mine(owner, manager) for path in _fields(owner["fieldsV1"])
    ]
    result: Any = current
    for owner in mine_before:
        for path in _fields(owner["fieldsV1"]) - fields:
            if not any(_touch(path, other) for other in kept_by_others):
                result = _without(result, path)
    for path in sorted(fields):
        result = _with(result, path, _at(wanted, path))
    shown: Manifest = result
    return shown


def managed_after_apply(
    current: Manifest, wanted: Manifest, manager: str, *, status: bool, version: str, now: str
) -> list[Manifest]:
    """Return the `managedFields` after an apply."""
    fields = owned_fields(wanted, status=status)
    owners = []
    for owner in _managers(current):
        if _is_mine(owner, manager):
            continue
        lost = {
            path
            for path in _fields(owner["fieldsV1"])
            if any(_touch(path, mine) and _at(current, mine) != _at(wanted, mine) for mine in fields)
        }
        owners.append((owner, _fields(owner["fieldsV1"]) - lost))
    if not current.get("metadata", {}).get("managedFields") and (before := owned_fields(current, status=False)):
        owners.append((_entry(_BEFORE, _UPDATE, version, now), before - fields))
    owners.append((_entry(manager, _APPLY, version, now, "status" if status else ""), fields))
    return _shown(owners, current)


def managed_after_update(old: Manifest, new: Manifest, manager: str, *, status: bool, now: str) -> list[Manifest]:
    """Return the `managedFields` after a write that is no apply: who changes a field owns it."""
    before, after = owned_fields(old, status=status), owned_fields(new, status=status)
    changed = {path for path in after if path not in before or _at(old, path) != _at(new, path)}
    gone = before - after
    owners = []
    subresource = "status" if status else ""
    mine = _entry(manager, _UPDATE, new["apiVersion"], now, subresource)
    kept: Fields = frozenset()
    for owner in _managers(old):
        fields = _fields(owner["fieldsV1"])
        fields -= {path for path in fields if path in gone or any(_touch(path, one) for one in changed)}
        if (owner["manager"], owner["operation"], owner.get("subresource", "")) == (manager, _UPDATE, subresource):
            kept = fields
        else:
            owners.append((owner, fields))
    owners.append((mine, kept | changed))
    return _shown(owners, old)


def _shown(owners: list[tuple[Manifest, Fields]], before: Manifest) -> list[Manifest]:
    """Return the entries that still own something; one whose fields are as before keeps its time."""
    shown = []
    for owner, fields in owners:
        if not fields:
            continue
        entry = {**owner, "fieldsV1": _encoded(fields)}
        for old in _managers(before):
            if {**old, "time": ""} == {**entry, "time": ""}:
                entry = old
        shown.append(entry)
    return shown


def _entry(manager: str, operation: str, version: str, now: str, subresource: str = "") -> Manifest:
    named = {"manager": manager, "operation": operation, "apiVersion": version, "time": now, "fieldsType": "FieldsV1"}
    return {**named, **({"subresource": subresource} if subresource else {})}


def _managers(body: Manifest) -> list[Manifest]:
    return body.get("metadata", {}).get("managedFields") or []


def _is_mine(owner: Manifest, manager: str) -> bool:
    return (owner["manager"], owner["operation"]) == (manager, _APPLY)


def _conflict(clashes: list[tuple[str, Path]]) -> errors.ApiError:
    causes = [
        Cause("FieldManagerConflict", "." + ".".join(path), f'conflict with "{owner}"') for owner, path in clashes
    ]
    if len(causes) == 1:
        message = f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}"
    else:
        by_owner: dict[str, list[str]] = {}
        for cause in causes:
            by_owner.setdefault(cause.message, []).append(f"- {cause.field}")
        listed = "\n".join(
            f"{words.replace('conflict', 'conflicts', 1)}:\n" + "\n".join(paths) for words, paths in by_owner.items()
        )
        message = f"Apply failed with {len(causes)} conflicts: {listed}"
    details = {"causes": [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]}
    return errors.ApiError(409, "Conflict", message, details)


def _encoded(fields: Fields) -> Manifest:
    shown: Manifest = {}
    for path in sorted(fields):
        node = shown
        for step in path:
            node = node.setdefault(f"f:{step}", {})
    return shown


def _fields(encoded: Manifest, path: Path = ()) -> Fields:
    found: set[Path] = set()
    for step, inner in encoded.items():
        name = (*path, step.removeprefix("f:"))
        found |= _fields(inner, name) if inner else {name}
    return frozenset(found)


def _touch(one: Path, other: Path) -> bool:
    """Say whether one path is the other or lies inside it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _at(body: Any, path: Path) -> Any:
    for step in path:
        if not isinstance(body, dict) or step not in body:
            return None
        body = body[step]
    return body


def _with(body: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    known = body if isinstance(body, dict) else {}
    return {**known, path[0]: _with(known.get(path[0]), path[1:], value)}


def _without(body: Any, path: Path) -> Any:
    if not isinstance(body, dict) or path[0] not in body:
        return body
    rest = {field: value for field, value in body.items() if field != path[0]}
    if len(path) == 1:
        return rest
    inner = _without(body[path[0]], path[1:])
    return {**rest, path[0]: inner} if inner else rest
