"""The watched objects as last seen, with their indexes: the only mutable picture of the cluster.

Written by the thinking thread from `Change` values, read through the engine's view.
An object that no longer decodes keeps the version before it; one that never decoded is *unreadable*.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName
from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed, Records, Removed, Unreadable
from ako.core.engine.kinds import WatchedKind

Record = type[Struct]


class ObjectKey(Struct, frozen=True, order=True, cache_hash=True):
    """One object as one record type."""

    record: Record
    name: NamespacedName


class IndexKey(Struct, frozen=True, cache_hash=True):
    """All objects of a record type that an index files under one key."""

    record: Record
    index: str
    key: Hashable


class KindKey(Struct, frozen=True, cache_hash=True):
    """Whether a record type's kind has been listed."""

    record: Record


class ReadabilityKey(Struct, frozen=True, cache_hash=True):
    """Which objects of a record type in one namespace were never readable."""

    record: Record
    namespace: str


StoreKey = ObjectKey | IndexKey | KindKey | ReadabilityKey


class _Table:
    """All objects of one record type."""

    __slots__ = ("declaration", "indexes", "objects", "unreadable")

    def __init__(self, declaration: WatchedKind) -> None:
        self.declaration = declaration
        self.objects: dict[NamespacedName, Struct] = {}
        self.unreadable: dict[NamespacedName, str] = {}
        self.indexes: dict[str, dict[Hashable, dict[NamespacedName, None]]] = {n: {} for n in declaration.indexes}


class Store:
    """Objects by record type and name; `apply` says which keys a change touched."""

    def __init__(self, kinds: Sequence[WatchedKind]) -> None:
        self._tables: dict[Record, _Table] = {}
        self._records_of: dict[Kind, list[Record]] = {}
        self._availability: dict[Kind, tuple[Availability, str]] = {}
        self._outdated: dict[Kind, str] = {}
        for declaration in kinds:
            self._declare(declaration, declaration.record)
            if declaration.status is not None:
                self._declare(declaration, declaration.status)

    def _declare(self, declaration: WatchedKind, record: Record) -> None:
        if record in self._tables:
            known = self._tables[record].declaration
            if known != declaration:
                raise ValueError(
                    f"record {record.__name__} is declared twice, differently: {known.kind}, {declaration.kind}"
                )
            return
        self._tables[record] = _Table(declaration)
        self._records_of.setdefault(declaration.kind, []).append(record)
        self._availability.setdefault(declaration.kind, (Availability.UNKNOWN, "not listed yet"))

    def kind_of(self, record: Record) -> Kind:
        """Give the kind a record type was declared for."""
        return self._table(record).declaration.kind

    def availability(self, kind: Kind) -> tuple[Availability, str]:
        """Say whether a kind is synced, not served or unknown, and why."""
        return self._availability[kind]

    def unread(self, kind: Kind) -> str:
        """Say why a kind cannot be read at present, though it may be known from before; empty if it can."""
        availability, reason = self._availability[kind]
        return reason if availability is Availability.UNKNOWN else self._outdated.get(kind, "")

    def kinds(self) -> Iterable[Kind]:
        """Give every declared kind."""
        return self._availability.keys()

    def is_listed(self, record: Record) -> bool:
        """Say whether absence of an object of this record type means that it does not exist."""
        return self._availability[self.kind_of(record)][0] is not Availability.UNKNOWN

    def get(self, key: ObjectKey) -> Struct | None:
        """Give the last good version of an object, None if there is none."""
        return self._table(key.record).objects.get(key.name)

    def holds(self, key: ObjectKey) -> bool:
        """Say whether an object exists, readable or not."""
        table = self._table(key.record)
        return key.name in table.objects or key.name in table.unreadable

    def unreadable(self, key: ObjectKey) -> str | None:
        """Say why the current version of an object cannot be read; None if it can."""
        return self._table(key.record).unreadable.get(key.name)

    def never_readable(self, key: ReadabilityKey) -> tuple[NamespacedName, ...]:
        """Give the objects of a namespace that no good version is known of, by name."""
        table = self._table(key.record)
        if not table.unreadable:
            return ()
        return tuple(sorted(n for n in table.unreadable if n.namespace == key.namespace and n not in table.objects))

    def filed(self, key: IndexKey) -> tuple[Struct, ...]:
        """Give the objects that an index files under a key, ordered by name."""
        table = self._table(key.record)
        try:
            names = table.indexes[key.index].get(key.key, {})
        except KeyError:
            known = ", ".join(sorted(table.indexes)) or "none"
            raise LookupError(f"{key.record.__name__} has no index {key.index!r}; declared: {known}") from None
        return tuple(table.objects[name] for name in sorted(names))

    def names(self, record: Record) -> Iterable[NamespacedName]:
        """Give the names of all objects that are there, readable or not."""
        table = self._table(record)
        return table.objects.keys() | table.unreadable.keys()

    def _table(self, record: Record) -> _Table:
        try:
            return self._tables[record]
        except KeyError:
            raise LookupError(f"no plugin declares the record {record.__name__} in ako_kinds()") from None

    def apply(self, change: Change) -> Iterator[StoreKey]:
        """Take in one change and yield every key whose content it touched."""
        if isinstance(change, AvailabilityChanged):
            yield from self._apply_availability(change)
        elif isinstance(change, Listed):
            yield from self._apply_list(change)
        elif isinstance(change, Removed):
            for record in self._records_of.get(change.kind, ()):
                yield from self._remove(record, change.name)
        else:
            yield from self._upsert(change.kind, change.name, change.records)

    def _apply_availability(self, change: AvailabilityChanged) -> Iterator[StoreKey]:
        """Keep what was listed before when a kind cannot be read; forget it only when it is not served."""
        if change.availability is Availability.NOT_SERVED:
            yield from self._apply_list(Listed(change.kind, {}))
            self._availability[change.kind] = (change.availability, change.reason)
            yield from (KindKey(record) for record in self._records_of[change.kind])
        elif self._availability[change.kind][0] is Availability.UNKNOWN:
            self._availability[change.kind] = (change.availability, change.reason)
        else:
            self._outdated[change.kind] = change.reason

    def _apply_list(self, change: Listed) -> Iterator[StoreKey]:
        was_synced = self._availability[change.kind][0] is Availability.SYNCED
        self._availability[change.kind] = (Availability.SYNCED, "")
        self._outdated.pop(change.kind, None)
        for record in self._records_of[change.kind]:
            if not was_synced:
                yield KindKey(record)
            for name in [n for n in self.names(record) if n not in change.objects]:
                yield from self._remove(record, name)
        for name, records in change.objects.items():
            yield from self._upsert(change.kind, name, records)

    def _remove(self, record: Record, name: NamespacedName) -> Iterator[StoreKey]:
        table = self._tables[record]
        old = table.objects.pop(name, None)
        if table.unreadable.pop(name, None) is not None:
            yield ReadabilityKey(record, name.namespace)
        yield ObjectKey(record, name)
        if old is not None:
            yield from _refile(table, record, name, old, None)

    def _upsert(self, kind: Kind, name: NamespacedName, records: Records) -> Iterator[StoreKey]:
        for record in self._records_of.get(kind, ()):
            new = records[record]
            table = self._tables[record]
            if isinstance(new, Unreadable):
                table.unreadable[name] = new.reason
                yield ReadabilityKey(record, name.namespace)
                yield ObjectKey(record, name)
                continue
            if table.unreadable.pop(name, None) is not None:
                yield ReadabilityKey(record, name.namespace)
                yield ObjectKey(record, name)
            old = table.objects.get(name)
            if old == new:
                continue
            table.objects[name] = new
            yield ObjectKey(record, name)
            yield from _refile(table, record, name, old, new)


def _refile(
    table: _Table, record: Record, name: NamespacedName, old: Struct | None, new: Struct | None
) -> Iterator[StoreKey]:
    """Move one object between the index entries of its old and its new version; a status record has no index."""
    if record is not table.declaration.record:
        return
    for index, keys_of in table.declaration.indexes.items():
        filed = table.indexes[index]
        before = set(keys_of(old)) if old is not None else set()
        after = set(keys_of(new)) if new is not None else set()
        for key in before - after:
            del filed[key][name]
            if not filed[key]:
                del filed[key]
        for key in after - before:
            filed.setdefault(key, {})[name] = None
        for key in before | after:
            yield IndexKey(record, index, key)
