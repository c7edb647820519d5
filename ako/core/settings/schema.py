"""The settings as a JSON schema in helm spelling: the chart's `values.schema.json`.

It judges a values file as the program does. What JSON Schema cannot say the program says alone: what is inside a text
that is JSON or a certificate, how numbers of several keys fit together, which plugins are installed. It is of draft 7,
with expressions that Go reads too, so that helm of any version takes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ako.core.settings import patterns
from ako.core.settings.chart_keys import CHART_KEYS
from ako.core.settings.foreign_keys import FEATURES, OLD_DEFAULTS, OLDER_SPELLINGS, Feature
from ako.core.settings.keys import Key, KeyTable
from ako.core.settings.load import BOTH_OR_NONE
from ako.core.settings.plain import plain

_OURS = ("helm", "config_map", "variable", "in_secret", "secret", "allowed", "may_be_blank", "title")
_NOTHING: dict[str, Any] = {"type": "string", "pattern": patterns.NOTHING}
_BLANK: dict[str, Any] = {"anyOf": [{"type": "null"}, _NOTHING]}


def helm_schema(table: KeyTable) -> dict[str, Any]:
    """Give the schema of a values file."""
    root: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of ako",
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }
    for section in sorted(table.sections):
        _properties(root, f"{section}.")
    for setting in table.by_helm.values():
        _put(root, setting.helm, _leaf(setting))
    for name, key in CHART_KEYS.items():
        _put(root, name, {"description": f"{key.description} The program does not read it.", **key.schema})
    for helm, feature in FEATURES.items():
        if helm.partition(".")[0] in CHART_KEYS:
            continue
        _put(root, helm, _of_feature(feature))
    rules = [_if(_is_set(one), _is_set(other)) for pair in BOTH_OR_NONE for one, other in (pair, pair[::-1])]
    for older, newer in OLDER_SPELLINGS.items():
        arms = _leaf(table.by_helm[newer])["anyOf"]
        _put(root, older, {"description": f"Older spelling of {newer}, which counts if both are given."})
        rules.append({"anyOf": [_is_set(newer), _at(older, {"anyOf": arms})]})
    root["allOf"] = rules
    root["properties"]["ako"]["additionalProperties"] = {"type": "object", "description": "The section of a plugin."}
    return root


def _of_feature(feature: Feature) -> dict[str, Any]:
    if not feature.is_refused:
        return {"description": f"Of AKO: {feature.reason}. It has no effect."}
    allowed = feature.default or "empty"
    described = f"Of AKO, refused with any other value: {feature.reason}. Allowed: {allowed}."
    return {"description": described, "anyOf": [*feature.schema, *_BLANK["anyOf"]]}


def _is_set(helm: str) -> dict[str, Any]:
    """Say that a key has a value."""
    schema: dict[str, Any] = {"not": _BLANK}
    for name in reversed(helm.split(".")):
        schema = {"type": "object", "required": [name], "properties": {name: schema}}
    return schema


def _at(helm: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Say what a key is, if it is there."""
    for name in reversed(helm.split(".")):
        schema = {"properties": {name: schema}}
    return schema


def _if(condition: dict[str, Any], consequence: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"not": condition}, consequence]}


def _put(root: dict[str, Any], helm: str, schema: dict[str, Any]) -> None:
    _properties(root, helm)[helm.rpartition(".")[2]] = schema


def _properties(root: dict[str, Any], helm: str) -> dict[str, Any]:
    """Give the properties of the section that a key is in, making the sections on the way."""
    properties: dict[str, Any] = root["properties"]
    for name in helm.split(".")[:-1]:
        section = properties.setdefault(
            name, {"type": ["object", "null"], "properties": {}, "additionalProperties": False}
        )
        properties = section["properties"]
    return properties


def _leaf(key: Key) -> dict[str, Any]:
    model_schema = key.model.model_json_schema(by_alias=True)
    schema = _inlined(model_schema["properties"][key.path[-1]], model_schema.get("$defs", {}))
    described = {"description": _described(key), "default": plain(key.default)}
    for name in ("description", "default", *_OURS):
        schema.pop(name, None)
    blank: list[dict[str, Any]] = [{"type": "null"}] if key.may_be_blank else [{"type": "null"}, _NOTHING]
    if key.helm in OLD_DEFAULTS:
        blank.append({"type": "string", "pattern": patterns.whole(re.escape(OLD_DEFAULTS[key.helm][0]))})
    return {**described, "anyOf": [*_arms(schema), *blank]}


def _described(key: Key) -> str:
    return f"{key.description} Allowed: {key.allowed}." if key.allowed else key.description


def _arms(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the values that a setting takes, with the texts that stand for a word, a boolean, a number or a list."""
    arms = schema.pop("anyOf", [{}])
    return [form for arm in arms for form in _forms({**schema, **arm}) if arm != {"type": "null"}]


def _forms(arm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for given, named in (("ge", "minimum"), ("le", "maximum")):  # pydantic writes so inside of a union
        if given in arm:
            arm[named] = arm.pop(given)
    yield arm
    words = arm.get("enum", [arm["const"]] if "const" in arm else [])
    match arm.get("type"):
        case "boolean":
            yield {"enum": [0, 1]}
            yield {"type": "string", "pattern": patterns.FLAG}
        case "integer":
            number = patterns.number(arm.get("minimum"), arm.get("maximum"))
            yield {"type": "string", "pattern": patterns.whole(number)}
        case "array":
            yield {"type": "string", "pattern": patterns.JSON_LIST}
            yield {"type": "string", "pattern": patterns.NO_LIST}
        case "string" | None if words and all(isinstance(word, str) for word in words):
            yield {"type": "string", "pattern": patterns.whole(patterns.any_case(words))}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Replace references to the models of list items by these."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    inlined = {name: _inlined(part, definitions) for name, part in schema.items()}
    if "properties" in inlined:
        inlined["properties"] = {name: _bare(part) for name, part in inlined["properties"].items()}
    return inlined


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in schema.items() if name not in {"title", "default"}}
