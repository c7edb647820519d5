"""Manifest files into JSON objects that know their file and line.

`FolderCluster` calls it. Files are read as kubectl does: several documents in a file, `kind: List` taken apart, a key
whose value is `null` left out.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ako.core.base.refs import Kind
from ako.core.base.yaml_documents import YamlError, yaml_documents

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


class Fault(Struct, frozen=True, order=True):
    """Something wrong in a manifest, as text a user can act on."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class Manifest(Struct, frozen=True):
    """One object: what it is, where it is written, and its JSON."""

    kind: Kind
    namespace: str
    name: str
    line: int
    json: bytes


class ManifestError(Exception):
    """A file cannot be taken in."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


def manifest_files(folder: Path) -> Iterator[Path]:
    """Give the manifest files of a folder and the folders in it, ordered by path; hidden ones are left out.

    Raises:
        OSError: a folder cannot be read.
    """
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from manifest_files(entry)
        elif entry.suffix.lower() in _SUFFIXES:
            yield entry


def read_manifests(path: Path) -> tuple[Manifest, ...]:
    """Read all objects of a file.

    Raises:
        ManifestError: it cannot be read or one of its documents is no Kubernetes object.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ManifestError(1, f"cannot be read: {error.strerror}") from error
    objects = _json_objects(text) if path.suffix.lower() == ".json" else _yaml_objects(text)
    return tuple(_manifest(found, line) for found, line in objects)


def _json_objects(text: bytes) -> Iterator[tuple[Any, int]]:
    try:
        document = msgspec.json.decode(text.removeprefix(BOM_UTF8))
    except msgspec.DecodeError as error:
        raise ManifestError(1, f"is not JSON: {error}") from error
    yield from ((inner, 1) for found in _taken_apart(document) for inner in _flat(found))


def _yaml_objects(text: bytes) -> Iterator[tuple[Any, int]]:
    try:
        for document in yaml_documents(text):
            if document.repeated:
                path, line = document.repeated[0]
                raise ManifestError(line, f"is not YAML: {path[-1]} is given twice")
            listed = _is_list(document.value)
            for index, found in enumerate(_taken_apart(document.value)):
                line = document.line_of("items", index) if listed else document.line_of()
                yield from ((inner, line) for inner in _flat(found))
    except YamlError as error:
        raise ManifestError(error.line, f"is not YAML: {error.problem}") from error


def _taken_apart(document: Any) -> Sequence[Any]:
    """Give the objects of a document; empty documents between `---` lines are no objects."""
    if _is_list(document):
        return [_typed(item, document) for item in document["items"] or ()]
    return () if document is None else (document,)


def _flat(found: Any) -> Iterator[Any]:
    """Give what was found, or, if that is a list again, what is in it; what stands in a list is never nothing."""
    if not _is_list(found):
        yield found
        return
    for item in _taken_apart(found):
        yield from _flat(item)


def _typed(item: Any, found_in: Mapping[Any, Any]) -> Any:
    """Give an item of a list with its type; in a typed one such as `IngressList` it says so only once, for all."""
    kind = str(found_in["kind"]).removesuffix("List")
    if not kind or not isinstance(item, Mapping) or item.get("kind") or item.get("apiVersion"):
        return item
    return {**item, "apiVersion": found_in.get("apiVersion"), "kind": kind}


def _is_list(document: Any) -> bool:
    """Recognise `kind: List` and the typed ones such as `IngressList`, as `kubectl get -o yaml` writes them."""
    return (
        isinstance(document, Mapping)
        and str(document.get("kind", "")).endswith("List")
        and isinstance(document.get("items"), list | None)
        and "items" in document
    )


def _manifest(document: Any, line: int) -> Manifest:
    if not isinstance(document, Mapping):
        raise ManifestError(line, f"is no Kubernetes object: expected a mapping, got {type(document).__name__}")
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    api_version = _text(document, "apiVersion", line)
    group, _, version = api_version.rpartition("/")
    kind = Kind(group, version, _text(document, "kind", line))
    name = _text(metadata, "name", line, "metadata.")
    namespace = _text(metadata, "namespace", line, "metadata.") if metadata.get("namespace") else ""
    try:
        json = msgspec.json.encode(document)
        if b"null" in json:
            json = msgspec.json.encode(_without_nulls(document))
    except (TypeError, ValueError, RecursionError) as error:
        raise ManifestError(line, f"{kind.name} {name} cannot be written as JSON: {error}") from error
    return Manifest(kind, namespace, name, line, json)


def _without_nulls(value: Any) -> Any:
    """Leave out the keys that have no value: an API server takes them for absent, and so fills in their defaults."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _text(mapping: Mapping[Any, Any], key: str, line: int, prefix: str = "") -> str:
    value = mapping.get(key)
    if isinstance(value, str) and value:
        return value
    got = "it is missing" if value is None else f"got {value!r}"
    raise ManifestError(line, f"is no Kubernetes object: {prefix}{key} must be a text, {got}")
