"""All mutations of the objects of a state: generic over their content, as the Controller's schema describes it.

Objects are those as they are stored: a reference in them is a mark with type and uuid. What the Controller alone
writes (uuid, url, times, what it reads from a certificate) is not touched.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ako.sim.schema import Field, Schema
from ako.sim.store import MARK, Json, Record, mark
from tests.traffic.mutations.scripting import broken
from tests.traffic.mutations.tracing import Path, Seen

OWN = frozenset({"uuid", "url", "_last_modified"})
GONE: Any = object()
"""Stands for a value that is not there any more."""


@dataclass(frozen=True)
class Mutation:
    """One thing that is wrong.

    Attributes:
        kind: type of the object.
        name: of the object.
        path: the field, with `[]` for any place in a list; empty for the whole object.
        deed: what was done, in a word or two.
        detail: to what exactly.
        changed: objects by uuid as they are then; None for one that is gone.
        touched: the values that are others then; None where that cannot be told.
    """

    kind: str
    name: str
    path: str
    deed: str
    detail: str
    changed: Mapping[str, Record | None]
    touched: frozenset[Seen] | None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.path or 'object'} {self.deed}: {self.detail}"


@dataclass(frozen=True)
class Pair:
    """A certificate that serves, with its key."""

    certificate: str
    key: str


class Changes:
    """Gives the mutations of objects of ours among all objects of a Controller."""

    def __init__(
        self,
        schema: Schema,
        records: Sequence[Record],
        ours: Sequence[Record],
        stranger: Pair,
        fields: Set[tuple[str, str]],
    ) -> None:
        """Look at objects of ours, and of them at some fields: (type, path)."""
        self._schema = schema
        self._records = records
        self._ours = ours
        self._stranger = stranger
        self._fields = fields

    def all(self) -> Iterator[Mutation]:
        """Give all mutations."""
        for record in self._ours:
            yield from self._dropped(record)
            message = self._schema.kinds[record.kind].model
            for path, deed, detail, value in self._of_fields(message, record.data, ()):
                if (record.kind, pattern_of(path)) in self._fields:
                    yield self._changed(record, path, deed, detail, value)
            if record.secret:
                yield from self._of_key(record)

    # ---- of whole objects ----------------------------------------------------------------------------------------

    def _dropped(self, record: Record) -> Iterator[Mutation]:
        """Take the object away: references to it dangle, or go with it."""
        alone: dict[str, Record | None] = {record.uuid: None}
        yield Mutation(record.kind, record.name, "", "dropped", "references to it dangle", alone, None)
        reference = mark(record.kind, record.uuid)
        users = [one for one in self._records if record.uuid in one.targets]
        without = {one.uuid: replace(one, data=_without(one.data, reference)) for one in users}
        yield Mutation(record.kind, record.name, "", "dropped", "with all references to it", {**alone, **without}, None)

    def _of_key(self, record: Record) -> Iterator[Mutation]:
        for deed, detail, key in (("changed", "the key of another", self._stranger.key), ("dropped", "no key", "")):
            other = replace(record, secret=key)
            yield Mutation(record.kind, record.name, "key", deed, detail, {record.uuid: other}, None)
        data = _with(record.data, ("certificate", "certificate"), self._stranger.certificate)
        other = replace(record, secret=self._stranger.key, data=data)
        changed = {record.uuid: other}
        yield Mutation(record.kind, record.name, "certificate and key", "changed", "those of another", changed, None)

    def _changed(self, record: Record, path: Path, deed: str, detail: str, value: Any) -> Mutation:
        data = _with(record.data, path, value)
        other = replace(record, data=data, name=data.get("name", ""))
        # Scripts choose pool groups by their names, which are no part of what is traced.
        by_name = path == ("name",) and record.kind == "poolgroup"
        # The children of a parent are found by an index of the references.
        touched = None if by_name or path == ("vh_parent_vs_ref",) else frozenset(_places(record.uuid, path, deed))
        return Mutation(record.kind, record.name, pattern_of(path), deed, detail, {record.uuid: other}, touched)

    # ---- of values: (place, deed, detail, new value) -----------------------------------------------------------------

    def _of_fields(self, message: str, data: Json, path: Path) -> Iterator[tuple[Path, str, str, Any]]:
        fields = self._schema.types.get(message, {})
        for name, value in data.items():
            known = fields.get(name)
            if name in OWN or (known is not None and known.readonly):
                continue
            default = known.spec.get("default", GONE) if known is not None else GONE
            if value not in ([], {}, default):
                yield (*path, name), "dropped", "the field is left out", default
            yield from self._of_value(known, value, (*path, name))

    def _of_value(self, known: Field | None, value: Any, path: Path) -> Iterator[tuple[Path, str, str, Any]]:
        if isinstance(value, dict):
            yield from self._of_fields(known.target if known else "", value, path)
        elif isinstance(value, list):
            yield from self._of_list(known, value, path)
        else:
            yield from self._of_leaf(known, value, path)

    def _of_list(self, known: Field | None, entries: list[Any], path: Path) -> Iterator[tuple[Path, str, str, Any]]:
        for place, entry in enumerate(entries):
            here = (*path, place)
            yield here, "dropped", f"entry {place} of {len(entries)}", GONE
            yield from self._of_value(known, entry, here)
        for place, (one, other) in enumerate(pairwise(entries)):
            if one != other:
                swapped = [*entries[:place], other, one, *entries[place + 2 :]]
                yield (*path, place), "reordered", f"entries {place} and {place + 1}", ("whole", path, swapped)
            if isinstance(one, dict) and one.get("index") != other.get("index"):
                first, second = {**one, "index": other.get("index")}, {**other, "index": one.get("index")}
                swapped = [*entries[:place], first, second, *entries[place + 2 :]]
                yield (*path, place, "index"), "reordered", f"indexes {place}, {place + 1}", ("whole", path, swapped)

    def _of_leaf(self, known: Field | None, value: Any, path: Path) -> Iterator[tuple[Path, str, str, Any]]:
        if isinstance(value, bool):
            yield path, "changed", f"{value} → {not value}", not value
        elif isinstance(value, int | float):
            for other in (value + 1, value - 1):
                yield path, "changed", f"{value} → {other}", other
        elif isinstance(value, str):
            for deed, detail, other in self._of_text(known, value, path):
                yield path, deed, detail, other

    def _of_text(self, known: Field | None, value: str, path: Path) -> Iterator[tuple[str, str, Any]]:
        if value.startswith(MARK):
            yield from self._of_reference(value)
        elif known is not None and known.base == "enum":
            for other in sorted(self._schema.enums.get(known.target, frozenset()) - {value}):
                yield "changed", f"{value} → {other}", other
        elif path[-1] == "script":
            yield from broken(value)
        elif "-----BEGIN" in value:
            yield "changed", "that of another", self._stranger.certificate
            yield "changed", "a byte of it", _bent(value)
        else:
            yield "changed", f"{value[:40]} → {value[:40]}x", f"{value}x"
            if len(value) > 1:
                yield "changed", f"{value[:40]} → {value[1:40]}", value[1:]
            if other := _next_address(value):
                yield "changed", f"{value} → {other}", other

    def _of_reference(self, value: str) -> Iterator[tuple[str, str, Any]]:
        kind, _, uuid = value[len(MARK) :].partition("/")
        known = [one for one in self._records if one.kind == kind and one.uuid != uuid]
        own = {one.uuid for one in self._ours}
        for other in [one for one in known if one.uuid in own] or known[:2]:
            yield "changed", f"→ {other.name}", mark(kind, other.uuid)


def pattern_of(path: Path) -> str:
    """Write a place in an object, with `[]` for any in a list."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _places(uuid: str, path: Path, deed: str) -> Iterator[Seen]:
    """Give the places of which what is read differs."""
    yield uuid, path
    if deed == "reordered":
        if path[-1] == "index":
            place = path[-2]
            yield uuid, (*path[:-2], int(place) + 1, "index")
        else:
            yield uuid, (*path[:-1], int(path[-1]) + 1)


def _with(value: Any, path: Path, new: Any) -> Any:
    """Give a value with another in a place of it."""
    if isinstance(new, tuple):
        _, path, new = new
    if not path:
        return new
    step, rest = path[0], path[1:]
    left = _with(value[step], rest, new)
    if isinstance(value, list):
        return [*value[: int(step)], *([] if left is GONE else [left]), *value[int(step) + 1 :]]
    changed = {**value, step: left}
    return {key: one for key, one in changed.items() if one is not GONE}


def _without(value: Any, reference: str) -> Any:
    """Give a value without a reference: entries of a list that hold it go as a whole."""
    if isinstance(value, dict):
        return {key: _without(one, reference) for key, one in value.items() if one != reference}
    if isinstance(value, list):
        kept = [one for one in value if one != reference and not (isinstance(one, dict) and reference in one.values())]
        return [_without(one, reference) for one in kept]
    return value


def _bent(pem: str) -> str:
    """Give a certificate of which one letter in its middle is another."""
    place = len(pem) // 2
    while not pem[place].isalnum():
        place += 1
    return f"{pem[:place]}{'A' if pem[place] != 'A' else 'B'}{pem[place + 1 :]}"


def _next_address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value) + 1)
    except ValueError:
        return ""
