"""Manifest files into JSON objects that know their file and line.

`FolderCluster` calls it. YAML is read as Kubernetes does: several documents in a file, `kind: List` taken apart,
time stamps left as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from ako.core.base.refs import Kind

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


def _loader_class() -> Any:
    """Give libyaml's safe loader where PyYAML has it, changed to what Kubernetes makes of YAML.

    Time stamps stay text, as JSON has none; a key given twice is a fault, as for `kubectl`.
    """
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [(tag, pattern) for tag, pattern in candidates if tag != "tag:yaml.org,2002:timestamp"]
        for first, candidates in base.yaml_implicit_resolvers.items()
    }

    def construct_mapping(loader: Any, node: yaml.MappingNode, deep: bool = False) -> Any:
        _refuse_twice(node)
        return base.construct_mapping(loader, node, deep)

    return type("_Loader", (base,), {"yaml_implicit_resolvers": resolvers, "construct_mapping": construct_mapping})


def _refuse_twice(node: yaml.MappingNode) -> None:
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is given twice", key.start_mark)
            seen.add(key.value)


_Loader = _loader_class()


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
    documents = _json_document(text) if path.suffix.lower() == ".json" else _yaml_documents(text)
    return tuple(_manifest(document, line) for document, line in _taken_apart(documents))


_Located = tuple[Any, int, tuple[int, ...]]
"""A document, its line, and the lines of its `items`."""


def _json_document(text: bytes) -> Iterator[_Located]:
    try:
        yield msgspec.json.decode(text), 1, ()
    except msgspec.DecodeError as error:
        raise ManifestError(1, f"is not JSON: {error}") from error


def _yaml_documents(text: bytes) -> Iterator[_Located]:
    loader = None
    try:
        loader = _Loader(text)
        while loader.check_node():
            node = loader.get_node()
            document = loader.construct_document(node)
            yield document, node.start_mark.line + 1, tuple(_item_lines(node))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ManifestError(_line_of(error, text), f"is not YAML: {_cause_of(error)}") from error
    finally:
        if loader is not None:
            loader.dispose()


def _item_lines(node: yaml.Node) -> Iterator[int]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if key.value == "items" and isinstance(value, yaml.SequenceNode):
            yield from (item.start_mark.line + 1 for item in value.value)


def _line_of(error: Exception, text: bytes) -> int:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return int(error.problem_mark.line) + 1
    position = getattr(error, "position", 0)
    return text[: position if isinstance(position, int) else 0].count(b"\n") + 1


def _cause_of(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return ", ".join(part for part in (error.problem, error.context) if part)
    return " ".join(str(error).split()) or type(error).__name__


def _taken_apart(documents: Iterable[_Located]) -> Iterator[tuple[Any, int]]:
    """Give each object of each document; empty documents between `---` lines are no objects."""
    for document, line, item_lines in documents:
        if document is None:
            continue
        if not _is_list(document):
            yield document, line
            continue
        items = document.get("items") or ()
        lines = item_lines if len(item_lines) == len(items) else (line,) * len(items)
        yield from zip(items, lines, strict=True)


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
    except (TypeError, ValueError, RecursionError) as error:
        raise ManifestError(line, f"{kind.name} {name} cannot be written as JSON: {error}") from error
    return Manifest(kind, namespace, name, line, json)


def _text(mapping: Mapping[Any, Any], key: str, line: int, prefix: str = "") -> str:
    value = mapping.get(key)
    if isinstance(value, str) and value:
        return value
    got = "it is missing" if value is None else f"got {value!r}"
    raise ManifestError(line, f"is no Kubernetes object: {prefix}{key} must be a text, {got}")
