"""Label and field selectors, read from the query of a list or watch."""

from __future__ import annotations

import re
from collections.abc import Callable

from ako.testing.kube_api import errors
from ako.testing.kube_api.resources import Manifest, Resource

Predicate = Callable[[Manifest], bool]

_SET_BASED = re.compile(r"^(?P<key>[\w./-]+)\s+(?P<operator>in|notin)\s*\((?P<values>[^)]*)\)$")
_EQUALITY = re.compile(r"^(?P<key>[\w./-]+)\s*(?P<operator>==|=|!=)\s*(?P<value>[\w.-]*)$")
_EXISTENCE = re.compile(r"^(?P<absent>!?)\s*(?P<key>[\w./-]+)$")
_OUTER_COMMA = re.compile(r",(?![^(]*\))")

_FIELDS = {
    "Secret": ("type",),
    "Event": ("involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
              "reason", "source", "type"),
    "Pod": ("spec.nodeName", "status.phase"),
    "Namespace": ("status.phase",),
}  # fmt: skip


def label_predicates(selector: str) -> list[Predicate]:
    """Read a label selector."""
    return [_label_requirement(part.strip()) for part in _OUTER_COMMA.split(selector)] if selector else []


def field_predicates(resource: Resource, selector: str) -> list[Predicate]:
    """Read a field selector, refusing fields that the kind cannot be selected by."""
    return [_field_requirement(resource, part.strip()) for part in selector.split(",")] if selector else []


def matches(body: Manifest, predicates: list[Predicate]) -> bool:
    """Say whether an object meets every requirement."""
    return all(predicate(body) for predicate in predicates)


def _labels(body: Manifest) -> dict[str, str]:
    return body["metadata"].get("labels") or {}


def _label_requirement(text: str) -> Predicate:
    if found := _SET_BASED.match(text):
        key, inside = found["key"], found["operator"] == "in"
        values = {value.strip() for value in found["values"].split(",")}
        return lambda body: (_labels(body).get(key) in values) is inside
    if found := _EQUALITY.match(text):
        key, value, equal = found["key"], found["value"], found["operator"] != "!="
        return lambda body: (_labels(body).get(key) == value) is equal
    if found := _EXISTENCE.match(text):
        key, present = found["key"], not found["absent"]
        return lambda body: (key in _labels(body)) is present
    odd = "=" if "==" in text else text
    raise errors.bad_request(f"unable to parse requirement: found '{odd}', expected: identifier")


def _field_requirement(resource: Resource, text: str) -> Predicate:
    path, separator, value = text.partition("!=")
    equal = not separator
    if equal:
        path, separator, value = text.partition("=")
        value = value.removeprefix("=")
    allowed = ("metadata.name", "metadata.namespace", *_FIELDS.get(resource.kind, ()))
    if path not in allowed:
        only = ", ".join(f'"{name}"' for name in allowed)
        raise errors.bad_request(f'"{path}" is not a known field selector: only {only}')
    steps = ("source", "component") if (resource.kind, path) == ("Event", "source") else path.split(".")

    def test(body: Manifest) -> bool:
        found: object = body
        for step in steps:
            found = found.get(step, "") if isinstance(found, dict) else ""
        return (found == value) is equal

    return test
