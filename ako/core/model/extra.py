"""Fields of Avi objects beyond those that the core sets: what plugins may say, and what is wrong with it. Pure.

A plugin may set a field that is modelled and that the core never sets (`optional`), or any other that the Controller
knows (`extra`); of the latter all that is checked here is checked by the object model of the Controller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from operator import attrgetter
from typing import TypeVar

from msgspec import UNSET, Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import CREATABLE_TYPES
from ako.core.model.avi_fields import FieldSpec, fields_of_message, fields_of_type, values_of
from ako.core.model.base import AviObject, encoded_names, optional
from ako.core.model.json_values import Json, JsonObject, entries_of, fault_in

A = TypeVar("A", bound=AviObject)

Fields = Mapping[type[AviObject], frozenset[str]]
"""The fields that plugins declare, by type, under their names on the Controller."""


class Declared(Struct, frozen=True):
    """What plugins declare of Avi objects.

    Attributes:
        creates: types that they create; those of them that the core writes itself change nothing.
        fields: what they may set beyond what the core sets.
    """

    creates: tuple[type[AviObject], ...] = ()
    fields: Fields = {}

    @property
    def created(self) -> tuple[type[AviObject], ...]:
        """Give the types that are read for the sake of plugins alone."""
        return tuple(of for of in CREATABLE_TYPES if of in self.creates)


NOTHING = Declared()

OWNED_FIELDS = frozenset(
    {"uuid", "url", "name", "tenant_ref", "created_by", "cloud_config_cksum", "vsvip_cloud_config_cksum", "markers"}
    | {"_last_modified", "configpb_attributes", "service_metadata", "cloud_ref", "vrf_ref", "vrf_context_ref"}
    | {"se_group_ref", "vh_type"}
)
"""Fields that say what an object is, whose it is and where; they are the core's."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "enum": (str,),
    "ref": (AviRef,),
    "object": (JsonObject,),
}

_WORDS = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "a text"}


def extra(fields: Mapping[str, object]) -> tuple[tuple[str, Json], ...]:
    """Give fields of an Avi object as `AviObject.extra` and `ParentTemplate.fields` take them.

    Args:
        fields: name on the Controller → value, as JSON has it: mappings, lists, texts, numbers, booleans; wherever the
            Controller wants a reference, an `AviRef`. None wants the field absent.

    Raises:
        TypeError: there is something in it that is no JSON.
        ValueError: a number or a text that JSON cannot have.
    """
    return tuple(entries_of(fields))


@cache
def modelled(of: type[AviObject]) -> Mapping[str, str]:
    """Give the fields of a type that are modelled: name on the Controller → name in the model."""
    return {encoded: name for name, encoded in encoded_names(of).items() if encoded not in {"tenant", "extra", "owner"}}


def faults_of(item: AviObject) -> Iterator[str]:
    """Say what is wrong with the fields that only plugins set, each by its name on the Controller."""
    known = fields_of_type(item.avi_type)
    for name, value in _lent(item):
        if value is not None and (fault := _value_fault(name, known[name], value)):
            yield fault
    if item.extra == ():
        return
    if fault := _shape_fault(item.extra):
        yield fault
        return
    for name, value in item.extra:
        if (fault := _name_fault(type(item), name)) or (
            value is not None and (fault := _value_fault(name, known[name], value))
        ):
            yield f"extra: {fault}"


def _lent(item: AviObject) -> Sequence[tuple[str, object]]:
    """Give the fields that only plugins set and that are set, by their names on the Controller."""
    read, names = _reading(type(item))
    values = read(item)
    if values.count(UNSET) == len(names):  # as nearly always: every object of every answer is asked
        return ()
    return [(name, value) for name, value in zip(names, values, strict=True) if value is not UNSET]


@cache
def _reading(of: type[AviObject]) -> tuple[Callable[[AviObject], tuple[object, ...]], tuple[str, ...]]:
    """Give what reads the fields that only plugins set, and their names on the Controller, in their order."""
    names = {name: field for name, field in sorted(modelled(of).items()) if field in optional(of)}
    if not names:
        return (lambda _: ()), ()
    return attrgetter(*names.values()), tuple(names)


def _shape_fault(value: object) -> str:
    """Say why a value is none that `extra` gives."""
    if type(value) is not tuple:
        return f"extra is a {type(value).__name__}; ako.extra makes one of a mapping"
    fault = fault_in(JsonObject(value))
    return f"extra: {fault}; ako.extra makes one of a mapping" if fault else ""


def _name_fault(of: type[AviObject], name: str) -> str:
    if name in modelled(of) and name not in OWNED_FIELDS:
        return f"{name} is a field of the model: {of.__name__}({modelled(of)[name]}=…)"
    return declaration_fault(of, name)


def declaration_fault(of: type[AviObject], name: str) -> str:
    """Say why no plugin can set a field of a type, named as on the Controller; empty if one can."""
    known = fields_of_type(of.avi_type)
    if name in OWNED_FIELDS:
        return f"the field {name} of {of.__name__} says whose an object is, or where; no plugin can set it"
    if name in known and known[name].is_readonly:
        return f"the field {name} of {of.__name__} is the Controller's; no plugin can set it"
    if name in known:
        return ""
    near = get_close_matches(name, sorted(known.keys() - OWNED_FIELDS), n=1)
    return f"{of.__name__} has no field {name} in Avi's schema" + (f"; did you mean {near[0]}?" if near else "")


def _value_fault(path: str, spec: FieldSpec, value: Json) -> str:
    if not spec.is_list:
        return _entry_fault(path, spec, value)
    if type(value) is not tuple:
        return f"{path} is {_shown(value)}, not a list"
    faults = (_entry_fault(f"{path}[{number}]", spec, entry) for number, entry in enumerate(value))
    return next((fault for fault in faults if fault), "")


def _entry_fault(path: str, spec: FieldSpec, value: Json) -> str:
    expected = _TYPES.get(spec.base)
    if expected is None:
        return ""
    if type(value) not in expected:
        words = {"ref": f"an AviRef to a {spec.target}", "object": "an object", "enum": f"one of {spec.target}"}
        return f"{path} is {_shown(value)}, not {_WORDS.get(spec.base) or words[spec.base]}"
    if spec.base == "ref" and value.type != spec.target:
        return f"{path} refers to a {value.type}, not to a {spec.target}"
    if spec.base == "enum" and value not in values_of(spec.target):
        near = get_close_matches(value, values_of(spec.target), n=1, cutoff=0.3)
        return f"{path} is {_shown(value)}, none of {spec.target}" + (f"; did you mean {near[0]}?" if near else "")
    return _message_fault(path, spec, value) if spec.base == "object" else ""


def _message_fault(path: str, spec: FieldSpec, value: JsonObject) -> str:
    known, said = fields_of_message(spec.target), dict(value.entries)
    for name, inner in said.items():
        if name not in known or known[name].is_readonly:
            near = get_close_matches(name, known, n=1)
            return f"{path} has no field {name}" + (f"; did you mean {near[0]}?" if near else "")
        if inner is not None and (fault := _value_fault(f"{path}.{name}", known[name], inner)):
            return fault
    needed = (name for name, of in known.items() if of.is_needed and said.get(name) is None)
    return next((f"{path} lacks {name}, which it needs" for name in needed), "")


def _shown(value: Json) -> str:
    if isinstance(value, (JsonObject, tuple)):
        return "an object" if isinstance(value, JsonObject) else "a list"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def undeclared(item: AviObject, fields: Fields) -> Iterator[str]:
    """Give the names of fields that an object sets and that only plugins set, as far as nobody declared them."""
    declared = fields.get(type(item), frozenset())
    yield from (name for name, _ in _lent(item) if name not in declared)
    yield from (name for name, _ in item.extra if name not in declared)


def lent_beside(item: AviObject, fields: Fields) -> Iterator[str]:
    """Give the names of fields that an object of a host sets and that the core sets on those of ports alone."""
    declared, names = fields.get(type(item), frozenset()), encoded_names(type(item))
    said = (names[field] for field in sorted(type(item).lendable) if getattr(item, field))
    yield from (name for name in said if name not in declared)


def wanting(item: A, fields: Fields) -> A:
    """Give an object that wants declared fields absent where it says nothing of them; the same one, if it says all."""
    names = _liftable(type(item), fields.get(type(item), frozenset()))
    unsaid = {name: None for name in names if getattr(item, name) is UNSET}
    return replace(item, **unsaid) if unsaid else item


@cache
def _liftable(of: type[AviObject], declared: frozenset[str]) -> tuple[str, ...]:
    """Give the declared fields that the core leaves to an operator where nobody declares them."""
    names = modelled(of)
    return tuple(sorted(names[name] for name in declared if names.get(name) in optional(of) | of.lendable))


def with_fields(item: A, fields: tuple[tuple[str, Json], ...]) -> A:
    """Give an object with more fields, under their names on the Controller: modelled ones, and others as `extra`."""
    names = modelled(type(item))
    known = {names[name]: value for name, value in fields if name in names and names[name] in optional(type(item))}
    others = tuple((name, value) for name, value in fields if names.get(name) not in known)
    return replace(item, **known, extra=others) if fields else item
