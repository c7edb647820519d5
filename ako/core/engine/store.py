"""The watched objects as last seen, with their indexes: the only mutable picture of the cluster.

Written by the thinking thread from `Change` values, read through the engine's view.
An object that no longer decodes keeps the version before it; one that never decoded is *unreadable*.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ako.core.base.faults import Faults
from ako.core.base.refs import Kind, NamespacedName
from ako.core.engine.cells import Unknown
from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed, Records, Removed, Unreadable
from ako.core.engine.kinds import Index, WatchedKind

Record = type[Struct]

_UNSOUGHT = (Availability.UNKNOWN, "not listed yet")


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
    """Which objects of a record type in one namespace cannot be read, nor told what they are filed under.

    The empty namespace is that of cluster-scoped objects, and stands for all others too.
    """

    record: Record
    namespace: str


StoreKey = ObjectKey | IndexKey | KindKey | ReadabilityKey


Guarded = Callable[[WatchedKind], Mapping[str, Index] | None]

_Indexes = dict[str, dict[Hashable, dict[NamespacedName, None]]]


class _Table:
    """All objects of one record type.

    Those that never were readable are *hidden*: filed by their outlines, or, without one, by their namespace only.
    """

    __slots__ = ("declaration", "hidden", "hidden_indexes", "indexes", "keys_of", "objects", "obscure", "unreadable")

    def __init__(self, declaration: WatchedKind, guarded: Mapping[str, Index] | None) -> None:
        self.declaration = declaration
        self.objects: dict[NamespacedName, Struct] = {}
        self.unreadable: dict[NamespacedName, str] = {}
        self.keys_of = guarded if guarded is not None else declaration.indexes
        self.indexes: _Indexes = {name: {} for name in declaration.indexes}
        self.hidden: dict[NamespacedName, Struct | None] = {}
        self.hidden_indexes: _Indexes = {name: {} for name in declaration.indexes}
        self.obscure: dict[str, dict[NamespacedName, None]] = {}


class Store:
    """Objects by record type and name; `apply` says which keys a change touched.

    Args:
        kinds: what is watched.
        guarded: gives the indexes of a kind in another form, where those that are declared are not to be trusted: such
            a one is asked once about each version of an object, and raises `Unknown` if it has no answer.

    Attributes:
        faults: what went wrong in computations, by a fault of this program or of a plugin.
    """

    def __init__(self, kinds: Sequence[WatchedKind], guarded: Guarded = lambda _: None) -> None:
        self._tables: dict[Record, _Table] = {}
        self._records_of: dict[Kind, list[Record]] = {}
        self._availability: dict[Kind, tuple[Availability, str]] = {}
        self._outdated: dict[Kind, str] = {}
        self.faults = Faults("computation")
        self._guarded = guarded
        self._forbidden: set[Kind] = set()
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
        self._tables[record] = _Table(declaration, self._guarded(declaration))
        self._records_of.setdefault(declaration.kind, []).append(record)
        self._availability.setdefault(declaration.kind, _UNSOUGHT)

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

    def is_forbidden(self, kind: Kind) -> bool:
        """Say whether a kind cannot be read at present for want of the right to."""
        return kind in self._forbidden

    def kinds(self) -> Iterable[Kind]:
        """Give every declared kind."""
        return self._availability.keys()

    def was_sought(self, kind: Kind) -> bool:
        """Say whether there was any answer to the question what there is of a kind, be it a failure."""
        return self._availability[kind] != _UNSOUGHT

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

    def hidden(self, key: IndexKey, readability: ReadabilityKey) -> NamespacedName | None:
        """Name an object that may belong under a key, and of which no good version is known; None if there is none."""
        table = self._table(key.record)
        if not table.hidden:
            return None
        names = [*table.hidden_indexes.get(key.index, {}).get(key.key, {})]
        is_anywhere = not readability.namespace
        names += [
            name
            for namespace, obscure in table.obscure.items()
            if is_anywhere or namespace == readability.namespace
            for name in obscure
        ]
        return min(names, default=None)

    def filed(self, key: IndexKey) -> tuple[Struct, ...]:
        """Give the objects that an index files under a key, ordered by name."""
        table = self._table(key.record)
        try:
            names = table.indexes[key.index].get(key.key, {})
        except KeyError:
            known = ", ".join(sorted(table.indexes)) or "none"
            raise LookupError(f"{key.record.__name__} has no index {key.index!r}; declared: {known}") from None
        return tuple(table.objects[name] for name in sorted(names))

    def outdated(self, key: IndexKey) -> tuple[NamespacedName, ...]:
        """Name the objects that an index files under a key by an older version, as the present one cannot be read."""
        table = self._table(key.record)
        if not table.unreadable:
            return ()
        return tuple(sorted(table.unreadable.keys() & table.indexes[key.index].get(key.key, {}).keys()))

    def names(self, record: Record) -> Iterable[NamespacedName]:
        """Give the names of all objects that are there, readable or not."""
        table = self._table(record)
        return table.objects.keys() | table.unreadable.keys()

    def records_of(self, kind: Kind) -> Iterable[Record]:
        """Give the record types that were declared for a kind."""
        return self._records_of.get(kind, ())

    def keys_of(self, kind: Kind, name: NamespacedName) -> Iterator[StoreKey]:
        """Give the keys under which an object is read, or would be if it were there."""
        for record in self.records_of(kind):
            table = self._tables[record]
            yield ObjectKey(record, name)
            yield from _filed(table, record, name, table.objects.get(name))

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
        was_forbidden = change.kind in self._forbidden
        (self._forbidden.add if change.is_forbidden else self._forbidden.discard)(change.kind)
        if change.availability is Availability.NOT_SERVED:
            yield from self._apply_list(Listed(change.kind, {}))
            self._availability[change.kind] = (change.availability, change.reason)
            yield from (KindKey(record) for record in self._records_of[change.kind])
        elif self._availability[change.kind][0] is Availability.UNKNOWN:
            self._availability[change.kind] = (change.availability, change.reason)
            if was_forbidden != change.is_forbidden:
                yield from (KindKey(record) for record in self._records_of[change.kind])
        else:
            self._outdated[change.kind] = change.reason

    def _apply_list(self, change: Listed) -> Iterator[StoreKey]:
        was_synced = self._availability[change.kind][0] is Availability.SYNCED
        self._availability[change.kind] = (Availability.SYNCED, "")
        self._outdated.pop(change.kind, None)
        self._forbidden.discard(change.kind)
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
        table.unreadable.pop(name, None)
        yield ObjectKey(record, name)
        yield from _reveal(table, record, name)
        if old is not None:
            yield from _refile(table.indexes, record, name, _moves(table, table.indexes, record, name, old, None))

    def _compared(
        self, table: _Table, record: Record, name: NamespacedName, old: Struct | None, new: Struct | Unreadable
    ) -> tuple[Struct | Unreadable, Moves]:
        """Give the new version of an object, the old one if it is equal, with where it is filed from now on."""
        try:
            if old is not None and old == new:
                return old, ()
            return new, () if isinstance(new, Unreadable) else _moves(table, table.indexes, record, name, old, new)
        except Unknown as unknown:
            return Unreadable(str(unknown)), ()
        except Exception as fault:  # noqa: BLE001 - a record that cannot be worked with is as good as unreadable
            return Unreadable(self.faults.take(f"{table.declaration.kind} {name}", fault)), ()

    def _upsert(self, kind: Kind, name: NamespacedName, records: Records) -> Iterator[StoreKey]:
        for record in self._records_of.get(kind, ()):
            table = self._tables[record]
            old, new = table.objects.get(name), records.get(record)
            if new is None:
                continue  # the record type is for other objects
            new, moves = self._compared(table, record, name, old, new)
            if isinstance(new, Unreadable):
                table.unreadable[name] = new.reason
                yield ObjectKey(record, name)
                yield from _filed(table, record, name, old)
                if old is None:
                    yield from _hide(table, record, name, new.outline)
                continue
            if table.unreadable.pop(name, None) is not None:
                yield ObjectKey(record, name)
                yield from _filed(table, record, name, old)
                yield from _reveal(table, record, name)
            if new is not old:
                table.objects[name] = new
                yield ObjectKey(record, name)
                yield from _refile(table.indexes, record, name, moves)


def _hide(table: _Table, record: Record, name: NamespacedName, outline: Struct | None) -> Iterator[StoreKey]:
    """Note an object that cannot be read and never could, with what its outline says."""
    yield from _reveal(table, record, name)
    moves: Moves = ()
    try:
        moves = _moves(table, table.hidden_indexes, record, name, None, outline)
    except Unknown:
        outline = None
    table.hidden[name] = outline
    if outline is None:
        table.obscure.setdefault(name.namespace, {})[name] = None
        yield from _readability(record, name)
    else:
        yield from _refile(table.hidden_indexes, record, name, moves)


def _reveal(table: _Table, record: Record, name: NamespacedName) -> Iterator[StoreKey]:
    """Forget that an object was hidden, if it was: it can be read, or is gone."""
    if name not in table.hidden:
        return
    outline = table.hidden.pop(name)
    if outline is not None:
        filed = table.hidden_indexes
        yield from _refile(filed, record, name, _moves(table, filed, record, name, outline, None))
        return
    del table.obscure[name.namespace][name]
    if not table.obscure[name.namespace]:
        del table.obscure[name.namespace]
    yield from _readability(record, name)


def _readability(record: Record, name: NamespacedName) -> Iterator[StoreKey]:
    yield from (ReadabilityKey(record, namespace) for namespace in {name.namespace, ""})


def _filed(table: _Table, record: Record, name: NamespacedName, known: Struct | None) -> Iterator[StoreKey]:
    """Give the keys that the last good version of an object is filed under; none without one."""
    for index, keys, _ in _moves(table, table.indexes, record, name, known, None):
        yield from (IndexKey(record, index, key) for key in keys)


Moves = Iterable[tuple[str, set[Hashable], set[Hashable]]]
"""Index, the keys before, the keys from now on: of one object."""


def _moves(
    table: _Table, filed: _Indexes, record: Record, name: NamespacedName, old: Struct | None, new: Struct | None
) -> Moves:
    """Give the index keys of the old and the new version of an object; a status record has no index."""
    if record is not table.declaration.record:
        return ()
    is_trusted = table.keys_of is table.declaration.indexes

    def before(index: str, keys_of: Index) -> set[Hashable]:
        if old is None:
            return set()
        return set(keys_of(old)) if is_trusted else {key for key, names in filed[index].items() if name in names}

    return [
        (index, before(index, keys_of), set(keys_of(new)) if new is not None else set())
        for index, keys_of in table.keys_of.items()
    ]


def _refile(indexes: _Indexes, record: Record, name: NamespacedName, moves: Moves) -> Iterator[StoreKey]:
    """Move one object between index entries."""
    for index, before, after in moves:
        filed = indexes[index]
        for key in before - after:
            del filed[key][name]
            if not filed[key]:
                del filed[key]
        for key in after - before:
            filed.setdefault(key, {})[name] = None
        for key in before | after:
            yield IndexKey(record, index, key)
