"""What is wrong with a record that a plugin has objects decoded into: records hold fields and do nothing. Pure.

They are decoded on the threads that watch, shared by all who read them, and compared to see whether anything changed;
code of a plugin in them would run there, outside of every hook.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from msgspec import NODEFAULT, Meta, Struct
from msgspec.structs import fields

from ako.typed_json import reader

_DOES = (
    "__post_init__",
    "__eq__",
    "__ne__",
    "__hash__",
    "__getattr__",
    "__getattribute__",
    "__setattr__",
    "__delattr__",
    "__bool__",
    "__len__",
)
"""Methods that would run where a record is read, compared, filed or looked at."""

_MUTABLE: dict[object, str] = {
    dict: "Mapping",
    list: "tuple[…, ...]",
    set: "frozenset",
    bytearray: "bytes",
}


@cache
def record_fault(record: type[Struct]) -> str:
    """Say why nothing can be decoded into a record; empty if it can."""
    try:
        return next(_faults(record, set()), "") or _unreadable(record)
    except Exception as fault:  # noqa: BLE001 - annotations may be anything
        return f"the record {record.__name__} cannot be understood: {type(fault).__name__}: {fault}"


def _faults(record: type[Struct], seen: set[type]) -> Iterator[str]:
    seen.add(record)
    config = record.__struct_config__
    if not config.frozen:
        yield f"the record {record.__name__} is not frozen, so that whoever reads it could change it: write frozen=True"
    if not config.eq:
        yield f"the record {record.__name__} does not compare by its fields: leave eq=False away"
    for of in record.__mro__[: record.__mro__.index(Struct)]:
        for name in _DOES:
            if name in vars(of):
                yield f"the record {record.__name__} has {name}, which would run outside of any hook: leave it away"
    hints = get_type_hints(record, include_extras=True)
    for field in fields(record):
        where = f"{record.__name__}.{field.name}"
        if not isinstance(field.default_factory, type) and field.default_factory is not NODEFAULT:
            yield f"{where} has a function as its default_factory, which would run outside of any hook: give a default"
        yield from _field_faults(where, hints[field.name], seen)


def _field_faults(field: str, hint: Any, seen: set[type]) -> Iterator[str]:
    kind = get_origin(hint) or hint
    if kind in _MUTABLE:
        yield f"{field} is a {kind.__name__}, which whoever reads it could change: annotate {_MUTABLE[kind]}"
    if isinstance(hint, Meta) and hint.pattern is not None:
        yield f"{field} has a pattern, which would be matched where nothing ends that: match it in a hook"
    if is_dataclass(kind) or is_typeddict(kind) or hasattr(kind, "__attrs_attrs__"):
        yield f"{field} is a {kind.__name__}, which is no record: derive it from msgspec.Struct, frozen"
    if isinstance(kind, type) and issubclass(kind, Enum) and kind._missing_.__module__ != "enum":
        yield f"{field} is a {kind.__name__}, which has _missing_; that would run outside of any hook: leave it away"
    for argument in get_args(hint):
        yield from _field_faults(field, argument, seen)
    if isinstance(kind, type) and issubclass(kind, Struct) and kind not in seen:
        yield from _faults(kind, seen)


def _unreadable(record: type[Struct]) -> str:
    try:
        reader(record)
    except TypeError as fault:
        return f"the record {record.__name__} cannot be read from JSON: {fault}"
    return ""
