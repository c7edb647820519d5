"""What the engine remembers: cells that were read, memoised results, inputs, and the state of not knowing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")

NOTHING: Any = type("Nothing", (), {"__repr__": lambda _: "nothing"})()
"""The value of a result that never could be computed."""


class Unknown(Exception):  # noqa: N818 - a state of knowledge, not an error
    """Something that was read is not known; its argument says what and why.

    Let it pass, or raise it yourself where an answer would be a guess: `raise Unknown("sites were not read yet")`.
    """


class Input(Generic[T]):
    """A value that the controller sets and queries read: settings, facts about the cloud, retained parents.

    An input may have arguments, as a query has: `view.input(ASSIGNMENT, host)`. Without a value its default holds;
    without a default reading it raises `Unknown`.
    """

    def __init__(self, name: str, default: Any = NOTHING) -> None:
        self.name = name
        self.default = default

    def __repr__(self) -> str:
        return f"Input({self.name})"


class Cell:
    """Something results depend on: when it last changed and who read it."""

    __slots__ = ("changed_at", "key", "readers")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.changed_at = 0
        self.readers: set[Result] = set()


class Result(Cell):
    """One memoised call of a query, or one row of a table."""

    __slots__ = ("arguments", "doubt", "function", "is_running", "is_stale", "reads", "table", "value", "verified_at")

    def __init__(self, function: Callable[..., Any], arguments: tuple[Hashable, ...], table: Rows | None) -> None:
        super().__init__((function, *arguments))
        self.function = function
        self.arguments = arguments
        self.table = table
        self.value: Any = NOTHING
        self.doubt = ""
        self.reads: tuple[Cell, ...] = ()
        self.verified_at = 0
        self.is_stale = True
        self.is_running = False

    def __repr__(self) -> str:
        return f"{self.function.__name__}{self.arguments}"


Filed = Mapping[Hashable, list[Any] | None]
"""Group → the pieces that a row files there; None for no longer any."""


class Rows(Protocol):
    """What holds results as its rows: it knows those that are stale, and files the pieces of all under groups."""

    rows: dict[Hashable, Result]
    stale: dict[Result, None]

    def __hash__(self) -> int:
        """Give a number by which a table can be an argument of queries."""

    def group(self, key: Hashable) -> tuple[Any, ...]:
        """Give the pieces filed under a key, ordered by row."""

    def compare(self, old: Any, new: Any) -> Filed:
        """Give what a row files by another result, as far as it differs."""

    def publish(self, row: Hashable, old: Any, changed: Filed, doubt: str) -> None:
        """Replace what a row filed, now that it has another result than the old one."""
