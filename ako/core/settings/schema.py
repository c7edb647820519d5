"""The settings as a JSON schema in helm spelling, fit to be the chart's `values.schema.json`."""

from __future__ import annotations

from typing import Any

from ako.core.settings.chart_keys import CHART_KEYS
from ako.core.settings.foreign_keys import FEATURES, OLDER_SPELLINGS, Feature
from ako.core.settings.keys import Key, KeyTable
from ako.core.settings.plain import plain

_UNUSED = {"description": "Known from AKO's chart or used by the chart alone; the program does not read it."}
_OURS = ("helm", "config_map", "variable", "in_secret", "secret", "allowed", "may_be_blank", "title")


def helm_schema(table: KeyTable) -> dict[str, Any]:
    """Give the schema of a values file.

    Like the loader it takes booleans, numbers and lists as texts too, and refuses unknown keys.
    """
    root: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of ako",
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }
    for section in sorted(table.sections):
        _properties(root, f"{section}.")
    for setting in table.by_helm.values():
        _properties(root, setting.helm)[setting.helm.rpartition(".")[2]] = _leaf(setting)
    for name, key in CHART_KEYS.items():
        root["properties"][name] = {"description": f"{key.description} The program does not read it.", **key.schema}
    for helm, feature in FEATURES.items():
        _properties(root, helm)[helm.rpartition(".")[2]] = _of_feature(feature)
    for older, newer in OLDER_SPELLINGS.items():
        _properties(root, older)[older.rpartition(".")[2]] = {
            "description": f"Older spelling of {newer}.",
            "deprecated": True,
        }
    root["properties"]["ako"]["additionalProperties"] = {"type": "object", "description": "The section of a plugin."}
    return root


def _of_feature(feature: Feature) -> dict[str, Any]:
    if not feature.is_refused:
        return dict(_UNUSED)
    allowed = feature.default or "empty"
    return {"description": f"Of AKO, not supported: with any other value it is refused. Allowed: {allowed}."}


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
    blank = [] if key.may_be_blank else [{"enum": ["", None]}]
    return {**described, "anyOf": [*_alternatives(schema), *blank]}


def _described(key: Key) -> str:
    return f"{key.description} Allowed: {key.allowed}." if key.allowed else key.description


def _alternatives(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Add the texts that stand for a boolean, a number or a list."""
    arms: list[dict[str, Any]] = schema.get("anyOf", [schema])
    texts = {"boolean": "^([Tt]rue|TRUE|[Ff]alse|FALSE|[TtFf01]|[Yy]es|[Nn]o|on|off)$", "integer": r"^\s*-?[0-9]+\s*$"}
    extra = [{"type": "string", "pattern": texts[arm["type"]]} for arm in arms if arm.get("type") in texts]
    if any(arm.get("type") == "array" for arm in arms):
        extra.append({"type": "string"})
    return [arm for arm in arms if arm.get("type") != "null"] + extra


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Replace references to the models of list items by these."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(part, definitions) for name, part in schema.items()}
