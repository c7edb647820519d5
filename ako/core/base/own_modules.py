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
    modules = [module for name, module in tuple(sys.modules.items()) if name == "ako" or name.startswith("ako.")]
    return {name: part for module in (builtins, *modules) for name, part in _parts(module)}


def _parts(module: ModuleType) -> Iterator[tuple[str, _Part]]:
    names = dict(vars(module))
    names.pop("__warningregistry__", None)  # a warning was issued there
    yield module.__name__, _part(names)
    for name, value in names.items():
        if isinstance(value, type) and value.__module__ == module.__name__ and module is not builtins:
            # What libraries keep in a class, they make when it is first needed.
            yield (
                f"{module.__name__}.{name}",
                _part({n: part for n, part in vars(value).items() if n[0] != "_" or isinstance(part, _METHODS)}),
            )


def _part(names: dict[str, object]) -> _Part:
    return _Part(names, tuple([value.__code__ for value in names.values() if type(value) is FunctionType]))


def changed_since(before: Picture) -> tuple[str, ...]:
    """Give what has been replaced, added or taken away since a picture was made, by its dotted name, sorted.

    Modules that were loaded since are not looked at.
    """
    after = picture()
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
