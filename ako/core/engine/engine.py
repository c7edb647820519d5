"""The incremental engine: pure functions over the store, memoised together with what they read.

`View` is what every stage and every plugin reads through; it records each read. A *query* is a function of a view
and some arguments; its result is remembered with its reads. When something changes, only the results whose reads
changed are computed again, and when a new result equals the old one nothing downstream runs (early cut-off).

A *table* holds one result per row and files the pieces of each result into groups, which later tables read:
claims by host, hosts by tree. Tables are refreshed in order, so that data flows one way.

                        changed?                   changed?                     changed?
    store, inputs ──▶ rows of claims ──groups──▶ rows of hosts ──groups──▶ rows of trees ──▶ drained by the planner
          └──────────── queries (placement, certificates, …) read by any row ───────────┘

What cannot be read is *unknown*, never empty: reading it raises `Unknown`; the last good result then stays in force,
and the row is listed in `Table.doubts` until it can be computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from ako.core.engine.cells import NOTHING, Cell, Filed, Input, Result, Rows, Unknown
from ako.core.engine.changes import Change
from ako.core.engine.store import Store, StoreKey
from ako.core.engine.table import Table
from ako.core.engine.view import View

T = TypeVar("T")


class Engine:
    """Keeps every result up to date, at a cost that follows the change.

    Args:
        store: the watched objects.
        tables: in the order of the data flow.
        strangers: computes the queries that are not of the core, from the function, a view and its other arguments;
            what it raises but `Unknown` is meant for whoever asked. None: they are computed as those of the core are.
    """

    def __init__(self, store: Store, tables: Sequence[Table[Any]], strangers: Callable[..., Any] | None = None) -> None:
        self.store = store
        self.faults = store.faults
        self.inputs: dict[Hashable, Any] = {}
        self._tables = tables
        self._strangers = strangers
        self._cells: dict[Hashable, Cell] = {}
        self._results: dict[Hashable, Result] = {}
        self._now = 0
        self.steps = 0
        """How many results were computed so far."""
        self.noticed: Sequence[Change] = ()
        """Those of the changes that were taken last that touched anything which was read."""

    def apply(self, changes: Iterable[Change]) -> set[StoreKey]:
        """Take a batch of changes into the store, mark what depends on them, and give the keys they touched."""
        self._now += 1
        touched: set[StoreKey] = set()
        noticed: list[Change] = []
        for change in changes:
            with self.faults.contained(f"a change of {change.kind}"):
                keys = set(self.store.apply(change))
                touched |= keys
                if not self._cells.keys().isdisjoint(keys):
                    noticed.append(change)
        self.noticed = noticed
        for key in touched:
            self._touch(key)
        return touched

    def set_input(self, which: Input[T], value: T, *arguments: Hashable) -> None:
        """Set an input; an equal value changes nothing."""
        key = (which, *arguments)
        if key in self.inputs and self.inputs[key] == value:
            return
        self._now += 1
        self.inputs[key] = value
        self._touch(key)

    def clear_input(self, which: Input[Any], *arguments: Hashable) -> None:
        """Give an input its default again."""
        key = (which, *arguments)
        if key in self.inputs:
            self._now += 1
            del self.inputs[key]
            self._touch(key)

    def refresh(self) -> None:
        """Bring all tables up to date, in order."""
        for table in self._tables:
            self._now += 1
            for row in table.gone:
                self._drop_row(table, row)
            table.gone.clear()
            while table.stale:
                result = next(iter(table.stale))
                self.freshen(result)
                table.stale.pop(result, None)

    def ask(self, query: Callable[..., T], *arguments: Hashable) -> T:
        """Compute a query from outside; nothing is recorded on behalf of the caller."""
        return View(self).ask(query, *arguments)

    def input(self, which: Input[T], *arguments: Hashable) -> T:
        """Read an input from outside, as `View.input` does; nothing is recorded on behalf of the caller."""
        return View(self).input(which, *arguments)

    @property
    def size(self) -> int:
        """Give the number of reads and query results that are remembered."""
        return len(self._cells) + len(self._results)

    def known(self, query: Callable[..., Any], arguments: tuple[Hashable, ...]) -> Result | None:
        """Give the remembered result of a query, None if there is none."""
        return self._results.get((query, *arguments))

    def readers(self, key: Hashable) -> frozenset[Result]:
        """Give the results that read something."""
        cell = self._cells.get(key)
        return frozenset(cell.readers) if cell is not None else frozenset()

    # What follows serves View.

    def cell(self, key: Hashable) -> Cell:
        """Give the cell of something that can be read."""
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = Cell(key)
        return cell

    def result(self, query: Callable[..., Any], arguments: tuple[Hashable, ...]) -> Result:
        """Give the memoised result of a query, computed or not."""
        key = (query, *arguments)
        result = self._results.get(key)
        if result is None:
            result = self._results[key] = Result(query, arguments, None)
        return result

    def freshen(self, result: Result) -> None:
        """Make one result up to date: first its reads, then itself if one of them changed."""
        if not result.is_stale and result.verified_at:
            return
        if result.is_running:
            raise RuntimeError(f"{result.function.__name__}{result.arguments} reads itself")
        if result.verified_at == 0 or self._has_changed_reads(result):
            try:
                self._compute(result)
            except BaseException:  # cut off in the midst of it: begun anew when it is next asked for
                result.is_stale, result.verified_at = False, 0
                raise
        result.is_stale = False
        result.verified_at = self._now

    def _has_changed_reads(self, result: Result) -> bool:
        for read in result.reads:
            if isinstance(read, Result):
                self.freshen(read)
            if read.changed_at > result.verified_at:
                return True
        return False

    def _compute(self, result: Result) -> None:
        self.steps += 1
        view = View(self)
        old, doubt = result.value, ""
        changed: Filed = {}
        is_strange = self._is_strange(result)
        result.is_running = True
        try:
            value = self._call(result, view, is_strange=is_strange)
            if old is not NOTHING and value == old:
                value = old
            elif result.table is not None:
                changed = result.table.compare(old, value)
        except Unknown as unknown:
            value, doubt = old, str(unknown)
        except Exception as fault:
            if is_strange:
                self._subscribe(result, tuple(view.reads))
                raise  # the fault is that of the hook that asked
            value, doubt = old, self.faults.take(result, fault)  # it must harm no other computation
        except BaseException:
            self._subscribe(result, tuple(view.reads))
            raise
        finally:
            result.is_running = False
        self._subscribe(result, tuple(view.reads))
        if value is old and doubt == result.doubt:
            return
        result.value, result.doubt, result.changed_at = value, doubt, self._now
        if result.table is not None:
            self._publish(result.table, result.arguments[0], old, changed, doubt)

    def _is_strange(self, result: Result) -> bool:
        is_ours = getattr(result.function, "__module__", "").startswith("ako.core.")
        return self._strangers is not None and result.table is None and not is_ours

    def _call(self, result: Result, view: View, *, is_strange: bool) -> Any:
        if is_strange and self._strangers is not None:
            return self._strangers(result.function, view, *result.arguments)
        return result.function(view, *result.arguments)

    def _publish(self, table: Rows, row: Hashable, old: Any, changed: Filed, doubt: str = "") -> None:
        table.publish(row, old, changed, doubt)
        for group in changed:
            self._touch((table, group))

    def _drop_row(self, table: Table[Any], row: Hashable) -> None:
        result = table.rows.pop(row)
        table.stale.pop(result, None)
        self._subscribe(result, ())
        self._publish(table, row, result.value, table.compare(result.value, NOTHING))

    def _subscribe(self, result: Result, reads: tuple[Cell, ...]) -> None:
        """Replace what a result depends on; forget what nobody reads any more."""
        if reads == result.reads:
            return
        dropped = set(result.reads).difference(reads)
        for read in reads:
            read.readers.add(result)
        result.reads = reads
        for read in dropped:
            read.readers.discard(result)
            if not read.readers:
                self._forget(read)

    def _forget(self, read: Cell) -> None:
        known: dict[Hashable, Any] = self._results if isinstance(read, Result) else self._cells
        if isinstance(read, Result) and read.table is not None:
            return
        with self.faults.contained("what a plugin asked with cannot be looked up any more"):
            known.pop(read.key, None)
        if isinstance(read, Result):
            self._subscribe(read, ())

    def _touch(self, key: Hashable) -> None:
        """Note that something changed and mark every result that may depend on it."""
        cell = self._cells.get(key)
        if cell is None:
            return
        cell.changed_at = self._now
        pending = [cell]
        while pending:
            for reader in pending.pop().readers:
                if not reader.is_stale:
                    reader.is_stale = True
                    if reader.table is not None:
                        reader.table.stale[reader] = None
                    pending.append(reader)
