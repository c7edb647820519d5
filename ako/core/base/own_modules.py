"""What our modules are made of, so that it is seen when somebody else has changed that."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Mapping
from operator import is_
from types import FunctionType, ModuleType

from msgspec import Struct

_METHODS = (FunctionType, classmethod, staticmethod, property)


class _Part(Struct, frozen=True):
    """A module, or a class in one: its names, and what its functions do."""

    names: Mapping[str, object]
    codes: tuple[object, ...]

    def is_as(self, other: _Part) -> bool:
        """Say whether two pictures of it are the same, without asking any value."""
        return (
            self.names.keys() == other.names.keys()
            and all(map(is_, self.names.values(), other.names.values()))
            and all(map(is_, self.codes, other.codes))
        )


Picture = Mapping[str, _Part]
"""Dotted name of a module, or of a class in one → what it consists of."""


def picture() -> Picture:
    """Give what the modules of this program that are loaded, and `builtins`, consist of at present."""
    return {name: part for module in _modules() for name, part in _parts(module)}


def _modules() -> Iterator[ModuleType]:
    yield builtins
    yield from (module for name, module in tuple(sys.modules.items()) if name == "ako" or name.startswith("ako."))


def _owners() -> Iterator[ModuleType | type]:
    for module in _modules():
        yield module
        yield from _classes(module)


def _classes(module: ModuleType) -> Iterator[type]:
    if module is not builtins:
        for value in tuple(vars(module).values()):
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield value


def _parts(module: ModuleType) -> Iterator[tuple[str, _Part]]:
    names = dict(vars(module))
    names.pop("__warningregistry__", None)  # a warning was issued there
    yield module.__name__, _part(names)
    for cls in _classes(module):
        # What libraries keep in a class, they make when it is first needed.
        kept = {name: part for name, part in vars(cls).items() if name[0] != "_" or isinstance(part, _METHODS)}
        yield f"{module.__name__}.{cls.__name__}", _part(kept)


def _part(names: dict[str, object]) -> _Part:
    return _Part(names, tuple([value.__code__ for value in names.values() if type(value) is FunctionType]))


def changed_since(before: Picture) -> tuple[str, ...]:
    """Give what has been replaced, added or taken away since a picture was made, by its dotted name, sorted.

    Modules that were loaded since are not looked at.
    """
    after = picture() if before else {}
    both = ((where, was, after[where]) for where, was in before.items() if where in after)
    return tuple(sorted(f"{where}.{name}" for where, was, now in both for name in _differences(where, was, now)))


def _differences(where: str, was: _Part, now: _Part) -> Iterator[str]:
    if was.is_as(now):
        return
    absent = object()
    for name in was.names.keys() | now.names.keys():
        old, new = was.names.get(name, absent), now.names.get(name, absent)
        is_module = isinstance(new, ModuleType) and new.__name__ == f"{where}.{name}"
        does_other = isinstance(new, FunctionType) and new.__code__ not in was.codes
        if not is_module and (old is not new or does_other):
            yield name


class Footprint:
    """What modules and classes of ours were like, to be compared with again and again: in less than a millisecond."""

    def __init__(self) -> None:
        self._before = picture()
        self._parts = tuple((owner, dict(vars(owner))) for owner in _owners())

    def changed(self) -> tuple[str, ...]:
        """Give what has been replaced, added or taken away since, by its dotted name, sorted."""
        if all(_is_same(vars(owner), names) for owner, names in self._parts):
            return ()
        self._parts = tuple((owner, dict(vars(owner))) for owner, _ in self._parts)  # a library may have added to some
        return changed_since(self._before)


def _is_same(now: Mapping[str, object], before: Mapping[str, object]) -> bool:
    return len(now) == len(before) and all(map(is_, now.values(), before.values()))
