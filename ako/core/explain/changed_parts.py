"""What of a value changes: the entries that come and go, and what they name. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef


def changed_parts(old: Any, new: Any) -> Iterator[Any]:
    """Give the parts of two values that are in one of them only; the place that entries have in a list is none.

    Args:
        old: a value of a model, or None.
        new: likewise.
    """
    if isinstance(old, tuple) and isinstance(new, tuple):
        yield from _entries(old, new)
    elif isinstance(old, Struct) and type(old) is type(new):
        for field in old.__struct_fields__:
            yield from changed_parts(getattr(old, field), getattr(new, field))
    elif old != new:
        yield from (value for value in (old, new) if value is not None)


def _entries(old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Any]:
    """Give the entries that come or go; of one that stays under its name only what of it changes."""
    before, after = {_placeless(entry) for entry in old}, {_placeless(entry) for entry in new}
    going = {_name(entry, n): entry for n, entry in enumerate(old) if _placeless(entry) not in after}
    for number, entry in enumerate(new):
        if _placeless(entry) not in before:
            name = _name(entry, len(old) + number)
            yield from changed_parts(going.pop(name), entry) if name in going else (entry,)
    yield from going.values()


def _name(entry: Any, otherwise: int) -> str | int:
    return getattr(entry, "name", otherwise) if isinstance(entry, Struct) else otherwise


def named_in(value: Any) -> Iterator[AviRef | str]:
    """Give every reference and every text in a value of a model, or of JSON."""
    if isinstance(value, (AviRef, str)):
        yield value
    elif isinstance(value, (tuple, list)):
        for entry in value:
            yield from named_in(entry)
    elif isinstance(value, dict):
        yield from named_in(list(value.values()))
    elif isinstance(value, Struct):
        for field in value.__struct_fields__:
            yield from named_in(getattr(value, field))


def _placeless(entry: Any) -> Any:
    """Give an entry without its number, and its name, which the number is in: the next one takes them when it goes."""
    if not isinstance(entry, Struct) or not hasattr(entry, "index"):
        return entry if not isinstance(entry, dict) else repr(entry)
    return replace(entry, **{field: None for field in ("index", "name") if hasattr(entry, field)})
