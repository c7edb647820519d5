"""Resolves references in every form the API takes, and says what a tenant may see."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_plus

from ako.sim.problems import ApiError, dangling, refuse
from ako.sim.schema import Kind, Schema
from ako.sim.store import Record, Store, target_of
from ako.sim.validation import PendingRef

ADMIN = "admin"
# Whoever they belong to, every tenant sees them.
_SEEN_FROM_ALL = frozenset({"cloud", "tenant"})
# Provider objects: every tenant sees those of the tenant admin.
_VRF_KINDS = frozenset({"vrfcontext", "network"})
_SHARED_KINDS = frozenset(
    {
        "serviceengine", "ipamdnsproviderprofile", "applicationprofile", "networkprofile",
        "healthmonitor", "sslprofile", "analyticsprofile", "applicationpersistenceprofile", "wafprofile",
        "vimgrnwruntime", "nsxtsegmentruntime", "role", "user", "useraccountprofile", "labelgroup",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a referring object lives: names are looked up from there."""

    tenant: str
    cloud: str = ""


class Resolver:
    """Finds the objects that references mean."""

    def __init__(self, schema: Schema, store: Store) -> None:
        self._schema = schema
        self._store = store

    def visible(self, record: Record, tenant: str) -> bool:
        """Say whether a tenant sees an object."""
        if record.tenant == tenant or record.kind in _SEEN_FROM_ALL:
            return True
        if record.tenant != ADMIN:
            return False
        if record.kind in _SHARED_KINDS:
            return True
        if record.kind in _VRF_KINDS:
            return not self.setting(tenant, "tenant_vrf")
        if record.kind == "serviceenginegroup":
            return self.setting(tenant, "se_in_provider_context")
        return record.system

    def setting(self, tenant: str, name: str) -> bool:
        """Return one of the switches of a tenant."""
        record = self._store.get("tenant", tenant)
        return bool(record and record.data.get("config_settings", {}).get(name))

    def settle(self, pending: list[PendingRef], place: Place) -> None:
        """Put the stored form of its target in the place of each reference."""
        for container, key, kind_name, text in pending:
            record = self.find(kind_name, text, place)
            container[key] = f"\x01{kind_name}/{record.uuid}"

    def find(self, kind_name: str, text: object, place: Place) -> Record:
        """Return what a reference means; ApiError if nothing, or several things."""
        kind = self._schema.kinds[kind_name]
        if not isinstance(text, str) or not text:
            raise refuse(400, f"{kind.model} reference must be a URL, a path or a uuid, got {text!r}")
        path = text.partition("#")[0]
        start = path.find("/api/")
        if start < 0:
            if "/" in path or "?" in path:
                raise refuse(400, f"{text!r} is no reference to {kind.model}")
            return self._by_uuid(kind, path, place)
        segment, _, rest = path[start + 5 :].partition("/")
        if "?" in segment:
            segment, _, rest = segment.partition("?")
            rest = "?" + rest
        if segment != kind_name:
            raise refuse(400, f"{text!r} refers to {segment}, but {kind.model} is needed")
        if rest.startswith("?"):
            return self._by_query(kind, rest[1:], place)
        return self._by_uuid(kind, rest.rstrip("/"), place)

    def _by_uuid(self, kind: Kind, uuid: str, place: Place) -> Record:
        record = self._store.get(kind.name, uuid)
        if record is None or not self.visible(record, place.tenant):
            raise dangling(kind.model)
        return record

    def _by_query(self, kind: Kind, query: str, place: Place) -> Record:
        wanted = {}
        for part in query.split("&"):
            key, _, value = part.partition("=")
            wanted[key] = unquote_plus(value) if "%" in value or "+" in value else value
        name = wanted.get("name")
        if name is None:
            raise refuse(400, f"Reference to {kind.model} by query needs name=, got {query!r}")
        tenants = [place.tenant, ADMIN]
        if "tenant" in wanted:
            tenants = [self._only("tenant", wanted["tenant"]).uuid]
        cloud = place.cloud
        named_cloud = wanted.get("cloud", wanted.get("cloud_ref.name"))
        if named_cloud is not None:
            cloud = self._only("cloud", named_cloud).uuid
        return self.by_name(kind, name, tenants, cloud, place.tenant)

    def _only(self, kind_name: str, name: str) -> Record:
        found = self._store.named(kind_name, name)
        if not found:
            raise dangling(self._schema.kinds[kind_name].model)
        return found[0]

    def by_name(self, kind: Kind, name: str, tenants: list[str], cloud: str, viewer: str) -> Record:
        """Return the object of a name in the first tenant that has it; in every cloud if none is given.

        Only what the viewer, a tenant too, may see is found.
        """
        for tenant in tenants:
            if not kind.tenant_scoped:
                tenant = ADMIN  # noqa: PLW2901 - such objects all live there
            if not kind.cloud_scoped or cloud:
                record = self._store.at((kind.name, tenant, cloud if kind.cloud_scoped else "", name))
                found = [record] if record is not None else []
            else:
                found = [record for record in self._store.named(kind.name, name) if record.tenant == tenant]
            found = [record for record in found if self.visible(record, viewer)]
            if len(found) > 1:
                raise self._ambiguous(kind, name)
            if found:
                return found[0]
        raise dangling(kind.model)

    @staticmethod
    def _ambiguous(kind: Kind, name: str) -> ApiError:
        return refuse(400, f"Several objects of type {kind.model} are named {name}; add cloud=<name> or use the uuid")

    def referred(self, kind_name: str, reference: object) -> Record | None:
        """Return what a stored reference points to."""
        return self._store.get(kind_name, target_of(reference)) if isinstance(reference, str) else None
