"""Create, update, patch and delete, with the rules an API server applies on the way to the store."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ako.testing.kube_api import errors
from ako.testing.kube_api.causes import invalid_value
from ako.testing.kube_api.defaults import Defaults
from ako.testing.kube_api.ownership import applied, managed_after_apply, managed_after_update
from ako.testing.kube_api.resources import CRD, NAMESPACE, Manifest, Resource, from_definition
from ako.testing.kube_api.store import Collection, Key, Store, Version, require
from ako.testing.kube_api.validation import unreadable, validate

_FIXED = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName")
_EMPTY_OMITTED = ("labels", "annotations", "finalizers", "ownerReferences")
_NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, slots=True)
class Target:
    """What a write is about: a kind, an object of it, and which side of the object, and in whose name."""

    collection: Collection
    key: Key
    subresource: str = ""
    dry_run: bool = False
    manager: str = "unknown"


class Writes:
    """Every way in which objects come, change and go. Callers hold the store's lock."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._defaults = Defaults(store)
        self._youngest = int(clock()) - 86_400

    def apply(self, target: Target, wanted: Manifest, *, force: bool) -> tuple[Version, bool]:
        """Apply a configuration in the name of a manager; return what it made and whether that is new."""
        collection, status = target.collection, target.subresource == "status"
        version = collection.resource.api_version
        current = collection.objects.get(target.key)
        if current is None:
            if status:
                raise errors.not_found(collection.resource, target.key[1])
            entry = managed_after_apply({}, wanted, target.manager, status=False, version=version, now=self._now())
            return self.create(target, wanted, managed=entry), True
        body = current.body
        proposed = applied(body, wanted, target.manager, status=status, force=force)
        sent = {field: value for field, value in wanted["metadata"].items() if field in {"uid", "resourceVersion"}}
        proposed = {**proposed, "metadata": {**proposed["metadata"], **sent}}
        entry = managed_after_apply(body, wanted, target.manager, status=status, version=version, now=self._now())
        return self.update(target, proposed, patched=True, managed=entry), False

    def create(
        self, target: Target, body: Manifest, created: str = "", managed: list[Manifest] | None = None
    ) -> Version:
        """Store a new object.

        Args:
            target: where; its key holds the namespace only.
            body: the object as sent; not changed.
            created: the creationTimestamp to give it instead of the present time; given from Python only, where
                status is written through as well.
            managed: who owns which field, if that is kept.
        """
        collection, namespace = target.collection, target.key[0]
        resource = collection.resource
        metadata = _identity(body, namespace)
        name = metadata.get("name") or ""
        self._admit_to(collection, namespace, name)
        if (namespace, name) in collection.objects:
            raise errors.already_exists(resource, name)
        new = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata, **_rest(body)}
        if resource.status and not created:
            new.pop("status", None)
        if not created:
            self._defaults.admit(resource, new)
        self._complete(resource, new, None)
        metadata = new["metadata"]
        metadata["uid"] = str(uuid.uuid4())
        if resource.generation:
            metadata["generation"] = 1
        metadata["creationTimestamp"] = created or self._now()
        if managed:
            metadata["managedFields"] = managed
        if target.dry_run:
            return Version((namespace, name), 0, new)
        stored = self._store.commit(collection, (namespace, name), new)
        if resource == CRD:
            self._establish(stored.key)
        return stored

    def update(
        self, target: Target, proposed: Manifest, *, patched: bool = False, managed: list[Manifest] | None = None
    ) -> Version:
        """Store a changed object, or the object as it is if nothing changes."""
        collection = target.collection
        current = require(collection, target.key)
        _check_preconditions(target, current, proposed, patched=patched)
        new = self._merged(target, current.body, proposed)
        self._complete(collection.resource, new, current.body, patched=patched)
        metadata = new["metadata"]
        if managed or "managedFields" in metadata:
            metadata["managedFields"] = managed or managed_after_update(
                current.body, new, target.manager, status=target.subresource == "status", now=self._now()
            )
        if new == current.body:
            return current
        if collection.resource.generation and not _same_specification(new, current.body):
            metadata["generation"] = current.body["metadata"]["generation"] + 1
        if target.dry_run:
            return Version(target.key, current.revision, new)
        if "deletionTimestamp" in metadata and not metadata.get("finalizers"):
            self._remove(collection, current)
            return Version(target.key, current.revision, new)
        stored = self._store.commit(collection, target.key, new)
        if collection.resource == CRD:
            self._establish(stored.key)
        return stored

    def delete(self, target: Target, preconditions: Manifest | None = None) -> tuple[Version, bool]:
        """Delete an object, or mark it if finalizers hold it; return it and whether it is gone."""
        collection = target.collection
        current = require(collection, target.key)
        _check_deletion(target, current, preconditions or {})
        metadata = current.body["metadata"]
        if target.dry_run:
            return current, True
        if not metadata.get("finalizers") and collection.resource != NAMESPACE:
            return self._remove(collection, current), True
        if "deletionTimestamp" in metadata:
            return current, False
        metadata = {**metadata, "deletionTimestamp": self._now()}
        if collection.resource != NAMESPACE:
            metadata["deletionGracePeriodSeconds"] = 0
        if collection.resource.generation:
            metadata["generation"] += 1
        body = {**current.body, "metadata": metadata}
        if collection.resource == NAMESPACE:
            body["status"] = {"phase": "Terminating"}
        marked = self._store.commit(collection, target.key, body)
        if collection.resource == NAMESPACE:
            self._empty(target.key[1])
        return marked, False

    def next_timestamp(self) -> str:
        """Return a creationTimestamp younger than every one given out before."""
        self._youngest += 1
        return _format(self._youngest)

    def _now(self) -> str:
        self._youngest = max(self._youngest, int(self._clock()))
        return _format(self._youngest)

    def _complete(self, resource: Resource, body: Manifest, before: Manifest | None, *, patched: bool = False) -> None:
        why = unreadable(resource, body)
        try:
            if not why:
                self._defaults.fill(resource, body, before)
                validate(resource, body, before)
        except (AttributeError, KeyError, TypeError) as problem:
            # A real server decodes into typed structures first and so never gets this far.
            why = f"a field has the wrong type ({problem})"
        if why and patched:
            raise errors.unreadable_patch(body, why)
        if why:
            kind = resource.kind
            raise errors.bad_request(f'{kind} in version "{resource.version}" cannot be handled as a {kind}: {why}')

    def _admit_to(self, collection: Collection, namespace: str, name: str) -> None:
        if not collection.resource.namespaced:
            return
        found = self._store.of(NAMESPACE).objects.get(("", namespace))
        if found is None:
            raise errors.not_found(NAMESPACE, namespace)
        if "deletionTimestamp" in found.body["metadata"]:
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            error = errors.forbidden(collection.resource.group, collection.resource.plural, name, why)
            message = f"namespace {namespace} is being terminated"
            cause = {"reason": "NamespaceTerminating", "message": message, "field": "metadata.namespace"}
            error.details = {**(error.details or {}), "causes": [cause]}
            raise error

    def _merged(self, target: Target, current: Manifest, proposed: Manifest) -> Manifest:
        resource = target.collection.resource
        old = current["metadata"]
        if target.subresource == "status":
            metadata = dict(old)
            if not resource.custom:
                # Built-in kinds take labels and annotations through /status, custom ones take status alone.
                sent = proposed.get("metadata") or {}
                metadata = _without_empty({**old, **{f: sent.get(f) for f in ("labels", "annotations")}})
            new = {**current, "metadata": metadata}
            new.pop("status", None)
            if proposed.get("status") is not None:
                new["status"] = proposed["status"]
            return new
        metadata = _without_empty({**(proposed.get("metadata") or {}), "name": target.key[1]})
        if target.key[0]:
            metadata["namespace"] = target.key[0]
        for field in (*_FIXED, "resourceVersion", "managedFields"):
            metadata.pop(field, None)
            if field in old:
                metadata[field] = old[field]
        rest = _rest(proposed)
        if resource.status:
            rest.pop("status", None)
            if "status" in current:
                rest["status"] = current["status"]
        return {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata, **rest}

    def _remove(self, collection: Collection, current: Version) -> Version:
        if collection.resource == CRD:
            for resource in from_definition(current.body):
                self._store.withdraw(resource)
        gone = self._store.commit(collection, current.key, None)
        self._finish_namespace(current.key[0])
        return gone

    def _empty(self, namespace: str) -> None:
        """Do what the namespace controller of a cluster does after a namespace is deleted."""
        for collection in self._store:
            for version in list(collection.objects.values()):
                if version.key[0] == namespace:
                    self.delete(Target(collection, version.key))
        self._finish_namespace(namespace)

    def _finish_namespace(self, namespace: str) -> None:
        namespaces = self._store.of(NAMESPACE)
        found = namespaces.objects.get(("", namespace))
        if found is None or "deletionTimestamp" not in found.body["metadata"]:
            return
        if not any(key[0] == namespace for collection in self._store for key in collection.objects):
            self._store.commit(namespaces, found.key, None)

    def _establish(self, key: Key) -> None:
        """Do what the controllers of a cluster do once a definition is stored: accept its names and serve it."""
        definitions = self._store.of(CRD)
        body = definitions.objects[key].body
        now = body["metadata"]["creationTimestamp"]
        conditions = [
            _condition("NamesAccepted", now, "NoConflicts", "no conflicts found"),
            _condition("Established", now, "InitialNamesAccepted", "the initial names have been accepted"),
        ]
        accepted = {"conditions": conditions, "acceptedNames": body["spec"]["names"]}
        established = {**body, "metadata": dict(body["metadata"]), "status": {**body["status"], **accepted}}
        for resource in from_definition(body):
            self._store.serve(resource)
        if established != body:
            self._store.commit(definitions, key, established)


def _condition(kind: str, when: str, reason: str, message: str) -> Manifest:
    return {"type": kind, "status": "True", "lastTransitionTime": when, "reason": reason, "message": message}


def _format(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rest(body: Manifest) -> Manifest:
    return {name: value for name, value in body.items() if name not in {"kind", "apiVersion", "metadata"}}


def _without_empty(metadata: Manifest) -> Manifest:
    return {n: v for n, v in metadata.items() if v or n not in _EMPTY_OMITTED}


def _identity(body: Manifest, namespace: str) -> Manifest:
    metadata = _without_empty(body.get("metadata") or {})
    for field in (*_FIXED[:-1], "resourceVersion", "managedFields", "selfLink"):
        metadata.pop(field, None)
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + "".join(secrets.choice(_NAME_ALPHABET) for _ in range(5))
    if namespace:
        metadata["namespace"] = namespace
    return metadata


def _same_specification(one: Manifest, other: Manifest) -> bool:
    def specification(body: Manifest) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name not in {"metadata", "status"}}

    return specification(one) == specification(other)


def _check_preconditions(target: Target, current: Version, proposed: Manifest, *, patched: bool) -> None:
    resource, name = target.collection.resource, target.key[1]
    sent = proposed.get("metadata") or {}
    if sent.get("name", name) != name:
        raise errors.bad_request(f"the name of the object ({sent['name']}) does not match the name on the URL ({name})")
    if sent.get("namespace", target.key[0]) not in {target.key[0], ""}:
        raise errors.bad_request("the namespace of the object does not match the namespace on the URL")
    uid = current.body["metadata"]["uid"]
    if sent.get("uid", uid) != uid:
        place = f"/registry/{resource.kind.lower()}/{'/'.join(filter(None, target.key))}"
        why = f"Precondition failed: UID in precondition: {sent['uid']}, UID in object meta: {uid}"
        detail = f"StorageError: invalid object, Code: 4, Key: {place}, ResourceVersion: 0, AdditionalErrorMsg: {why}"
        raise errors.conflict(resource, name, detail)
    version = sent.get("resourceVersion") or ""
    if version and version != str(current.revision):
        raise errors.conflict(resource, name)
    if not version and resource.custom and not patched:
        cause = invalid_value("metadata.resourceVersion", 0, "must be specified for an update")
        raise errors.invalid(resource, name, [cause], as_kind=False)


def _check_deletion(target: Target, current: Version, preconditions: Manifest) -> None:
    resource, name = target.collection.resource, target.key[1]
    for field, label in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        wanted, actual = preconditions.get(field), current.body["metadata"][field]
        if wanted is not None and wanted != actual:
            why = f"the {label} in the precondition ({wanted}) does not match the {label} in record ({actual})."
            error = errors.conflict(resource, name, f"{why} The object might have been deleted and then recreated")
            error.message = error.message.replace(resource.qualified, resource.qualified_kind, 1)
            error.details = resource.details(name, as_kind=True)
            raise error
