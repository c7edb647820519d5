"""What is wrong with a record that a plugin has objects decoded into: records hold fields and do nothing. Pure.

They are decoded on the threads that watch, shared by all who read them, and compared to see whether anything changed;
code of a plugin in them would run there, outside of every hook.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from msgspec import Struct

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
    for field, hint in get_type_hints(record).items():
        if field in record.__struct_fields__:
            yield from _field_faults(f"{record.__name__}.{field}", hint, seen)


def _field_faults(field: str, hint: Any, seen: set[type]) -> Iterator[str]:
    kind = get_origin(hint) or hint
    if kind in _MUTABLE:
        yield f"{field} is a {kind.__name__}, which whoever reads it could change: annotate {_MUTABLE[kind]}"
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
