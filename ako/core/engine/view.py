"""What stages and plugins read through: a picture of the store that records every read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Protocol, TypeVar, cast

from msgspec import Struct

from ako.core.base.refs import NamespacedName
from ako.core.engine.cells import NOTHING, Cell, Input, Result, Rows, Unknown
from ako.core.engine.changes import Availability
from ako.core.engine.store import IndexKey, KindKey, ObjectKey, ReadabilityKey, Record, Store

R = TypeVar("R", bound=Struct)
T = TypeVar("T")


class Remembering(Protocol):
    """What a view needs of the engine: the store, the inputs, and cells and results that are kept up to date."""

    @property
    def store(self) -> Store:
        """Give the watched objects."""

    @property
    def inputs(self) -> Mapping[Hashable, Any]:
        """Give the inputs that have a value."""

    def cell(self, key: Hashable) -> Cell:
        """Give the cell of something that can be read."""

    def result(self, query: Callable[..., Any], arguments: tuple[Hashable, ...]) -> Result:
        """Give the memoised result of a query, computed or not."""

    def freshen(self, result: Result) -> None:
        """Make a result up to date."""


class View:
    """An unchanging picture of everything that may be read, for the time of one computation.

    It records what is read through it. When that changes, whoever read it is asked again; so an answer that depends on
    anything else is wrong as soon as that changes. It is not to be kept: read through the one that came with the call.
    """

    __slots__ = ("_engine", "_reads")

    def __init__(self, engine: Remembering) -> None:
        self._engine = engine
        self._reads: dict[Cell, None] = {}

    def get(self, record: type[R], namespace: str, name: str) -> R | None:
        """Give one object as its record, or None if it does not exist; raise `Unknown` if that is not known."""
        store = self._engine.store
        key = ObjectKey(record, NamespacedName(namespace, name))
        self._read(key)
        found = store.get(key)
        if found is not None:
            return cast("R", found)
        if fault := self._unreadable(key):
            raise Unknown(fault)
        self._require_listed(record)
        return None

    def list(self, record: type[R], index: str, key: Hashable) -> tuple[R, ...]:
        """Give the objects that an index files under a key, ordered by name.

        Raise `Unknown` while the kind is not listed, or while there is an object of it that never could be read and
        might belong here: by what its outline says, else by the namespace of the key (its first element if it is a
        tuple; any other key may be that of an object anywhere).
        """
        store = self._engine.store
        filed = IndexKey(record, index, key)
        self._read(filed)
        self._require_listed(record)
        readability = ReadabilityKey(record, str(key[0]) if isinstance(key, tuple) and key else "")
        self._read(readability)
        if (hidden := store.hidden(filed, readability)) is not None:
            raise Unknown(self._unreadable(ObjectKey(record, hidden)))
        return cast("tuple[R, ...]", store.filed(filed))

    def outdated(self, record: type[R], namespace: str, name: str) -> str:
        """Say why `get` gives an older version of an object than there is; empty if it does not."""
        store = self._engine.store
        key = ObjectKey(record, NamespacedName(namespace, name))
        self._read(key)
        return self._unreadable(key) if store.get(key) is not None else ""

    def outdated_in(self, record: type[R], index: str, key: Hashable) -> tuple[str, ...]:
        """Say why `list` gives older versions of objects than there are, a text for each of these, ordered by name."""
        filed = IndexKey(record, index, key)
        self._read(filed)
        return tuple(self._unreadable(ObjectKey(record, name)) for name in self._engine.store.outdated(filed))

    def _unreadable(self, key: ObjectKey) -> str:
        """Say why the present version of an object cannot be read; empty if it can."""
        store = self._engine.store
        reason = store.unreadable(key)
        return "" if reason is None else f"{store.kind_of(key.record).name} {key.name} cannot be read: {reason}"

    def is_served(self, record: Record) -> bool:
        """Say whether the API server serves the kind of a record; raise `Unknown` while that is not known."""
        self._read(KindKey(record))
        self._require_listed(record)
        store = self._engine.store
        return store.availability(store.kind_of(record))[0] is Availability.SYNCED

    def is_forbidden(self, record: Record) -> bool:
        """Say whether we may not read the kind of a record, and never could: what it would say is not to be had."""
        self._read(KindKey(record))
        store = self._engine.store
        return not store.is_listed(record) and store.is_forbidden(store.kind_of(record))

    def input(self, which: Input[T], *arguments: Hashable) -> T:
        """Give the value of an input; raise `Unknown` if it is not set and has no default."""
        key = (which, *arguments)
        self._read(key)
        value = self._engine.inputs.get(key, which.default)
        if value is NOTHING:
            raise Unknown(f"{which.name} is not known yet")
        return cast("T", value)

    def ask(self, query: Callable[..., T], *arguments: Hashable) -> T:
        """Give the result of a query: a pure function of a view and these arguments, computed at most once per change.

        Raise `Unknown` if it cannot be computed and never could; else the last good result is given.
        """
        result = self._ask(query, arguments)
        if result.value is NOTHING:
            raise Unknown(result.doubt)
        return cast("T", result.value)

    def last(self, query: Callable[..., T], *arguments: Hashable) -> tuple[T | None, str]:
        """Give the last good result of a query and why it is out of date; None without one, empty if it is not."""
        result = self._ask(query, arguments)
        return (None if result.value is NOTHING else cast("T", result.value)), result.doubt

    def group(self, table: Rows, key: Hashable) -> tuple[Any, ...]:
        """Give the pieces that the rows of a table filed under a key, ordered by row (for the core)."""
        self._read((table, key))
        return table.group(key)

    def row(self, table: Rows, row: Hashable) -> Any:
        """Give the result of a row of a table; it must have one (for the core)."""
        result = table.rows[row]
        self._reads[result] = None
        return result.value

    def _ask(self, query: Callable[..., object], arguments: tuple[Hashable, ...]) -> Result:
        result = self._engine.result(query, arguments)
        self._reads[result] = None
        self._engine.freshen(result)
        return result

    def _read(self, key: Hashable) -> None:
        self._reads[self._engine.cell(key)] = None

    def _require_listed(self, record: Record) -> None:
        store = self._engine.store
        if not store.is_listed(record):
            self._read(KindKey(record))
            kind = store.kind_of(record)
            raise Unknown(f"{kind} is not known: {store.availability(kind)[1]}")

    @property
    def reads(self) -> Iterable[Cell]:
        """Give everything that was read, in order (for the core)."""
        return self._reads
