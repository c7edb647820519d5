"""The stored objects, one revision counter over all of them, and the log that watches and old lists are read from."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

import msgspec

from ako.testing.kube_api import errors
from ako.testing.kube_api.resources import BUILT_IN, Manifest, Resource

Key = tuple[str, str]
"""Namespace ("" for cluster-scoped kinds) and name."""

LOG_LIMIT = 100_000
"""Changes kept per kind; older ones are forgotten as a compaction would forget them."""

_encode = msgspec.json.Encoder().encode
_revision_of = attrgetter("revision")


class Version:
    """One version of one object: parsed, never changed in place, and encoded once."""

    __slots__ = ("body", "key", "raw", "revision")

    def __init__(self, key: Key, revision: int, body: Manifest) -> None:
        self.key = key
        self.revision = revision
        self.body = body
        self.raw = _encode(body)

    def item(self, resource: Resource) -> bytes:
        """Return it as an item of a list: built-in kinds leave kind and apiVersion out there."""
        return self.raw if resource.custom else b"{" + self.raw[len(resource.prefix) :]


class Change:
    """One entry of the log: what an object was and what it became (None: it was not there, it is gone)."""

    __slots__ = ("_lines", "after", "before", "key", "revision")

    def __init__(self, revision: int, before: Version | None, after: Version | None) -> None:
        present = after or before
        assert present is not None  # noqa: S101 - a change has two sides, of which one may be missing
        self.revision = revision
        self.key = present.key
        self.before = before
        self.after = after
        self._lines: dict[str, bytes] = {}

    def line(self, event: str) -> bytes:
        """Return the watch event; encoded once, whatever the number of watches."""
        line = self._lines.get(event)
        if line is None:
            line = self._lines[event] = event_line(event, self._shown(event))
        return line

    def _shown(self, event: str) -> bytes:
        if event != "DELETED" and self.after is not None:
            return self.after.raw
        # What left the watched set is shown as it last was, at the revision at which it left.
        assert self.before is not None  # noqa: S101 - only what was there can be deleted
        body = self.before.body
        metadata = {**body["metadata"], "resourceVersion": str(self.revision)}
        return _encode({**body, "metadata": metadata})


def event_line(event: str, shown: bytes) -> bytes:
    """Return one line of a watch stream."""
    return b'{"type":"%b","object":%b}\n' % (event.encode(), shown)


@dataclass
class Collection:
    """All objects of one kind, with their log.

    Attributes:
        dropped: how many entries the log has lost at its beginning.
        floor: the revision that history begins with; what refers to an earlier one gets 410.
        cached_from: the same for watches alone.
        removed: the kind is no longer served.
    """

    resource: Resource
    changed: threading.Condition
    objects: dict[Key, Version] = field(default_factory=dict)
    log: list[Change] = field(default_factory=list)
    dropped: int = 0
    floor: int = 0
    cached_from: int = 0
    removed: bool = False

    def position_after(self, revision: int) -> int:
        """Return the place in the log, counted from the very first entry, of the first change after a revision."""
        return self.dropped + bisect_right(self.log, revision, key=_revision_of)

    def since(self, position: int) -> list[Change]:
        """Return the changes from a place in the log on."""
        return self.log[max(0, position - self.dropped) :]

    def at(self, revision: int) -> dict[Key, Version]:
        """Return the objects as they were at a revision, by undoing what came after it."""
        later = self.log[bisect_right(self.log, revision, key=_revision_of) :]
        if not later:
            return self.objects
        objects = dict(self.objects)
        for change in reversed(later):
            if change.before is None:
                objects.pop(change.key, None)
            else:
                objects[change.key] = change.before
        return objects

    def record(self, change: Change) -> None:
        """Add a change, apply it and wake the watches."""
        if change.after is None:
            del self.objects[change.key]
        else:
            self.objects[change.key] = change.after
        self.log.append(change)
        if len(self.log) > LOG_LIMIT:
            excess = LOG_LIMIT // 10
            self.floor = max(self.floor, self.log[excess - 1].revision)
            del self.log[:excess]
            self.dropped += excess
        self.changed.notify_all()


class Store:
    """Every collection, and the one revision counter. Callers hold `lock` while they read or write."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.revision = 1
        self._collections: dict[tuple[str, str, str], Collection] = {}
        for resource in BUILT_IN:
            self.serve(resource)

    def __iter__(self) -> Iterator[Collection]:
        return iter(list(self._collections.values()))

    def serve(self, resource: Resource) -> None:
        """Begin to serve a kind."""
        key = (resource.group, resource.version, resource.plural)
        served = self._collections.get(key)
        if served is None:
            self._collections[key] = Collection(resource, threading.Condition(self.lock), floor=self.revision)
        else:
            served.resource = resource

    def withdraw(self, resource: Resource) -> None:
        """Stop serving a kind: its objects go and its watches end."""
        collection = self._collections.pop((resource.group, resource.version, resource.plural), None)
        if collection is not None:
            for version in list(collection.objects.values()):
                self.commit(collection, version.key, None)
            collection.removed = True
            collection.changed.notify_all()

    def find(self, group: str, version: str, plural: str) -> Collection | None:
        """Return the collection of a kind, None if it is not served."""
        return self._collections.get((group, version, plural))

    def of(self, resource: Resource) -> Collection:
        """Return the collection of a kind that is known to be served."""
        return self._collections[resource.group, resource.version, resource.plural]

    def named(self, kind: str, api_version: str = "") -> Collection:
        """Return the collection of `Ingress`, `ingresses` or `ingresses.networking.k8s.io`.

        Raises:
            LookupError: no such kind is served.
        """
        for collection in self._collections.values():
            resource = collection.resource
            names = (resource.kind, resource.plural, resource.qualified, resource.qualified_kind)
            if kind in names and api_version in ("", resource.api_version):
                return collection
        known = ", ".join(sorted(c.resource.qualified_kind for c in self._collections.values()))
        raise LookupError(f"kind {kind!r} {api_version} is not served; served are: {known}")

    def versions_of(self, group: str) -> dict[str, list[Resource]]:
        """Return the served versions of a group, each with its resources; empty if there is none."""
        found: dict[str, list[Resource]] = {}
        for collection in self._collections.values():
            if collection.resource.group == group:
                found.setdefault(collection.resource.version, []).append(collection.resource)
        return found

    def groups(self) -> list[str]:
        """Return the served groups, without the core group."""
        return list(dict.fromkeys(c.resource.group for c in self._collections.values() if c.resource.group))

    def commit(self, collection: Collection, key: Key, body: Manifest | None) -> Version:
        """Store a new version of an object, or with None delete it; return what it is or last was."""
        before = collection.objects.get(key)
        self.revision += 1
        if body is None:
            assert before is not None  # noqa: S101 - only what is there can be deleted
            collection.record(Change(self.revision, before, None))
            metadata = {**before.body["metadata"], "resourceVersion": str(self.revision)}
            return Version(key, self.revision, {**before.body, "metadata": metadata})
        body["metadata"]["resourceVersion"] = str(self.revision)
        after = Version(key, self.revision, body)
        collection.record(Change(self.revision, before, after))
        return after

    def compact(self) -> None:
        """Forget the past: watches and lists that refer to an earlier revision get 410."""
        for collection in self._collections.values():
            collection.floor = self.revision

    def forget_cache(self) -> None:
        """Start the watch caches anew, as a restart does: watches from an earlier revision get 410, lists do not.

        Events have no cache.
        """
        for collection in self._collections.values():
            if collection.resource.kind != "Event":
                collection.cached_from = self.revision

    def wake(self) -> None:
        """Let every open watch look up: something other than the log has changed."""
        with self.lock:
            for collection in self._collections.values():
                collection.changed.notify_all()


def require(collection: Collection, key: Key) -> Version:
    """Return the current version of an object or raise its 404."""
    version = collection.objects.get(key)
    if version is None:
        raise errors.not_found(collection.resource, key[1])
    return version
