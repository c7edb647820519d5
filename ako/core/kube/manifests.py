"""Manifest files into JSON objects that know their line.

`FolderCluster` calls it. Files are read as kubectl does: several documents in a file, `kind: List` taken apart, a key
whose value is `null` left out.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from ako.core.base.refs import Kind
from ako.core.base.yaml_documents import YamlDocument, YamlError, yaml_documents

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})

_NAME = re.compile("(?!\\.{1,2}$)[^/%\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""What an API server takes for a name, at the most: what can be a part of a path, and of a line."""

_NAMESPACE = re.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Fault(Struct, frozen=True, order=True):
    """Something wrong in a manifest, as text a user can act on; `reason` is one CamelCase word for it."""

    file: str
    line: int
    text: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class Manifest(Struct, frozen=True):
    """One object: what it is, where it is written, and its JSON; `number` counts the objects of a file from 0."""

    kind: Kind
    namespace: str
    name: str
    line: int
    json: bytes
    number: int = 0


class Slip(Exception):  # noqa: N818 - no error of the program
    """One thing that is wrong in a file."""

    def __init__(self, line: int, reason: str, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.reason = reason
        self.text = text


class ManifestError(Exception):
    """A file cannot be taken in; `slips` are all that is wrong in it, as far as it could be read."""

    def __init__(self, *slips: Slip) -> None:
        super().__init__(*slips)
        self.slips = slips


class Written(NamedTuple):
    """An object as a file has it: what it is, where it lies in its document, and that document; JSON has no lines."""

    value: Any
    steps: tuple[object, ...] = ()
    document: YamlDocument | None = None

    @property
    def line(self) -> int:
        """Give the line it begins at."""
        return self.document.line_of(*self.steps) if self.document else 1


def manifest_files(place: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Give the manifest files of a folder and the folders in it, ordered by path; hidden ones are left out.

    What is a file itself is one, whatever it is called. Links are followed, but not back to where they are.

    Args:
        place: the folder, or the file.
        above: the folders that it is in, as far as they are looked through.

    Raises:
        OSError: a folder cannot be read.
    """
    if place.is_file():
        yield place
        return
    real = place.resolve()
    if real in above:
        return
    for entry in sorted(place.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from manifest_files(entry, above | {real})
        elif entry.suffix.lower() in _SUFFIXES:
            yield entry


def read_manifests(path: Path, text: bytes | None = None) -> tuple[Manifest, ...]:
    """Read all objects of a file, or of a text in its place.

    Raises:
        ManifestError: it cannot be read or some of its documents are no Kubernetes objects.
    """
    found: list[Manifest] = []
    slips: list[Slip] = []
    for number, written in enumerate(written_in(path, text)):
        try:
            found.append(_manifest(written, number))
        except Slip as slip:
            slips.append(slip)
    if slips:
        raise ManifestError(*slips)
    return tuple(found)


def written_in(path: Path, text: bytes | None = None) -> Iterator[Written | Slip]:
    """Give what is written in a file, in order, with what is wrong between; nothing can be read after some of that."""
    try:
        found = path.read_bytes() if text is None else text
    except OSError as error:
        yield Slip(1, "Unreadable", f"cannot be read: {error.strerror}")
        return
    yield from _json_objects(found) if path.suffix.lower() == ".json" else yaml_objects(found)


def _json_objects(text: bytes) -> Iterator[Written | Slip]:
    try:
        document = msgspec.json.decode(text.removeprefix(BOM_UTF8))
    except msgspec.DecodeError as error:
        yield Slip(1, "InvalidJson", f"is not JSON: {error}")
        return
    yield from (Written(found, steps) for found, steps in _taken_apart(document))


def yaml_objects(text: bytes) -> Iterator[Written | Slip]:
    """Give what is written in a text, as `written_in` does."""
    try:
        for document in yaml_documents(text):
            if document.repeated:
                path, line = document.repeated[0]
                yield Slip(line, "InvalidYaml", f"is not YAML: {path[-1]} is given twice")
                continue
            yield from (Written(found, steps, document) for found, steps in _taken_apart(document.value))
    except YamlError as error:
        yield Slip(error.line, "InvalidYaml", f"is not YAML: {error.problem}")


def _taken_apart(document: Any) -> Iterator[tuple[Any, tuple[object, ...]]]:
    """Give the objects of a document; empty documents between `---` lines are no objects."""
    return iter(()) if document is None else _flat(document, ())


def _flat(found: Any, steps: tuple[object, ...]) -> Iterator[tuple[Any, tuple[object, ...]]]:
    """Give what was found, or, if that is a list, what is in it; what stands in a list is never nothing."""
    if not _is_list(found):
        yield found, steps
        return
    for index, item in enumerate(found["items"] or ()):
        yield from _flat(_typed(item, found), (*steps, "items", index))


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


def _manifest(written: Written | Slip, number: int) -> Manifest:
    if isinstance(written, Slip):
        raise written
    document, line = written.value, written.line
    if not isinstance(document, Mapping):
        raise _no_object(line, f"expected a mapping, got {type(document).__name__}")
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    api_version = _text(document, "apiVersion", line)
    group, _, version = api_version.rpartition("/")
    kind = Kind(group, version, _text(document, "kind", line))
    name = _named(metadata, "name", line, _NAME, "cannot be a name: it holds '/', '%' or a control character")
    namespace = ""
    if metadata.get("namespace"):
        why = "cannot be that of a namespace: use at most 63 of a-z, 0-9 and '-', which begins and ends none"
        namespace = _named(metadata, "namespace", line, _NAMESPACE, why)
    try:
        json = msgspec.json.encode(document)
        if b"null" in json:
            json = msgspec.json.encode(_without_nulls(document))
    except (TypeError, ValueError, RecursionError) as error:
        raise Slip(line, "InvalidObject", f"{kind.name} {name} cannot be written as JSON: {error}") from error
    return Manifest(kind, namespace, name, line, json, number)


def _no_object(line: int, why: str) -> Slip:
    return Slip(line, "InvalidObject", f"is no Kubernetes object: {why}")


def _without_nulls(value: Any) -> Any:
    """Leave out the keys that have no value: an API server takes them for absent, and so fills in their defaults."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _named(metadata: Mapping[Any, Any], key: str, line: int, form: re.Pattern[str], why: str) -> str:
    """Give a name that an API server would take: what stands in files has been through none."""
    name = _text(metadata, key, line, "metadata.")
    if form.fullmatch(name):
        return name
    raise _no_object(line, f"metadata.{key} {name[:80]!r} {why}")


def _text(mapping: Mapping[Any, Any], key: str, line: int, prefix: str = "") -> str:
    value = mapping.get(key)
    if isinstance(value, str) and value:
        return value
    got = "it is missing" if value is None else f"got {value!r}"
    raise _no_object(line, f"{prefix}{key} must be a text, {got}")
