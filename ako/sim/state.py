"""Takes over all objects of another Controller, as they are: uuids, references, private keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ako.sim.problems import refuse
from ako.sim.references import ADMIN
from ako.sim.schema import Schema
from ako.sim.store import MARK, Json, Record, Store, mark, target_of

Defaults = Mapping[tuple[str, str], Json]
Objects = Mapping[str, Sequence[Json]]
"""Objects by their types."""


def records_of(schema: Schema, objects: Objects, store: Store) -> list[Record]:
    """Make records of objects; what a store has as its own, by type and name, is a default object here too.

    A reference is any text that ends with type and uuid of one of the objects: a URL, a path, with or without `#name`.

    Raises:
        ApiError: for a type that is not known, or an object without a name or uuid.
    """
    unknown = sorted(objects.keys() - schema.kinds.keys())
    if unknown:
        raise refuse(400, f"There are no object types {unknown}")
    for kind, listed in objects.items():
        for item in listed:
            if not isinstance(item.get("name"), str) or not isinstance(item.get("uuid"), str):
                raise refuse(400, f"An object of type {kind} has no name or no uuid")
    known = {f"{kind}/{item['uuid']}" for kind, listed in objects.items() for item in listed}
    defaults = {(record.kind, record.name): record.data for record in store.records() if record.system}
    return [_record(schema, kind, item, known, defaults) for kind, listed in objects.items() for item in listed]


def _record(schema: Schema, kind: str, item: Json, known: set[str], defaults: Defaults) -> Record:
    own = defaults.get((kind, item["name"]), {})
    # A default object may be told with its name alone: what else it has is what it has here.
    data: Json = {name: value for name, value in own.items() if name not in item and MARK not in str(value)}
    data |= {name: _referring(value, known) for name, value in item.items() if name not in {"key", "url"}}
    data["url"] = mark(kind, item["uuid"])
    tenant = target_of(data.get("tenant_ref", "")) or ADMIN
    scoped = schema.kinds[kind]
    return Record(
        kind=kind,
        uuid=item["uuid"],
        name=item["name"],
        tenant=tenant if scoped.tenant_scoped else ADMIN,
        cloud=target_of(data.get("cloud_ref", "")) if scoped.cloud_scoped else "",
        data=data,
        system=(kind, item["name"]) in defaults,
        secret=item.get("key", ""),
    )


def _referring(value: Any, known: set[str]) -> Any:
    """Give a value with its references in the stored form."""
    if isinstance(value, str) and "/" in value:
        kind, _, uuid = "/".join(value.partition("#")[0].rsplit("/", 2)[-2:]).partition("/")
        return mark(kind, uuid) if f"{kind}/{uuid}" in known else value
    if isinstance(value, list):
        return [_referring(item, known) for item in value]
    if isinstance(value, dict):
        return {name: _referring(item, known) for name, item in value.items()}
    return value
