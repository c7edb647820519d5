"""Reading for somebody who asks in between: nothing of it is noted, and nothing stays of it in the engine."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from ako.core.engine.cells import Result, Rows, Unknown
from ako.core.engine.engine import Engine
from ako.core.engine.view import View


class Onlooker(View):
    """A view of which nobody is told that it read: what it asks is looked up where it is known, else worked out.

    Args:
        engine: the engine; it must not be at work.
    """

    __slots__ = ("_known",)

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._known = engine.known

    def _read(self, key: Hashable) -> None:
        """Leave no trace."""

    def _ask(self, query: Callable[..., object], arguments: tuple[Hashable, ...]) -> Result:
        known = self._known(query, arguments)
        if known is not None:
            self._engine.freshen(known)
            return known
        result = Result(query, arguments, None)
        try:
            result.value = query(self, *arguments)
        except Unknown as unknown:
            result.doubt = str(unknown)
        return result


def rows_reading(engine: Engine, keys: Iterable[Hashable]) -> set[tuple[Rows, Hashable]]:
    """Give the rows of tables that read any of some keys, by whatever way: each with its table."""
    found: set[tuple[Rows, Hashable]] = set()
    reached = {reader for key in keys for reader in engine.readers(key)}
    pending = list(reached)
    while pending:
        result = pending.pop()
        if result.table is not None:
            found.add((result.table, result.arguments[0]))
            continue
        more = result.readers - reached
        reached |= more
        pending += more
    return found
