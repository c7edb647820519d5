"""Writes that may yet be carried out: what they are about is looked at once more, when they no longer can be. Pure.

A request that was not answered in time may wait in a queue of the Controller and overtake what is written after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName


class _Late(Struct, frozen=True):
    trees: frozenset[TreeName]
    until: float


class LateWrites:
    """Says which objects to look at, and on behalf of which trees."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._late: dict[AviRef, _Late] = {}

    def note(self, ref: AviRef, trees: Iterable[TreeName]) -> None:
        """Note that a write of an object has no answer; the look is due when it can no longer be carried out."""
        self._late[ref] = _Late(frozenset(trees), self._pace.clock() + self._pace.linger)

    def take_due(self) -> list[tuple[AviRef, frozenset[TreeName]]]:
        """Give the objects to look at now, each once."""
        now = self._pace.clock()
        due = [(ref, late.trees) for ref, late in self._late.items() if late.until <= now]
        for ref, _ in due:
            del self._late[ref]
        return due

    def __iter__(self) -> Iterator[AviRef]:
        return iter(self._late)

    def forget(self) -> None:
        """Forget everything: nothing is concluded from what was sent to another Controller."""
        self._late.clear()

    @property
    def next_due(self) -> float | None:
        """Give the time of the next look, None if no write is without an answer."""
        return min((late.until for late in self._late.values()), default=None)
