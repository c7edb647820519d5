"""Tables: one memoised result per row, its pieces filed into groups that later tables read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

from ako.core.engine.cells import NOTHING, Filed, Result
from ako.core.engine.view import View

T = TypeVar("T")

_TOLD_AS_FAR_AS = 2
"""How far followers can count the rows of a group; that more come and go does not concern them."""


class Table(Generic[T]):
    """Results by row, and their pieces by group.

    Args:
        name: for messages.
        function: computes a row from a view and the row's key.
        pieces: takes a result apart into (group, piece) pairs; pieces are ordered by row within a group.
        follows: the tables whose groups are the rows of this one; none if rows are only wanted from outside.
        is_row: tells such groups from those that are only there to be read, by key and by how many rows filed there
            (which is told to it as far as two).
    """

    def __init__(
        self,
        name: str,
        function: Callable[[View, Any], T],
        pieces: Callable[[T], Iterable[tuple[Hashable, Any]]],
        follows: Iterable[Table[Any]] = (),
        is_row: Callable[[Hashable, int], bool] = lambda _, __: True,
    ) -> None:
        self.name = name
        self.function = function
        self.pieces = pieces
        self.is_row = is_row
        self.followers: list[Table[Any]] = []
        self.rows: dict[Hashable, Result] = {}
        self.stale: dict[Result, None] = {}
        self.gone: set[Hashable] = set()
        self.pinned: set[Hashable] = set()
        self.doubts: dict[Hashable, str] = {}
        self._changed: dict[Hashable, T | None] = {}
        self._groups: dict[Hashable, dict[Hashable, list[Any]]] = {}
        self._follows = tuple(follows)
        for table in self._follows:
            table.followers.append(self)

    def __repr__(self) -> str:
        return f"Table({self.name})"

    def want(self, row: Hashable) -> None:
        """Have a row computed at the next refresh, and kept up to date."""
        self.gone.discard(row)
        if row not in self.rows:
            result = self.rows[row] = Result(self.function, (row,), self)
            self.stale[result] = None

    def unwant(self, row: Hashable) -> None:
        """Drop a row at the next refresh, unless it is pinned."""
        if row in self.rows and row not in self.pinned:
            self.gone.add(row)

    def pin(self, row: Hashable) -> None:
        """Want a row whether or not the followed table has such a group."""
        self.pinned.add(row)
        self.want(row)

    def unpin(self, row: Hashable) -> None:
        """End a pin; the row goes unless the followed tables have it."""
        self.pinned.discard(row)
        self.follow(row)

    def follow(self, group: Hashable) -> None:
        """Want a row, or not, as the tables have it that this one follows."""
        for table in self._follows:
            filed = table.size(group)
            if filed and self.is_row(group, filed):
                self.want(group)
                return
        self.unwant(group)

    def value(self, row: Hashable) -> T | None:
        """Give the last good result of a row, None if there is none."""
        result = self.rows.get(row)
        return None if result is None or result.value is NOTHING else cast("T", result.value)

    def values(self) -> Iterator[tuple[Hashable, T]]:
        """Give every row that has a result, with it."""
        return ((row, result.value) for row, result in self.rows.items() if result.value is not NOTHING)

    def group(self, key: Hashable) -> tuple[Any, ...]:
        """Give the pieces filed under a key, ordered by row."""
        filed = self._groups.get(key)
        if not filed:
            return ()
        if len(filed) == 1:
            return tuple(*filed.values())
        return tuple(piece for row in _ordered(filed) for piece in filed[row])

    def size(self, key: Hashable) -> int:
        """Give how many rows filed pieces under a key."""
        filed = self._groups.get(key)
        return len(filed) if filed else 0

    def drain(self) -> Mapping[Hashable, T | None]:
        """Give the rows whose result changed, or that went, since the last call, each with its result before that."""
        changed, self._changed = self._changed, {}
        return changed

    def compare(self, old: Any, new: Any) -> Filed:
        """Give what a row files by another result, as far as it differs."""
        before = _by_group(self.pieces(old)) if old is not NOTHING else {}
        after: Filed = _by_group(self.pieces(new)) if new is not NOTHING else {}
        if not before:
            return after
        return {key: after.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}

    def publish(self, row: Hashable, old: Any, changed: Filed, doubt: str) -> None:
        """Replace what a row filed, now that it has another result than the old one."""
        self._changed.setdefault(row, None if old is NOTHING else old)
        if doubt:
            self.doubts[row] = doubt
        else:
            self.doubts.pop(row, None)
        for key, pieces in changed.items():
            self._refile(key, row, pieces)

    def _refile(self, key: Hashable, row: Hashable, pieces: list[Any] | None) -> None:
        filed = self._groups.get(key)
        if filed is None:
            filed = self._groups[key] = {}
        before = len(filed)
        if pieces is not None:
            filed[row] = pieces
        else:
            del filed[row]
        after = len(filed)
        if not after:
            del self._groups[key]
        if before != after and min(before, after) < _TOLD_AS_FAR_AS:
            for follower in self.followers:
                if after and follower.is_row(key, after):
                    follower.want(key)
                elif before:
                    follower.follow(key)


def _ordered(rows: Iterable[Any]) -> list[Any]:
    """Order rows, also those of several types, as hosts and port claims are: they cannot be compared."""
    try:
        return sorted(rows)
    except TypeError:
        return sorted(rows, key=lambda row: (type(row).__name__, repr(row)))


def _by_group(pieces: Iterable[tuple[Hashable, Any]]) -> dict[Hashable, list[Any]]:
    grouped: dict[Hashable, list[Any]] = {}
    for key, piece in pieces:
        grouped.setdefault(key, []).append(piece)
    return grouped
