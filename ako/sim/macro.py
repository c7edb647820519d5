"""Macros: a hierarchy of objects written, or deleted, in one request."""

from __future__ import annotations

from typing import Any

from ako.sim.problems import not_found, refuse
from ako.sim.schema import Field, Kind, Schema
from ako.sim.store import Json, Record, Store
from ako.sim.writes import Scope, Writer

_NEVER_DELETED = frozenset({"tenant", "cloud", "serviceengine", "network", "vrfcontext", "serviceenginegroup"})
_SUFFIX = "_data"


class Macro:
    """Writes hierarchies; an error rolls back what was created before it."""

    def __init__(self, schema: Schema, store: Store, writer: Writer) -> None:
        self._schema = schema
        self._store = store
        self._writer = writer

    def kind_of(self, body: Any) -> Kind:
        """Return the type of the top object of a macro body; ApiError if there is none."""
        model = body.get("model_name") if isinstance(body, dict) else None
        kind = self._schema.by_model.get(model) if isinstance(model, str) else None
        if kind is None or not isinstance(body.get("data"), dict):
            raise refuse(400, "A macro needs a known model_name and an object data")
        return kind

    def write(self, body: Json, scope: Scope) -> list[Record]:
        """Create a hierarchy, or update it where its data name a uuid; returns the objects written, top last."""
        kind = self.kind_of(body)
        with self._store.lock:
            written: list[tuple[Record, Record | None]] = []
            try:
                self._write(kind, body["data"], scope, written)
            except BaseException:
                self._roll_back(written)
                raise
            return [record for record, _ in written]

    def delete(self, body: Json, scope: Scope) -> list[Record]:
        """Delete an object and whatever it refers to that nothing else uses."""
        kind = self.kind_of(body)
        with self._store.lock:
            uuid = body["data"].get("uuid")
            top = self._store.get(kind.name, uuid) if isinstance(uuid, str) else None
            if top is None:
                raise not_found(kind.model)
            deleted = [self._writer.delete(kind, top.uuid, scope)]
            waiting = self._referred_by(top)
            while waiting:
                record = waiting.pop()
                if record.kind in _NEVER_DELETED or record.system or self._store.is_referred(record.uuid):
                    continue
                if self._store.get(record.kind, record.uuid) is not None:
                    deleted.append(self._writer.delete(self._schema.kinds[record.kind], record.uuid, scope))
                    waiting += self._referred_by(record)
            return deleted

    def _referred_by(self, record: Record) -> list[Record]:
        found = []
        for uuid in record.targets:
            for kind in self._schema.kinds:
                target = self._store.get(kind, uuid)
                if target is not None:
                    found.append(target)
        return found

    def _write(self, kind: Kind, data: Json, scope: Scope, written: list[tuple[Record, Record | None]]) -> str:
        body = self._flattened(kind.model, data, scope, written)
        uuid = body.get("uuid")
        before = self._store.get(kind.name, uuid) if isinstance(uuid, str) else None
        if before is not None:
            record = self._writer.replace(kind, before.uuid, body, scope)
        else:
            record = self._writer.create(kind, body, scope)
        written.append((record, before))
        return record.uuid

    def _flattened(self, model: str, data: Json, scope: Scope, written: list[tuple[Record, Record | None]]) -> Json:
        """Return a body in which the inline objects are written and referred to."""
        fields = self._schema.types.get(model, {})
        body: Json = {}
        for name, value in data.items():
            inline = fields.get(name.removesuffix(_SUFFIX)) if name.endswith(_SUFFIX) else None
            if inline is not None and inline.base == "ref":
                kind = self._schema.kinds[inline.target]
                items = _inline_objects(name, inline, value)
                uuids = [self._write(kind, item, scope, written) for item in items]
                body[inline.name] = uuids if inline.is_list else uuids[0]
            else:
                body[name] = self._nested(fields.get(name), value, scope, written)
        return body

    def _nested(
        self, known: Field | None, value: Any, scope: Scope, written: list[tuple[Record, Record | None]]
    ) -> Any:
        if known is None or known.base != "object":
            return value
        if isinstance(value, list):
            return [self._nested(known, item, scope, written) for item in value]
        return self._flattened(known.target, value, scope, written) if isinstance(value, dict) else value

    def _roll_back(self, written: list[tuple[Record, Record | None]]) -> None:
        for record, before in reversed(written):
            if before is None:
                self._writer.discard(record)
            else:
                self._store.put(before)


def _inline_objects(name: str, inline: Field, value: Any) -> list[Json]:
    """Return the objects that stand in the place of a reference, or of a list of them; ApiError if these are none."""
    items = value if inline.is_list else [value]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise refuse(400, f"{name} needs {'a list of objects' if inline.is_list else 'an object'}, got {value!r}")
    return items
