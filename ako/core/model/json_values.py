"""JSON values that never change and can be compared by their hash, with references among them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import UNSET, Struct

from ako.core.base.refs import AviRef

if TYPE_CHECKING:
    Json: TypeAlias = Any
else:

    class Json:
        """A frozen JSON value: None, a bool, a number, a text, an `AviRef`, a tuple of such, or a `JsonObject`."""


_LARGEST = 2**63


class JsonObject(Struct, frozen=True):
    """An object of JSON: its names in order, each once, with their values.

    Attributes:
        entries: pairs of a name and a value.
    """

    entries: tuple[tuple[str, Json], ...] = ()


def frozen(value: object) -> Json:
    """Give a value as it is kept: mappings become `JsonObject`s, lists tuples.

    Raises:
        TypeError: there is something in it that is no JSON.
        ValueError: a number that JSON does not have, or a text that cannot be written.
    """
    if fault := _fault_of(value):
        raise fault
    if isinstance(value, Mapping):
        return JsonObject(tuple(entries_of(value)))
    if isinstance(value, (list, tuple)):
        return tuple(map(frozen, value))
    return value


def entries_of(value: Mapping[Any, object]) -> Iterator[tuple[str, Json]]:
    """Give the entries of a mapping as they are kept, in the order of their names; raise as `frozen` does."""
    for name in value:
        if type(name) is not str:
            raise TypeError(f"a name is {_kind(name)}, not a text")
    yield from ((name, frozen(value[name])) for name in sorted(value))


def _fault_of(value: object) -> Exception | None:
    """Say what is wrong with a value, whatever is in it."""
    if isinstance(value, float) and not isfinite(value):
        return ValueError(f"there is no {value} in JSON")
    if type(value) is int and abs(value) >= _LARGEST:
        return ValueError("a number has more than 64 bits")
    if type(value) is str:
        try:
            value.encode()
        except UnicodeEncodeError:
            return ValueError(f"{value[:80]!a} is no text that can be written")
        return None
    if value is None or type(value) in {bool, int, float, AviRef, JsonObject}:
        return None
    return None if isinstance(value, (Mapping, list, tuple)) else TypeError(f"{_kind(value)} is no JSON")


def fault_in(value: object) -> str:
    """Say why a value is none that `frozen` gives; empty if it is one."""
    if isinstance(value, JsonObject):
        names = [entry[0] for entry in value.entries if type(entry) is tuple and len(entry) == 2]
        if len(names) != len(value.entries) or any(type(name) is not str for name in names):
            return "its entries are not pairs of a name and a value"
        if names != sorted(set(names)):
            return "its names are not in order, each once"
        return next((fault for _, inner in value.entries if (fault := fault_in(inner))), "")
    if type(value) is tuple:
        return next((fault for inner in value if (fault := fault_in(inner))), "")
    if isinstance(value, (Mapping, list)):
        return f"{_kind(value)} can change"
    return str(_fault_of(value) or "")


def thawed(value: Json) -> Any:
    """Give a frozen value as plain dictionaries and lists; references stay `AviRef`s."""
    if isinstance(value, JsonObject):
        return {name: thawed(inner) for name, inner in value.entries}
    return [thawed(inner) for inner in value] if isinstance(value, tuple) else value


def plain(value: object) -> Any:
    """Give any value of a model as plain dictionaries and lists, without what is unset; references stay `AviRef`s."""
    if isinstance(value, JsonObject):
        return thawed(value)
    if isinstance(value, Struct):
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        values = ((encoded, getattr(value, name)) for name, encoded in names)
        return {encoded: plain(inner) for encoded, inner in values if inner is not UNSET}
    return [plain(inner) for inner in value] if isinstance(value, tuple) else value


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"
