"""A folder of manifests in the words of an API server: files go in, statuses and Events come from the report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from ako.core.kube.merge_patch import merge_patched
from ako.testing.kube_api import ApiError
from tests.scenarios.scenario import JsonObject

LOOK = 0.5
"""Seconds between two looks of the product at a folder."""

Key = tuple[str, str, str]
"""Kind, namespace and name; who names no namespace means `default`."""


@dataclass(frozen=True, slots=True)
class _Lying:
    """An object in its file; how many lines the report had when it came, and its age among the others."""

    manifest: JsonObject
    since: int
    age: int


class ManifestFolder:
    """What a scenario needs of an API server, with `ako run --manifests DIR --report FILE` behind it.

    Files name no ages, as those of users do. Who reads here gets them: what comes in one `apply` is equally old.
    """

    def __init__(self, folder: Path) -> None:
        self._draft = folder / "draft"
        self._manifests = folder / "manifests"
        self._manifests.mkdir()
        self._report = folder / "report.jsonl"
        self._lying: dict[Key, _Lying] = {}
        self._age = 0
        self._told: list[tuple[Key, JsonObject]] = []
        self._read = 0
        self.arguments = ("--manifests", str(self._manifests), "--report", str(self._report))

    def apply(self, *manifests: JsonObject) -> Sequence[JsonObject]:
        """Write a file for each object, in place of that which it had."""
        self._age += 1
        # A look that comes in between finds those first that win where ages are equal.
        for key, manifest in sorted(((_key_of(one), one) for one in manifests), key=lambda pair: pair[0][1:]):
            bare = {name: value for name, value in manifest["metadata"].items() if name != "creationTimestamp"}
            there = self._lying.get(key)
            since, age = (there.since, there.age) if there else (self.mark(), self._age)
            self._lying[key] = _Lying({**manifest, "metadata": bare}, since, age)
            self._draft.write_text(json.dumps(self._lying[key].manifest), encoding="utf-8")
            self._draft.rename(self._file(key))
        return manifests

    def delete(self, manifest: JsonObject, /) -> None:
        """Remove the file of an object."""
        key = _key_of(manifest)
        if self._lying.pop(key, None) is None:
            raise ApiError(HTTPStatus.NOT_FOUND, "NotFound", f"no file holds {key}")
        self._file(key).unlink()

    def get(self, kind: str, namespace: str, name: str) -> JsonObject | None:
        """Give an object with its status and age, None if it has no file."""
        key = _key(kind, namespace, name)
        return None if key not in self._lying else list(self._versions(key))[-1][1]

    def list(self, kind: str, /) -> Sequence[JsonObject]:
        """Give the objects of a kind."""
        found = (self.get(*key) for key in list(self._lying) if key[0] == kind)
        return [item for item in found if item is not None]

    def events(self) -> Sequence[JsonObject]:
        """Give all Events."""
        return [
            {"regarding": dict(zip(("kind", "namespace", "name"), key, strict=True)), **entry["event"]}
            for key, entry in self._lines()
            if "event" in entry
        ]

    def mark(self) -> int:
        """Give how long the report is."""
        return len(self._lines())

    def history(self, kind: str, namespace: str, name: str, since: int, /) -> Sequence[JsonObject]:
        """Give every version that an object has had since a mark, oldest first."""
        return [version for number, version in self._versions(_key(kind, namespace, name)) if number >= since]

    def write_kubeconfig(self, path: Path, user: str, /) -> Path:
        """Refuse: nobody has to be let into a folder."""
        raise LookupError(f"{path}: {user} is not asked for by a folder")

    def _file(self, key: Key) -> Path:
        return self._manifests / f"{'.'.join(key)}.json"

    def _versions(self, key: Key) -> Iterator[tuple[int, JsonObject]]:
        """Give an object as it lies there, then after each status that it got, each with the line of the report."""
        lying = self._lying[key]
        age = f"2026-01-01T{lying.age // 60:02}:{lying.age % 60:02}:00Z"
        version = {**lying.manifest, "metadata": {**lying.manifest["metadata"], "creationTimestamp": age}}
        yield -1, version
        for number, (about, entry) in enumerate(self._lines()):
            if number >= lying.since and about == key and "status" in entry:
                version = {**version, "status": merge_patched(version.get("status"), entry["status"]) or {}}
                yield number, version

    def _lines(self) -> Sequence[tuple[Key, JsonObject]]:
        if self._report.exists():
            with self._report.open("rb") as report:
                report.seek(self._read)
                for line in report:
                    if not line.endswith(b"\n"):
                        break  # it is being written
                    self._read += len(line)
                    entry = json.loads(line)
                    self._told.append((_key(*entry["object"].split("/")[-3:]), entry))
        return self._told


def _key_of(manifest: JsonObject) -> Key:
    return _key(manifest["kind"], manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"])


def _key(kind: str, namespace: str, name: str) -> Key:
    return kind, namespace or "default", name
