"""Custom resources and the schema of their definition: what is pruned, filled in and refused.

Rules in CEL (`x-kubernetes-validations`) are not evaluated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from ako.testing.kube_api.causes import Cause, invalid_value, required, unsupported
from ako.testing.kube_api.resources import Manifest

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_RULES = "x-kubernetes-validations"
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete"
    " validation"
)
_OWN = ("apiVersion", "kind", "metadata")
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def complete(body: Manifest, schema: Manifest) -> None:
    """Take out of a body, in place, what its schema does not know, and fill in defaults."""
    own = {field: body[field] for field in _OWN if field in body}
    rest = {field: value for field, value in body.items() if field not in own}
    body.clear()
    body.update(own | _completed(rest, schema))


def _completed(value: Any, schema: Manifest) -> Any:
    if isinstance(value, dict):
        return _completed_object(value, schema)
    if isinstance(value, list) and isinstance(items := schema.get("items"), dict):
        return [_completed(one, items) for one in value]
    return value


def _completed_object(value: Manifest, schema: Manifest) -> Manifest:
    known: Manifest = schema.get("properties") or {}
    others = schema.get("additionalProperties")
    shown = {}
    for field, inner in value.items():
        if field in known:
            # A null that may not be one counts as not given where there is a default.
            if inner is not None or "default" not in known[field] or known[field].get("nullable"):
                shown[field] = _completed(inner, known[field])
        elif others:
            shown[field] = _completed(inner, others) if isinstance(others, dict) else inner
        elif schema.get(_PRESERVE) or schema.get("x-kubernetes-embedded-resource"):
            shown[field] = inner
    for field, inner in known.items():
        if field not in shown and "default" in inner:
            shown[field] = _completed(inner["default"], inner)
    return shown


def unknown_fields(body: Manifest, schema: Manifest | None) -> list[str]:
    """Return the paths of what a body has and its schema does not know."""
    rest = {field: value for field, value in body.items() if field not in _OWN}
    return [] if schema is None else list(_unknown("", rest, schema))


def _unknown(path: str, value: Any, schema: Manifest) -> Iterator[str]:
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _unknown(f"{path}[{number}]", inner, schema.get("items") or {_PRESERVE: True})
    if not isinstance(value, dict) or schema.get(_PRESERVE) or schema.get("x-kubernetes-embedded-resource"):
        return
    known, others = schema.get("properties") or {}, schema.get("additionalProperties")
    for field, inner in value.items():
        where = f"{path}.{field}" if path else field
        if field in known:
            yield from _unknown(where, inner, known[field])
        elif isinstance(others, dict):
            yield from _unknown(where, inner, others)
        elif not others:
            yield where


def schema_causes(body: Manifest, schema: Manifest) -> Iterator[Cause]:
    """Yield what of a body its schema does not allow."""
    known = {field: inner for field, inner in (schema.get("properties") or {}).items() if field not in _OWN}
    rest = {field: value for field, value in body.items() if field not in _OWN}
    found = list(_causes("", rest, {**schema, "properties": known}))
    yield from found
    if found and f'"{_RULES}"' in json.dumps(schema):
        yield invalid_value("<nil>", None, _UNCHECKED)


def _causes(field: str, value: Any, schema: Manifest) -> Iterator[Cause]:
    if value is None and schema.get("nullable"):
        return
    kind = schema.get("type", "")
    if schema.get("x-kubernetes-int-or-string"):
        fits = _TYPES["integer"](value) or isinstance(value, str)
        kind = "integer,string"
    else:
        fits = not kind or _TYPES[kind](value)
    if not fits:
        shown = json.dumps(_type_of(value))
        words = f"Invalid value: {shown}: {field} in body must be of type {kind}: {shown}"
        yield Cause("FieldValueTypeInvalid", field, words)
        return
    if "enum" in schema and value not in schema["enum"]:
        yield unsupported(field, value, tuple(schema["enum"]))
    if isinstance(value, dict):
        yield from _object_causes(field, value, schema)
    elif isinstance(value, list):
        yield from _array_causes(field, value, schema)
    elif isinstance(value, str):
        yield from _string_causes(field, value, schema)
    elif _TYPES["number"](value):
        yield from _number_causes(field, value, schema)
    yield from _combined(field, value, schema)


def _type_of(value: Any) -> str:
    return next((name for name, fits in _TYPES.items() if fits(value)), "null")


def _object_causes(field: str, value: Manifest, schema: Manifest) -> Iterator[Cause]:
    inside = f"{field}." if field else ""
    for name in schema.get("required") or ():
        if name not in value:
            yield required(f"{inside}{name}")
    known, others = schema.get("properties") or {}, schema.get("additionalProperties")
    for name, inner in value.items():
        if name in known:
            yield from _causes(f"{inside}{name}", inner, known[name])
        elif isinstance(others, dict):
            yield from _causes(f"{inside}{name}", inner, others)


def _array_causes(field: str, value: list[Any], schema: Manifest) -> Iterator[Cause]:
    if (most := schema.get("maxItems")) is not None and len(value) > most:
        yield Cause("FieldValueTooMany", field, f"Too many: {len(value)}: must have at most {most} items")
    if (least := schema.get("minItems")) is not None and len(value) < least:
        yield invalid_value(field, len(value), f"{field} in body should have at least {least} items")
    for number, inner in enumerate(value):
        yield from _causes(f"{field}[{number}]", inner, schema.get("items") or {})


def _string_causes(field: str, value: str, schema: Manifest) -> Iterator[Cause]:
    if (most := schema.get("maxLength")) is not None and len(value) > most:
        yield Cause("FieldValueTooLong", field, f"Too long: may not be more than {most} bytes")
    if (least := schema.get("minLength")) is not None and len(value) < least:
        yield invalid_value(field, value, f"{field} in body should be at least {least} chars long")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield invalid_value(field, value, f"{field} in body should match '{schema['pattern']}'")


def _number_causes(field: str, value: float, schema: Manifest) -> Iterator[Cause]:
    if (least := schema.get("minimum")) is not None and value < least:
        yield invalid_value(field, value, f"{field} in body should be greater than or equal to {least}")
    if (most := schema.get("maximum")) is not None and value > most:
        yield invalid_value(field, value, f"{field} in body should be less than or equal to {most}")


def _combined(field: str, value: Any, schema: Manifest) -> Iterator[Cause]:
    def valid(one: Manifest) -> bool:
        return next(_causes(field, value, one), None) is None

    for one in schema.get("allOf") or ():
        yield from _causes(field, value, one)
    if schema.get("anyOf") and not any(valid(one) for one in schema["anyOf"]):
        yield invalid_value(field, value, f"{field} in body must validate at least one schema (anyOf)")
    if schema.get("oneOf") and [valid(one) for one in schema["oneOf"]].count(True) != 1:
        yield invalid_value(field, value, f"{field} in body must validate one and only one schema (oneOf)")
    if schema.get("not") and valid(schema["not"]):
        yield invalid_value(field, value, f"{field} in body must not validate the schema (not)")
