"""Derives what the core knows of the fields of Avi objects from the object model that the simulator enforces.

`python -m tests.core.model.avi_fields` writes it; a test holds the two equal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ako.core.model import CREATABLE_TYPES, OWNED_TYPES

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "ako" / "sim" / "data" / "avi_schema.json"
TARGET = ROOT / "ako" / "core" / "model" / "data" / "avi_fields.json"

Types = Mapping[str, Mapping[str, Mapping[str, Any]]]


def derived() -> str:
    """Give the text of the file: a line for each type, so that a change of the object model is easy to read."""
    schema = json.loads(SOURCE.read_text(encoding="utf-8"))
    models = {of.avi_type: schema["objects"][of.avi_type]["model"] for of in (*OWNED_TYPES, *CREATABLE_TYPES)}
    types = {name: schema["types"][name] for name in sorted(_within(models.values(), schema["types"]))}
    specs = {name: {field: _spec(known) for field, known in sorted(fields.items())} for name, fields in types.items()}
    enums = {known["type"][5:] for fields in types.values() for known in fields.values() if _is_closed(known)}
    parts = {"models": models, "types": specs, "enums": {name: schema["enums"][name] for name in sorted(enums)}}
    return "{\n" + ",\n".join(f"{_text(name)}: {{\n{_lines(part)}\n}}" for name, part in parts.items()) + "\n}\n"


def _within(roots: Iterable[str], types: Types) -> set[str]:
    """Give messages, and all that are in them."""
    found: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += [known["type"][7:] for known in types[name].values() if known["type"].startswith("object:")]
    return found


def _is_closed(known: Mapping[str, Any]) -> bool:
    return known["type"].startswith("enum:") and not known.get("enum_open")


def _spec(known: Mapping[str, Any]) -> Any:
    """Give a field in short: its type, `[]` if it repeats, `!` if it is the Controller's alone, `+` if it is needed."""
    kind = known["type"] if _is_closed(known) or not known["type"].startswith("enum:") else "string"
    flag = "!" if known.get("readonly") else "+" if known.get("required") and "default" not in known else ""
    text = f"{flag}{kind}{'[]' if known.get('list') else ''}"
    return [text, known["default"]] if "default" in known else text


def _lines(part: Mapping[str, Any]) -> str:
    return ",\n".join(f"{_text(name)}: {_text(value)}" for name, value in part.items())


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    TARGET.write_text(derived(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET}\n")
