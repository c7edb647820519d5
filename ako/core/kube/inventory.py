"""The objects in a folder of manifests: which file holds what, kept at the last good version of each file.

`FolderCluster` asks it; it knows nothing of watching or of records.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName, ObjectRef
from ako.core.kube.manifests import Fault, Manifest, ManifestError, manifest_files, read_manifests
from ako.typed_json import reader

_log = logging.getLogger(__name__)

_DEFINITION = Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
_ALWAYS_KNOWN: Mapping[Kind, bool] = {
    Kind("", "v1", "ConfigMap"): True,
    Kind("", "v1", "Secret"): True,
    _DEFINITION: False,
}

_Signature = tuple[int, int, int]

_FORMER_GROUPS: Mapping[tuple[str, str], str] = {
    ("extensions", "Ingress"): "networking.k8s.io",
    ("", "Route"): "route.openshift.io",
}
"""Group and kind as they were written once → the group of today; the same kind in any other group is another kind."""


class _File(Struct):
    """One file: what it looked like when it was last read, its last good content, and what is wrong with it."""

    signature: _Signature
    manifests: tuple[Manifest, ...] = ()
    faults: tuple[Fault, ...] = ()


class _Placed(Struct, frozen=True):
    """An object in its place: the file that counts, and its JSON under the name that it has in a cluster."""

    path: Path
    manifest: Manifest
    json: bytes


class _Names(Struct, frozen=True):
    kind: str = ""


class _Version(Struct, frozen=True):
    name: str = ""
    served: bool = True


class _DefinitionSpec(Struct, frozen=True):
    group: str = ""
    names: _Names = _Names()
    versions: tuple[_Version, ...] = ()


class _CustomResourceDefinition(Struct, frozen=True):
    spec: _DefinitionSpec = _DefinitionSpec()


_decode_definition = reader(_CustomResourceDefinition).decode


class Inventory:
    """Files by path and objects by kind and name; not for several threads at once.

    Attributes:
        places: the folders and files with the manifests.
        faults: what is wrong with them now, ordered by file and line.
        version: counts the scans that found something new; 0 until the folder could be read once, and nothing is known.
    """

    def __init__(self, *places: Path) -> None:
        self.places = places
        self.faults: tuple[Fault, ...] = ()
        self.version = 0
        self._is_hidden = False
        self._given: dict[Path, bytes] = {}
        self._namespaced: dict[Kind, bool] = dict(_ALWAYS_KNOWN)
        self._files: dict[Path, _File] = {}
        self._objects: dict[Kind, dict[NamespacedName, _Placed]] = {}
        self._defined: frozenset[Kind] = frozenset()
        self._never_read: set[Path] = set()

    def give(self, path: Path, text: bytes) -> None:
        """Count a text as a file that lies nowhere."""
        self._given[path] = text

    def declare(self, namespaced: Mapping[Kind, bool]) -> None:
        """Say which kinds count, and whether each is namespaced."""
        self._namespaced = {**_ALWAYS_KNOWN, **namespaced}
        self._place()

    def refresh(self) -> None:
        """Read what changed in the folder."""
        try:
            paths = {path: _signature(path) for place in self.places for path in manifest_files(place)}
        except OSError as error:
            # Not an empty folder: what it held stays.
            fault = Fault(str(error.filename), 1, f"cannot be read: {error.strerror}", "Unreadable")
            self._note((fault, *self._file_faults()))
            self._is_hidden = True
            return
        paths |= {path: (hash(text), len(text), 0) for path, text in self._given.items()}
        changed = {p: s for p, s in paths.items() if p not in self._files or self._files[p].signature != s}
        if not changed and paths.keys() == self._files.keys() and self.version and not self._is_hidden:
            return
        self._is_hidden = False
        for path, signature in changed.items():
            self._read(path, signature)
        self._files = {path: self._files[path] for path in paths}
        self._never_read.intersection_update(paths)
        self.version += 1
        self._place()

    def objects(self, kind: Kind) -> Iterator[tuple[NamespacedName, bytes]]:
        """Give name and JSON of each object of a kind."""
        return ((name, placed.json) for name, placed in self._objects.get(kind, {}).items())

    def get(self, ref: ObjectRef) -> bytes | None:
        """Give the JSON of one object, None if no file holds it."""
        placed = self._objects.get(ref.kind, {}).get(ref.namespaced_name)
        return None if placed is None else placed.json

    def where(self, ref: ObjectRef) -> str | None:
        """Give file and line of one object, None if no file holds it."""
        found = self.written(ref)
        return None if found is None else f"{found[0]}:{found[1].line}"

    def written(self, ref: ObjectRef) -> tuple[Path, Manifest] | None:
        """Give the file of one object and how it is written there, None if no file holds it."""
        placed = self._objects.get(ref.kind, {}).get(ref.namespaced_name)
        return None if placed is None else (placed.path, placed.manifest)

    def manifests(self) -> Iterator[Manifest]:
        """Give all that is written in the files, whether it counts or not."""
        return (manifest for file in self._files.values() for manifest in file.manifests)

    def never_read(self) -> str:
        """Name a file whose content was never known; empty if there is none."""
        return next((f"{path} was never readable" for path in sorted(self._never_read)), "")

    def defines(self, kind: Kind) -> bool:
        """Say whether a CustomResourceDefinition in the folder serves a kind."""
        return kind in self._defined

    def kinds_of_group(self, group: str) -> tuple[str, ...]:
        """Give the kinds of a group that have a definition or an object, ordered by name."""
        written = (manifest.kind for manifest in self.manifests())
        return tuple(sorted({kind.name for kind in (*self._defined, *written) if kind.group == group}))

    def _read(self, path: Path, signature: _Signature) -> None:
        known = self._files.get(path)
        try:
            self._files[path] = _File(signature, read_manifests(path, self._given.get(path)))
        except ManifestError as error:
            faults = tuple(Fault(str(path), slip.line, slip.text, slip.reason) for slip in error.slips)
            self._files[path] = _File(signature, known.manifests if known else (), faults)
            if known is None:
                self._never_read.add(path)
        else:
            self._never_read.discard(path)

    def _place(self) -> None:
        """Give each object its name; of two with one name, the first by path is the object."""
        self._objects = {}
        faults = list(self._file_faults())
        versions = {(kind.group, kind.name): kind.api_version for kind in self._namespaced}
        for path, file in self._files.items():
            for manifest in file.manifests:
                kind = manifest.kind
                if kind not in self._namespaced:
                    group = _FORMER_GROUPS.get((kind.group, kind.name), kind.group)
                    served = versions.get((group, kind.name))
                    if served:
                        text = f"{kind.name} {manifest.name}: apiVersion {kind.api_version} is not read; use {served}"
                        faults.append(Fault(str(path), manifest.line, text, "OldApiVersion"))
                    continue
                placed, name = self._objects.setdefault(kind, {}), self._name(manifest)
                if (first := placed.get(name)) is None:
                    placed[name] = _Placed(path, manifest, _named(manifest, name))
                else:
                    text = f"{kind.name} {name} is already in {first.path}:{first.manifest.line}"
                    text += ", which counts; remove one of them"
                    faults.append(Fault(str(path), manifest.line, text, "DuplicateObject"))
        self._defined = frozenset(self._definitions())
        self._note(faults)

    def _name(self, manifest: Manifest) -> NamespacedName:
        if not self._namespaced[manifest.kind]:
            return NamespacedName("", manifest.name)
        return NamespacedName(manifest.namespace or "default", manifest.name)

    def _definitions(self) -> Iterator[Kind]:
        for _, raw in self.objects(_DEFINITION):
            try:
                spec = _decode_definition(raw).spec
            except msgspec.DecodeError:
                continue
            yield from (Kind(spec.group, v.name, spec.names.kind) for v in spec.versions if v.served)

    def _file_faults(self) -> Iterator[Fault]:
        return (fault for file in self._files.values() for fault in file.faults)

    def _note(self, faults: tuple[Fault, ...] | list[Fault]) -> None:
        """Log each fault once, when it comes."""
        known, self.faults = set(self.faults), tuple(sorted(faults))
        for fault in self.faults:
            if fault not in known:
                _log.warning("%s", fault)


def _named(manifest: Manifest, name: NamespacedName) -> bytes:
    """Give the JSON of an object with the namespace that it has in a cluster, where it is written otherwise."""
    if manifest.namespace == name.namespace:
        return manifest.json
    document = msgspec.json.decode(manifest.json)
    metadata = {key: value for key, value in document["metadata"].items() if key != "namespace"}
    if name.namespace:
        metadata["namespace"] = name.namespace
    return msgspec.json.encode({**document, "metadata": metadata})


def _signature(path: Path) -> _Signature:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino
