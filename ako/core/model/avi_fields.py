"""What the object model of the Controller says of the fields of Avi objects: names, types, values and defaults. Pure.

Derived from the object model that the simulator enforces; fields of messages in messages included.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from msgspec import UNSET, Struct
from msgspec.json import decode

from ako.core.base.refs import AviRef
from ako.core.model.json_values import Json, JsonObject, frozen

_KNOWN: Mapping[str, Any] = decode(resources.files("ako.core.model").joinpath("data/avi_fields.json").read_bytes())

FILLED: Mapping[tuple[str, str], frozenset[str]] = {
    ("pool", "analytics_profile_ref"): frozenset({"System-Analytics-Profile"}),
    ("virtualservice", "analytics_profile_ref"): frozenset({"System-Analytics-Profile"}),
    ("virtualservice", "ssl_profile_ref"): frozenset({"System-Standard", "System-Standard-PFS"}),
}
"""What the Controller fills in where one of its own profiles may be named and none is; it varies with its version."""


class FieldSpec(Struct, frozen=True):
    """One field.

    Attributes:
        base: `boolean`, `integer`, `number`, `string`, `enum`, `ref`, `object` or `any`.
        target: the enumeration, the type referred to, or the message; empty for the others.
        is_list: it repeats.
        is_readonly: the Controller alone writes it.
        is_needed: its message is refused without it.
        default: what the Controller fills in; UNSET if it fills in nothing.
    """

    base: str
    target: str = ""
    is_list: bool = False
    is_readonly: bool = False
    is_needed: bool = False
    default: Any = UNSET


@cache
def fields_of_message(name: str) -> Mapping[str, FieldSpec]:
    """Give the fields of a message, such as `AnalyticsPolicy`."""
    return {field: _spec(text) for field, text in _KNOWN["types"][name].items()}


def message_of(avi_type: str) -> str:
    """Give the name of the message that objects of a type are; empty if they are none of those that we write."""
    name: str = _KNOWN["models"].get(avi_type, "")
    return name


@cache
def fields_of_type(avi_type: str) -> Mapping[str, FieldSpec]:
    """Give the fields of a type, such as `pool`."""
    return fields_of_message(message_of(avi_type)) if message_of(avi_type) else {}


def values_of(enumeration: str) -> tuple[str, ...]:
    """Give the values of an enumeration."""
    return tuple(_KNOWN["enums"].get(enumeration, ()))


def _spec(text: Any) -> FieldSpec:
    kind, default = text if isinstance(text, list) else (text, UNSET)
    flag = kind[0] if kind[0] in "!+" else ""
    base, _, target = kind.removeprefix(flag).removesuffix("[]").partition(":")
    return FieldSpec(base, target, kind.endswith("[]"), flag == "!", flag == "+", default)


def canonical(avi_type: str, name: str, value: object) -> Json:
    """Give what a value of a field says, None if it says no more than leaving the field out does.

    Two values that the Controller takes for the same have one canonical form: it fills in defaults within whatever
    message there is, and makes no message of its own; lists whose entries have an index are in that order.

    Args:
        avi_type: of the object.
        name: of the field in JSON.
        value: plain or frozen.
    """
    spec = fields_of_type(avi_type).get(name)
    if spec is None or value is None or value is UNSET:
        return None
    said = _said(spec, value)
    return None if said == () else said


def says_nothing(avi_type: str, name: str, value: object) -> bool:
    """Say whether a value of a field is what the Controller may have there where nobody says anything."""
    said = canonical(avi_type, name, value)
    if isinstance(said, AviRef):
        return said.name in FILLED.get((avi_type, name), ())
    return said is None


def _said(spec: FieldSpec, value: Any) -> Json:
    if spec.is_list and isinstance(value, (list, tuple)):
        return _in_order(spec, tuple(_said_of_one(spec, entry) for entry in value))
    said = _said_of_one(spec, value)
    return None if spec.default is not UNSET and said == spec.default and spec.base != "object" else said


def _said_of_one(spec: FieldSpec, value: Any) -> Json:
    if spec.base == "ref" and isinstance(value, str):
        return ref_of(value)
    entries = value.entries if isinstance(value, JsonObject) else value
    if spec.base != "object" or not isinstance(entries, (Mapping, tuple)):
        return frozen(value)
    known = fields_of_message(spec.target)
    pairs = ((name, known[name], inner) for name, inner in dict(entries).items() if name in known)
    said = ((name, _said(of, inner)) for name, of, inner in pairs if inner is not None and not of.is_readonly)
    return JsonObject(tuple(sorted((n, inner) for n, inner in said if inner not in {None, ()})))


def _in_order(spec: FieldSpec, entries: tuple[Json, ...]) -> tuple[Json, ...]:
    """Put messages that say their place in order by it."""
    if spec.base != "object" or "index" not in fields_of_message(spec.target):
        return entries
    return tuple(sorted(entries, key=_place))


def _place(entry: Json) -> float:
    index = dict(entry.entries).get("index") if isinstance(entry, JsonObject) else None
    return index if isinstance(index, (int, float)) else 0


def ref_of(text: str) -> AviRef:
    """Read `https://host/api/pool/pool-1#name`; without `#name` the uuid stands in for the name."""
    path, _, name = text.partition("#")
    segments = path.rstrip("/").rsplit("/", 2)
    return AviRef(segments[-2] if len(segments) > 1 else "", name or segments[-1])
