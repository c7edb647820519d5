"""What flows through the pipeline cannot be changed by anybody: frozen records, holding nothing but such."""

from __future__ import annotations

import collections.abc
import enum
import inspect
import types
import typing
from collections.abc import Iterator

import msgspec
import pytest

from ako.core import model
from ako.core.assemble import tree as assemble
from ako.core.base.refs import AviRef
from ako.core.hooks import claims, outcome, translation
from ako.core.model.base import AviObject
from ako.core.model.json_values import Json

MODULES = (model, claims, translation, outcome, assemble)
ATOMS = (str, int, bool, float, bytes, type(None), msgspec.UnsetType, AviRef, Json)
"""`AviRef` hides its fields behind a hash; nothing assigns them after it is made. `Json` stands for what is frozen."""


def records() -> list[type[msgspec.Struct]]:
    """Give every record of the pipeline's values."""
    named = {found for module in MODULES for found in vars(module).values() if inspect.isclass(found)}
    found = {cls for cls in named if issubclass(cls, msgspec.Struct) and cls is not msgspec.Struct}
    found |= {cls for cls in _subclasses(AviObject) if cls.__module__.startswith("ako.core.model")}
    found -= {outcome.SourceObject}  # holds records of plugins, which `PluginContract` looks at
    return sorted(found, key=lambda cls: cls.__qualname__)


def _subclasses(cls: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    yield cls
    for sub in cls.__subclasses__():
        yield from _subclasses(sub)


def faults(hint: object) -> Iterator[str]:
    """Name every part of a type hint that allows something that can change."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple or origin is frozenset:
        inner = [argument for argument in arguments if argument is not Ellipsis]
        yield from (fault for argument in inner for fault in faults(argument))
    elif origin in {typing.Union, types.UnionType}:
        yield from (fault for argument in arguments for fault in faults(argument))
    elif origin in {typing.ClassVar, typing.Literal, collections.abc.Iterator}:
        return
    elif isinstance(hint, type) and origin is None:
        is_value = issubclass(hint, (*ATOMS, enum.Enum))
        is_named_tuple = issubclass(hint, tuple) and hasattr(hint, "_fields")
        is_record = issubclass(hint, msgspec.Struct) and hint.__struct_config__.frozen
        if not (is_value or is_named_tuple or is_record):
            yield repr(hint)
    else:
        yield repr(hint)


@pytest.mark.parametrize("record", records(), ids=lambda record: record.__qualname__)
def test_values_cannot_change(record: type[msgspec.Struct]) -> None:
    assert record.__struct_config__.frozen, "not frozen"
    hints = typing.get_type_hints(record)
    found = {name: list(faults(hints[name])) for name in record.__struct_fields__}
    assert {name: kinds for name, kinds in found.items() if kinds} == {}


@pytest.mark.parametrize(
    ("hint", "is_fault"),
    [
        (tuple[str, ...], False),
        (frozenset[str] | None, False),
        (list[str], True),
        (tuple[dict[str, int], ...], True),
        (typing.Any, True),
        (typing.Mapping[str, str], True),
    ],
    ids=str,
)
def test_the_check_knows_what_can_change(hint: object, is_fault: bool) -> None:
    assert bool(list(faults(hint))) is is_fault
