"""Notes what of an object is read: who reads nothing of a field cannot notice that it is another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
Seen = tuple[str, Path]
"""The uuid of an object, and the place of a value in it."""


class Tracer:
    """Remembers what was read since it was last asked."""

    def __init__(self) -> None:
        self._seen: set[Seen] = set()

    def note(self, where: Seen, key: str | int) -> None:
        """Note that a value was looked for."""
        uuid, path = where
        self._seen.add((uuid, (*path, key)))

    def taken(self) -> frozenset[Seen]:
        """Give what was read since the last time."""
        seen, self._seen = self._seen, set()
        return frozenset(seen)


def traced(value: Any, tracer: Tracer, where: Seen) -> Any:
    """Give a value of the same content that tells a tracer what is read of it."""
    uuid, path = where
    if isinstance(value, dict):
        return _Fields({key: traced(one, tracer, (uuid, (*path, key))) for key, one in value.items()}, tracer, where)
    if isinstance(value, list):
        found = (traced(one, tracer, (uuid, (*path, index))) for index, one in enumerate(value))
        return _Entries(found, tracer, where)
    return value


class _Fields(dict[str, Any]):
    def __init__(self, content: dict[str, Any], tracer: Tracer, where: Seen) -> None:
        super().__init__(content)
        self._tracer, self._where = tracer, where

    def _all(self) -> None:
        for key in super().__iter__():
            self._tracer.note(self._where, key)

    def __getitem__(self, key: str) -> Any:
        self._tracer.note(self._where, key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._tracer.note(self._where, key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._tracer.note(self._where, str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._all()
        return super().__iter__()

    def keys(self) -> Any:
        self._all()
        return super().keys()

    def values(self) -> Any:
        self._all()
        return super().values()

    def items(self) -> Any:
        self._all()
        return super().items()


class _Entries(list[Any]):
    def __init__(self, content: Iterator[Any], tracer: Tracer, where: Seen) -> None:
        super().__init__(content)
        self._tracer, self._where = tracer, where

    def _all(self) -> None:
        for index in range(super().__len__()):
            self._tracer.note(self._where, index)

    def __getitem__(self, index: Any) -> Any:
        self._all()
        return super().__getitem__(index)

    def __contains__(self, value: object) -> bool:
        self._all()
        return super().__contains__(value)

    def __iter__(self) -> Iterator[Any]:
        self._all()
        return super().__iter__()

    def __len__(self) -> int:
        self._all()
        return super().__len__()
