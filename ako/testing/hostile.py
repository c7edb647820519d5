"""Objects as nobody should write them: every field of a manifest in turn absent, null, of another type, or extreme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

STRANGE: tuple[tuple[str, Any], ...] = (
    ("null", None),
    ("an empty text", ""),
    ("a blank text", " "),
    ("a very long text", "x" * 300),
    ("a text of strange letters", "ü/..%00\u202e-- *"),
    ("a number", 70000),
    ("a negative number", -1),
    ("true", True),
    ("an empty list", []),
    ("a list of null", [None]),
    ("an empty mapping", {}),
)

Path = tuple[str | int, ...]


def hostile_variants(manifest: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give variants of a manifest, each with what is strange about it; the object keeps its identity."""
    for path in _paths(manifest, ()):
        if path[0] in {"apiVersion", "kind"} or path in {
            ("metadata",),
            ("metadata", "name"),
            ("metadata", "namespace"),
        }:
            continue
        where = ".".join(map(str, path))
        yield f"no {where}", _without(manifest, path)
        for name, value in STRANGE:
            yield f"{name} as {where}", _with(manifest, path, value)
        if isinstance(path[-1], int):
            yield f"{where} twice", _twice(manifest, path)


def _paths(value: object, path: Path) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index))


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copied(item) for item in value]
    return value


def _parent(manifest: Mapping[str, Any], path: Path) -> tuple[dict[str, Any], Any]:
    """Give a copy of a manifest, and in it the mapping or list that holds a path's last step."""
    whole = _copied(manifest)
    holder = whole
    for step in path[:-1]:
        holder = holder[step]
    return whole, holder


def _with(manifest: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    whole, holder = _parent(manifest, path)
    holder[path[-1]] = value
    return whole


def _without(manifest: Mapping[str, Any], path: Path) -> dict[str, Any]:
    whole, holder = _parent(manifest, path)
    del holder[path[-1]]
    return whole


def _twice(manifest: Mapping[str, Any], path: Path) -> dict[str, Any]:
    whole, holder = _parent(manifest, path)
    holder.append(holder[path[-1]])
    return whole
