"""The Controller's object model: which types exist, their fields, and what each API version knows of them.

Read once in a process from the packaged data; validation and rendering compile their tables from it.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import msgspec

Version = tuple[int, ...]

_VERSION = re.compile(r"\d+(\.\d+){1,3}\Z")


def parse_version(text: str) -> Version:
    """Turn ``20.1.5`` into a comparable tuple; ValueError if it is no version."""
    if not _VERSION.match(text):
        raise ValueError(f"{text!r} is no version; write it like 20.1.5")
    return tuple(int(part) for part in text.split("."))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message."""

    name: str
    base: str
    target: str
    spec: dict[str, Any]
    since: tuple[Version, ...]
    until: Version | None

    @property
    def is_list(self) -> bool:
        """Say whether the field repeats."""
        return bool(self.spec.get("list"))

    @property
    def readonly(self) -> bool:
        """Say whether the Controller alone writes it."""
        return bool(self.spec.get("readonly"))

    def known_to(self, version: Version) -> bool:
        """Say whether an API version has the field; a release branch of its own entry goes by that entry."""
        if self.until is not None and version >= self.until:
            return False
        if not self.since:
            return True
        for introduced in self.since:
            if introduced[:2] == version[:2]:
                return version >= introduced
        return any(introduced <= version for introduced in self.since)

    def introduced_for(self, version: Version) -> Version:
        """Return the entry of ``since`` that belongs to a Controller's release branch."""
        fitting = [introduced for introduced in self.since if introduced <= version]
        return fitting[0] if fitting else self.since[0]


@dataclass(frozen=True, slots=True)
class Kind:
    """An object type of the API."""

    name: str
    model: str
    prefix: str
    is_open: bool
    cloud_scoped: bool
    tenant_scoped: bool
    write_only: tuple[str, ...]
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """The whole object model."""

    kinds: dict[str, Kind]
    by_model: dict[str, Kind]
    enums: dict[str, frozenset[str]]
    types: dict[str, dict[str, Field]] = field(repr=False)


@functools.cache
def load_schema() -> Schema:
    """Read the packaged object model."""
    raw = msgspec.json.decode(resources.files("ako.sim").joinpath("data/avi_schema.json").read_bytes())
    kinds = {name: _kind(name, spec) for name, spec in raw["objects"].items()}
    return Schema(
        kinds=kinds,
        by_model={kind.model: kind for kind in kinds.values()},
        enums={name: frozenset(values) for name, values in raw["enums"].items()},
        types={
            name: {label: _field(label, spec) for label, spec in fields.items()}
            for name, fields in raw["types"].items()
        },
    )


def _kind(name: str, spec: dict[str, Any]) -> Kind:
    return Kind(
        name=name,
        model=spec["model"],
        prefix=spec["prefix"],
        is_open=spec.get("open", False),
        cloud_scoped=spec.get("cloud_scoped", False),
        tenant_scoped=spec.get("tenant_scoped", False),
        write_only=tuple(spec.get("write_only", ())),
        methods=tuple(spec.get("methods", ("GET", "POST", "PUT", "PATCH", "DELETE"))),
    )


def _field(name: str, spec: dict[str, Any]) -> Field:
    base, _, target = spec["type"].partition(":")
    since = tuple(parse_version(part) for part in spec.get("since", "").split(",") if part)
    until = parse_version(spec["until"]) if "until" in spec else None
    return Field(name, base, target, spec, since, until)
