"""The configuration the simulated Controller holds, with the indexes that keep every request cheap.

Stored objects are never changed in place: a write replaces the record, so readers need no lock. Writers hold
``Store.lock`` from the checks that depend on other objects until the record is in.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

Json = dict[str, Any]

# Inside stored objects a reference is this mark and "<type>/<uuid>": rendering puts the host of the request before it.
MARK = "\x01"
_REFERENCE = re.compile(r'"\\u0001[a-z0-9]+/([^"]+)"')

NameKey = tuple[str, str, str, str]


def mark(kind: str, uuid: str) -> str:
    """Return the stored form of a reference."""
    return f"{MARK}{kind}/{uuid}"


def target_of(reference: str) -> str:
    """Return the uuid a stored reference points to."""
    return reference.partition("/")[2]


@dataclass(slots=True, eq=False)
class Record:
    """One stored object; nothing in it changes once it is in the store."""

    kind: str
    uuid: str
    name: str
    tenant: str
    cloud: str
    data: Json
    system: bool = False
    secret: str = ""
    encoded: bytes = field(default=b"", repr=False)
    targets: frozenset[str] = frozenset()

    @property
    def key(self) -> NameKey:
        """Return what must be unique: names are so per tenant and type, and per cloud where there is one."""
        return (self.kind, self.tenant, self.cloud, self.name)


class Store:
    """All objects of a Controller."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.generation = 0
        self.watcher: Callable[[str], None] = lambda _: None
        self._kinds: dict[str, dict[str, Record]] = {}
        self._names: dict[NameKey, Record] = {}
        self._named: dict[tuple[str, str], dict[str, Record]] = {}
        self._creators: dict[tuple[str, str], dict[str, Record]] = {}
        self._referrers: dict[str, dict[str, str]] = {}
        # ``#name`` in JSON form by uuid, for rendering.
        self.name_suffixes: dict[bytes, bytes] = {}
        self._stamp = 0

    def get(self, kind: str, uuid: str) -> Record | None:
        """Return an object, None if there is none."""
        return self._kinds.get(kind, {}).get(uuid)

    def at(self, key: NameKey) -> Record | None:
        """Return the object that holds a name."""
        return self._names.get(key)

    def named(self, kind: str, name: str) -> list[Record]:
        """Return the objects of a type and name, over all tenants and clouds."""
        return list(self._named.get((kind, name), {}).values())

    def created_by(self, kind: str, creator: str) -> list[Record]:
        """Return the objects of a type that one creator signed, oldest first."""
        return list(self._creators.get((kind, creator), {}).values())

    def all_of(self, kind: str) -> list[Record]:
        """Return the objects of a type, oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def count(self) -> int:
        """Return how many objects there are."""
        return sum(map(len, self._kinds.values()))

    def referrers(self, uuid: str) -> list[Record]:
        """Return the objects that refer to one."""
        found = (self.get(kind, referrer) for referrer, kind in list(self._referrers.get(uuid, {}).items()))
        return [record for record in found if record is not None]

    def is_referred(self, uuid: str) -> bool:
        """Say whether any object refers to one."""
        return bool(self._referrers.get(uuid))

    def next_stamp(self) -> str:
        """Return a new ``_last_modified``: microseconds since 1970, growing with every change."""
        self._stamp = max(self._stamp + 1, time.time_ns() // 1000)
        return str(self._stamp)

    def put(self, record: Record) -> None:
        """Store a new object or a new state of one; the caller holds the lock and has checked the name."""
        before = self.get(record.kind, record.uuid)
        record.encoded = msgspec.json.encode(record.data)
        record.targets = frozenset(_REFERENCE.findall(record.encoded.decode())) - {record.uuid}
        if before is not None and before.key != record.key:
            self._forget_name(before)
        self._kinds.setdefault(record.kind, {})[record.uuid] = record
        if before is None or before.name != record.name:
            encoded = msgspec.json.encode("#" + record.name)[1:-1]
            self.name_suffixes[record.uuid.encode()] = encoded
        self._names[record.key] = record
        self._named.setdefault((record.kind, record.name), {})[record.uuid] = record
        self._index_creator(before, record)
        self._index_targets(before.targets if before else frozenset(), record.targets, record)
        self.generation += 1
        self.watcher(record.kind)

    def remove(self, record: Record) -> None:
        """Take an object out; the caller holds the lock and has checked that nothing refers to it."""
        del self._kinds[record.kind][record.uuid]
        self.name_suffixes.pop(record.uuid.encode(), None)
        self._forget_name(record)
        creator = record.data.get("created_by")
        if creator:
            self._creators[record.kind, creator].pop(record.uuid, None)
        self._index_targets(record.targets, frozenset(), record)
        self.generation += 1
        self.watcher(record.kind)

    def records(self) -> tuple[Record, ...]:
        """Return all objects there are; the caller holds the lock."""
        return tuple(record for records in self._kinds.values() for record in records.values())

    def put_back(self, records: Iterable[Record]) -> None:
        """Hold just these objects, which were there at some time; the caller holds the lock.

        What did not change since is not touched: readers do not wait.
        """
        kept = {record.uuid: record for record in records}
        for record in self.records():
            if kept.get(record.uuid) is not record:
                self.remove(record)
        for record in kept.values():
            if self.get(record.kind, record.uuid) is None:
                self.put(record)

    def _forget_name(self, record: Record) -> None:
        self._names.pop(record.key, None)
        holders = self._named[record.kind, record.name]
        holders.pop(record.uuid, None)
        if not holders:
            del self._named[record.kind, record.name]

    def _index_creator(self, before: Record | None, record: Record) -> None:
        creator = record.data.get("created_by")
        former = before.data.get("created_by") if before else None
        if former and former != creator:
            self._creators[record.kind, former].pop(record.uuid, None)
        if creator:
            self._creators.setdefault((record.kind, creator), {})[record.uuid] = record

    def _index_targets(self, before: Iterable[str], now: Iterable[str], record: Record) -> None:
        before, now = frozenset(before), frozenset(now)
        for uuid in before - now:
            self._referrers[uuid].pop(record.uuid, None)
            if not self._referrers[uuid]:
                del self._referrers[uuid]
        for uuid in now - before:
            self._referrers.setdefault(uuid, {})[record.uuid] = record.kind
