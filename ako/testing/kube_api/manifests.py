"""Apply, read and delete objects from Python, past the API's own rules on namespaces, status and age."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ako.testing.kube_api.resources import NAMESPACE, Manifest
from ako.testing.kube_api.store import Collection, Key, Store, Version
from ako.testing.kube_api.writes import Target, Writes

Objects = list[Manifest]


class Manifests:
    """What a test does to the cluster in place of `kubectl`."""

    def __init__(self, store: Store, writes: Writes) -> None:
        self._store = store
        self._writes = writes

    def apply(self, manifest: Manifest) -> Manifest:
        """Create an object or replace it; see `KubeApi.apply`."""
        with self._store.lock:
            collection = self._collection(manifest)
            metadata = manifest.get("metadata") or {}
            namespace = (metadata.get("namespace") or "default") if collection.resource.namespaced else ""
            target = Target(collection, (namespace, metadata.get("name", "")))
            if namespace:
                self._ensure_namespace(namespace)
            if target.key in collection.objects:
                return _copy(self._replace(target, manifest))
            created = metadata.get("creationTimestamp") or self._writes.next_timestamp()
            return _copy(self._writes.create(target, manifest, created))

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object as the API would."""
        with self._store.lock:
            collection = self._store.named(kind)
            self._writes.delete(Target(collection, _key(collection, namespace, name)))

    def get(self, kind: str, namespace: str, name: str) -> Manifest | None:
        """Return a copy of an object, None if there is none."""
        with self._store.lock:
            collection = self._store.named(kind)
            version = collection.objects.get(_key(collection, namespace, name))
            return None if version is None else _copy(version)

    def list(self, kind: str, namespace: str) -> Objects:
        """Return copies of all objects of a kind, of all namespaces for ""."""
        with self._store.lock:
            objects = self._store.named(kind).objects
            return [_copy(objects[key]) for key in sorted(objects) if namespace in {"", key[0]}]

    def history(self, kind: str, key: Key, since: int) -> Objects:
        """Return every version an object had after a revision; deletions leave no entry."""
        with self._store.lock:
            collection = self._store.named(kind)
            key = _key(collection, *key)
            changes = [c for c in collection.since(collection.position_after(since)) if c.key == key]
            return [_copy(change.after) for change in changes if change.after is not None]

    def _collection(self, manifest: Manifest) -> Collection:
        if not manifest.get("kind") or not manifest.get("apiVersion"):
            raise LookupError(f"a manifest needs apiVersion and kind, this one has only: {', '.join(manifest)}")
        return self._store.named(manifest["kind"], manifest["apiVersion"])

    def _replace(self, target: Target, manifest: Manifest) -> Version:
        # As `kubectl replace --force=false`: no precondition, and what the server filled in stays as it was.
        metadata = {n: v for n, v in (manifest.get("metadata") or {}).items() if n not in {"resourceVersion", "uid"}}
        version = self._writes.update(target, {**manifest, "metadata": metadata}, patched=True)
        if target.collection.resource.status and manifest.get("status") is not None:
            status = Target(target.collection, target.key, "status")
            version = self._writes.update(status, {"metadata": metadata, "status": manifest["status"]}, patched=True)
        return version

    def _ensure_namespace(self, name: str) -> None:
        namespaces = self._store.of(NAMESPACE)
        if ("", name) not in namespaces.objects:
            body = {"metadata": {"name": name}}
            self._writes.create(Target(namespaces, ("", "")), body, self._writes.next_timestamp())


def each(manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """Yield manifests, those inside a List one by one, and skip empty documents."""
    for manifest in manifests:
        if not manifest:
            continue
        if manifest.get("kind") == "List" and "items" in manifest:
            yield from each(manifest["items"])
        else:
            yield manifest


def identity(manifest: Manifest) -> tuple[str, str, str]:
    """Return kind (with its group), namespace and name of a manifest."""
    group = manifest.get("apiVersion", "").rpartition("/")[0]
    kind = f"{manifest['kind']}.{group}" if group else manifest["kind"]
    return kind, manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]


def _key(collection: Collection, namespace: str, name: str) -> Key:
    return (namespace or "default" if collection.resource.namespaced else "", name)


def _copy(version: Version) -> Manifest:
    copy: Manifest = msgspec.json.decode(version.raw)
    return copy
