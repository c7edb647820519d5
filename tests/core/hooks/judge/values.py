"""Values of the records that plugins answer with: well-typed and wild, or with something else in one place of them."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType

from ako.core.base.refs import AviRef
from ako.core.hooks.judge.bounds import NEVER_EMPTY, RANGES
from ako.core.model import FOREIGN_TYPES, WRITTEN_TYPES, AviObject, IpAddr, IpPrefix
from ako.core.model.json_values import Json, JsonObject

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=5) | st.sampled_from(
    ["", "wild.com", "*.com", "my-cluster--x", "/", "web", "x" * 300, "a'\"\\"]
)
ADDRESSES = st.sampled_from([IpAddr.of("10.0.0.1"), IpAddr.of("2001:db8::1"), IpAddr.of("192.0.2.7")])
PREFIXES = st.builds(IpPrefix, ADDRESSES, st.integers(0, 32))
FROZEN_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS | st.builds(AviRef, TEXTS, TEXTS),
    lambda inner: (
        st.lists(inner, max_size=2).map(tuple)
        | st.dictionaries(TEXTS, inner, max_size=2).map(lambda d: JsonObject(tuple(sorted(d.items()))))
    ),
    max_leaves=3,
)
_PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(-(2**31), 2**31) | st.integers(0, 100),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    UnsetType: st.just(UNSET),
    AviRef: st.builds(AviRef, TEXTS, TEXTS),
    IpAddr: ADDRESSES,
    IpPrefix: PREFIXES,
    Json: FROZEN_JSON,
}


@cache
def of_type(hint: Any) -> st.SearchStrategy[Any]:
    """Give values of an annotated type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return st.one_of(*map(of_type, arguments))
    if origin is tuple:
        if arguments[1:] == (Ellipsis,):
            return st.lists(st.deferred(lambda: of_type(arguments[0])), max_size=2).map(tuple)
        return st.tuples(*map(of_type, arguments))
    if hint in _PLAIN:
        return _PLAIN[hint]
    if hint is AviObject:
        return st.one_of(*map(of_type, (*WRITTEN_TYPES, *FOREIGN_TYPES)))
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    hints = typing.get_type_hints(hint)
    if issubclass(hint, tuple):
        return st.builds(hint, *(of_type(hints[field]) for field in hint._fields))
    return st.builds(hint, **{name: _field(hint, name, hints[name]) for name in hint.__struct_fields__})


def _field(record: type[Struct], name: str, hint: Any) -> st.SearchStrategy[Any]:
    values = of_type(hint)
    if name == "members" and record.__name__ == "PortClaim":
        return st.just(())
    if (record, name) in RANGES:
        least, most = RANGES[record, name]
        numbers = st.integers(least, most)
        values = st.lists(numbers, min_size=1, max_size=2).map(tuple) if typing.get_origin(hint) is tuple else numbers
    return values.filter(lambda value: value != ()) if (record, name) in NEVER_EMPTY else values


class Text(str):
    """A text that may be anything else tomorrow."""

    __slots__ = ()


class Number(int):
    """Likewise."""


STRANGERS: tuple[Any, ...] = ([], {}, set(), object(), b"x", 1.5j, Text("x"), Number(1), "\ud800", 2**70, float("nan"))
"""What no field of any answer can be."""

Place = tuple[str | int, ...]


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Give every place in a value but itself."""
    if isinstance(value, Struct):
        inner: Iterator[tuple[str | int, Any]] = ((name, getattr(value, name)) for name in value.__struct_fields__)
    elif isinstance(value, tuple):
        names: Any = getattr(value, "_fields", range(len(value)))
        inner = zip(names, value, strict=True)
    else:
        return
    for step, item in inner:
        yield (*place, step)
        yield from places(item, (*place, step))


def put(value: Any, place: Place, other: object) -> Any:
    """Give a value with another one in a place."""
    if not place:
        return other
    step, *rest = place
    if isinstance(value, Struct):
        return msgspec.structs.replace(value, **{str(step): put(getattr(value, str(step)), tuple(rest), other)})
    index = step if isinstance(step, int) else value._fields.index(step)
    items = [put(item, tuple(rest), other) if at == index else item for at, item in enumerate(value)]
    return type(value)(*items) if hasattr(value, "_fields") else tuple(items)


def in_words(place: Place) -> str:
    """Give a place as faults name it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def place_in(fault: str) -> str:
    """Give the place that a fault names."""
    found = re.match(r"(it|[\w.\[\]]+) ", fault)
    assert found, fault
    return found[1]
