"""Creates, replaces, patches and deletes objects: every check in the Controller's order, then one atomic change."""

from __future__ import annotations

import uuid as uuids
from dataclasses import dataclass
from typing import Any

from ako.sim import problems
from ako.sim.certificates import SENSITIVE, settle_authorities, settle_certificate
from ako.sim.fills import Filler
from ako.sim.ipam import AddressBook
from ako.sim.patching import json_patched, listed, operations, removed
from ako.sim.problems import FieldCheck, refuse
from ako.sim.references import ADMIN, Place, Resolver
from ako.sim.rendering import Renderer
from ako.sim.rules import check_immutable, check_rules
from ako.sim.schema import Kind, Schema, Version
from ako.sim.store import Json, Record, Store, mark, target_of
from ako.sim.validation import PendingRef, Validator

DEFAULT_CLOUD = "Default-Cloud"
# What is needed even of types whose other fields the object model does not tell.
_OPEN_TEXTS = ("name", "created_by")
_OPEN_REFERENCES = {"tenant_ref": "tenant", "cloud_ref": "cloud"}
_NUMBERED_SINCE: Version = (21, 1, 1)
_CLOUD_BUILT_INS = (
    ("vrfcontext", {"name": "global", "system_default": True}),
    ("vrfcontext", {"name": "management", "system_default": True}),
    ("serviceenginegroup", {"name": "Default-Group"}),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf, and in the words of which API version, a write is made."""

    tenant: str
    validator: Validator
    system: bool = False


class Writer:
    """Changes the configuration."""

    def __init__(self, schema: Schema, store: Store, renderer: Renderer, version: Version) -> None:
        self.limits: dict[str, int] = {}
        self.resolver = Resolver(schema, store)
        self.addresses = AddressBook(store)
        self._schema = schema
        self._store = store
        self._renderer = renderer
        self._numbered = version >= _NUMBERED_SINCE
        self._filler = Filler(schema, self.resolver)

    def create(self, kind: Kind, body: Json, scope: Scope, slug: str = "") -> Record:
        """Create an object; ``slug`` forces its uuid."""
        data, pending = self._checked(kind, body, scope)
        with self._store.lock:
            uuid = slug or f"{kind.prefix}-{uuids.uuid4()}"
            if slug and self._store.get(kind.name, slug) is not None:
                raise problems.duplicate(kind.model, slug)
            record = self._commit(kind, uuid, data, pending, scope)
            if kind.name == "cloud":
                self._furnish(record, scope)
            return record

    def replace(self, kind: Kind, uuid: str, body: Json, scope: Scope) -> Record:
        """Replace an object by a complete body."""
        data, pending = self._checked(kind, body, scope)
        with self._store.lock:
            before = self._own(kind, uuid, scope)
            self._insist_on_state(kind, before, body)
            return self._commit(kind, uuid, data, pending, scope)

    def patch(self, kind: Kind, uuid: str, body: Json, scope: Scope) -> Record:
        """Change some fields of an object."""
        with self._store.lock:
            before = self._own(kind, uuid, scope)
            self._insist_on_state(kind, before, body)
            body = {name: value for name, value in body.items() if name != "_last_modified"}
            if "json_patch" in body:
                patched = json_patched(self._renderer.plain(before), body["json_patch"])
                return self.replace(kind, uuid, _without_runtime(patched), scope)
            data = dict(before.data)
            place = Place(before.tenant, before.cloud)
            for operation, fields in operations(body):
                if operation == "delete":
                    self._take_away(kind, data, fields, place, scope)
                else:
                    self._put_in(kind, data, (operation, fields), place, scope)
            return self._commit(kind, uuid, data, [], scope)

    def delete(self, kind: Kind, uuid: str, scope: Scope) -> Record:
        """Delete an object that nothing refers to."""
        with self._store.lock:
            record = self._own(kind, uuid, scope)
            if record.system:
                raise refuse(403, f"Cannot delete system default {kind.model} {record.name}")
            referrers = self._store.referrers(uuid)
            built_in = [item for item in referrers if item.system] if kind.name == "cloud" else []
            others = [item for item in referrers if item not in built_in]
            others += [user for item in built_in for user in self._store.referrers(item.uuid)]
            if others:
                raise problems.referred(
                    kind.model, [f"{self._schema.kinds[item.kind].model} {item.name}" for item in others]
                )
            for item in [*built_in, record]:
                self.discard(item)
            return record

    def checked_cluster(self, body: Json, scope: Scope) -> Json:
        """Return the fields of the one cluster as they are stored; ApiError if one fails its check."""
        data, pending = scope.validator.whole("Cluster", body)
        self.resolver.settle(pending, Place(scope.tenant))
        return data

    def discard(self, record: Record) -> None:
        """Take an object out without asking; the caller holds the lock."""
        self._store.remove(record)
        self.addresses.release(record.uuid)

    def _checked(self, kind: Kind, body: Any, scope: Scope) -> tuple[Json, list[PendingRef]]:
        if not isinstance(body, dict):
            raise refuse(400, f"{kind.model} must be an object, got {type(body).__name__}")
        if not kind.is_open:
            return scope.validator.whole(kind.model, body)
        if "name" not in body:
            raise FieldCheck("name", "a value is required").as_error()
        return _open_fields(body)

    def _own(self, kind: Kind, uuid: str, scope: Scope) -> Record:
        record = self._store.get(kind.name, uuid)
        if record is None or not self.resolver.visible(record, scope.tenant):
            raise problems.not_found(kind.model)
        if kind.tenant_scoped and record.tenant != scope.tenant:
            raise refuse(400, f"Cannot modify {kind.model} from a tenant other than its own")
        return record

    @staticmethod
    def _insist_on_state(kind: Kind, before: Record, body: Json) -> None:
        if body.get("uuid", before.uuid) != before.uuid:
            raise FieldCheck("uuid", f"{body['uuid']} is not the uuid of the path").as_error()
        if "_last_modified" in body and body["_last_modified"] != before.data["_last_modified"]:
            raise problems.stale(kind.model)

    def _commit(self, kind: Kind, uuid: str, data: Json, pending: list[PendingRef], scope: Scope) -> Record:
        """Resolve, fill, check and store; the caller holds the lock."""
        before = self._store.get(kind.name, uuid)
        cloud = self._place_in_cloud(kind, data, pending, before, scope)
        place = Place(scope.tenant, cloud.uuid if cloud else "")
        self.resolver.settle(pending, place)
        if kind.tenant_scoped:
            tenant = data.setdefault("tenant_ref", mark("tenant", scope.tenant))
            if target_of(tenant) != scope.tenant:
                raise FieldCheck("tenant_ref", "differs from the tenant of the request").as_error()
        self._filler.fill(kind.name, data, place, cloud)
        name = self._free_name(kind, uuid, data, place)
        secret = self._check_object(kind, uuid, data, before, cloud)
        data["uuid"] = uuid
        data["url"] = mark(kind.name, uuid)
        data["_last_modified"] = self._store.next_stamp()
        if self._numbered:
            version = before.data["configpb_attributes"]["version"] + 1 if before else 1
            data["configpb_attributes"] = {"version": version}
        record = Record(
            kind=kind.name,
            uuid=uuid,
            name=name,
            tenant=scope.tenant if kind.tenant_scoped else ADMIN,
            cloud=place.cloud,
            data=data,
            system=before.system if before else scope.system,
            secret=secret,
        )
        self._store.put(record)
        return record

    def _place_in_cloud(
        self, kind: Kind, data: Json, pending: list[PendingRef], before: Record | None, scope: Scope
    ) -> Record | None:
        if not kind.cloud_scoped:
            return None
        if "cloud_ref" in data:
            own = [item for item in pending if item[0] is data and item[1] == "cloud_ref"]
            self.resolver.settle(own, Place(scope.tenant))
        elif before is not None:
            data["cloud_ref"] = mark("cloud", before.cloud)
        else:
            cloud_kind = self._schema.kinds["cloud"]
            default = self.resolver.by_name(cloud_kind, DEFAULT_CLOUD, [scope.tenant, ADMIN], "", scope.tenant)
            data["cloud_ref"] = mark("cloud", default.uuid)
        pending[:] = [item for item in pending if not (item[0] is data and item[1] == "cloud_ref")]
        return self.resolver.referred("cloud", data["cloud_ref"])

    def _free_name(self, kind: Kind, uuid: str, data: Json, place: Place) -> str:
        name: str = data.get("name", "")
        if not name:
            raise FieldCheck("name", "must not be empty").as_error()
        tenant = place.tenant if kind.tenant_scoped else ADMIN
        holder = self._store.at((kind.name, tenant, place.cloud, name))
        if holder is not None and holder.uuid != uuid:
            raise problems.duplicate(kind.model, name)
        return name

    def _check_object(self, kind: Kind, uuid: str, data: Json, before: Record | None, cloud: Record | None) -> str:
        """Check the rules of the type, last those that take something (addresses); returns the private key."""
        if before is not None:
            check_immutable(kind.name, data, before)
        self._check_limits(data)
        check_rules(kind.name, data, before, self._store)
        if kind.name == "vsvip" and cloud is not None:
            self.addresses.settle(uuid, data, before.data if before else None, cloud)
        elif kind.name == "sslkeyandcertificate":
            if before is not None and data["certificate"] is before.data["certificate"] and "key" not in data:
                return before.secret
            return settle_certificate(data, before.secret if before else "")
        elif kind.name == "pkiprofile":
            settle_authorities(data)
        elif kind.name == "cloud" and "password" in data.get("vcenter_configuration", {}):
            data["vcenter_configuration"]["password"] = SENSITIVE
        return ""

    def _check_limits(self, data: Json) -> None:
        for name, limit in self.limits.items():
            entries = data.get(name)
            if isinstance(entries, list) and len(entries) > limit:
                raise FieldCheck(name, f"There must be at most {limit} {name}").as_error()

    def _put_in(self, kind: Kind, data: Json, change: tuple[str, Json], place: Place, scope: Scope) -> None:
        operation, fields = change
        if kind.is_open:
            checked, pending = _open_fields(fields)
        else:
            checked, pending = scope.validator.partial(kind.model, fields)
        self.resolver.settle(pending, place)
        for name, value in checked.items():
            if operation == "add" and isinstance(value, list) and isinstance(data.get(name, []), list):
                value = [*data.get(name, ()), *value]  # noqa: PLW2901 - appended
                most = None if kind.is_open else self._schema.types[kind.model][name].spec.get("max_items")
                if most is not None and len(value) > most:
                    raise FieldCheck(name, f"There must be at most {most} {name}, got {len(value)}").as_error()
            data[name] = value

    def _take_away(self, kind: Kind, data: Json, fields: Json, place: Place, scope: Scope) -> None:
        defaults = {} if kind.is_open else scope.validator.defaults(kind.model)
        required = ["name"] if kind.is_open else scope.validator.required(kind.model)
        for name, keys in fields.items():
            if not kind.is_open and name not in self._schema.types[kind.model]:
                raise FieldCheck(name, f"{kind.model} has no such field").as_error()
            # Null stands for the whole list, as it does for any other field.
            if keys is not None and isinstance(data.get(name), list):
                left = removed(data[name], self._as_stored(kind, name, listed(name, keys), place))
                if left:
                    data[name] = left
                    continue
            if name in defaults:
                data[name] = defaults[name]
            elif name in required:
                raise FieldCheck(name, "a value is required").as_error()
            else:
                data.pop(name, None)

    def _as_stored(self, kind: Kind, name: str, keys: list[Any], place: Place) -> list[Any]:
        """Return the keys of a delete with their references in stored form."""
        if kind.is_open:
            return keys
        return [self._key_as_stored(kind.model, name, key, place) for key in keys]

    def _key_as_stored(self, model: str, name: str, key: Any, place: Place) -> Any:
        known = self._schema.types.get(model, {}).get(name)
        if known is None or key is None:
            return key
        if known.base == "ref":
            return mark(known.target, self.resolver.find(known.target, key, place).uuid)
        if known.base == "object" and isinstance(key, dict):
            return {part: self._key_as_stored(known.target, part, value, place) for part, value in key.items()}
        return key

    def _furnish(self, cloud: Record, scope: Scope) -> None:
        """Create what every cloud has from the start."""
        own = Scope(cloud.tenant, scope.validator, system=True)
        for name, fields in _CLOUD_BUILT_INS:
            body = {**fields, "cloud_ref": cloud.uuid}
            self.create(self._schema.kinds[name], body, own)


def _without_runtime(document: Json) -> Json:
    return {name: value for name, value in document.items() if name not in {"_last_modified"}}


def _open_fields(fields: Json) -> tuple[Json, list[PendingRef]]:
    """Check fields of a type that takes any; returns them, and the references they hold."""
    data = {name: value for name, value in fields.items() if name not in {"url", "uuid", "_last_modified"}}
    for name in _OPEN_TEXTS:
        if not isinstance(data.get(name, ""), str):
            raise FieldCheck(name, f"expected a string, got {data[name]!r}").as_error()
    return data, [(data, name, target, data[name]) for name, target in _OPEN_REFERENCES.items() if name in data]
