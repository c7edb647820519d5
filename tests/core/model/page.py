"""The tables of `docs/plugins/avi-objects.md`, made from the model and from what the core knows of fields.

`python -m tests.core.model.page` writes them into the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from msgspec import UNSET

from ako.core.model import CREATABLE_TYPES, WRITTEN_TYPES, AviObject
from ako.core.model.avi_fields import FieldSpec, fields_of_type, values_of
from ako.core.model.base import optional
from ako.core.model.extra import OWNED_FIELDS, modelled

PAGE = Path(__file__).parents[3] / "docs" / "plugins" / "avi-objects.md"
HEADING = "## All fields\n"
_MOST_VALUES = 12


def tables() -> str:
    """Give a table for each type of object, the one that has most for plugins first."""
    first = sorted(WRITTEN_TYPES, key=lambda of: (-len(optional(of)), of not in CREATABLE_TYPES, of.__name__))
    return "\n".join("\n".join(_table(of)) + "\n" for of in first)


def _table(of: type[AviObject]) -> Iterator[str]:
    known = fields_of_type(of.avi_type)
    yield f"### {of.__name__}"
    yield ""
    yield "| field | type | default | who |"
    yield "|---|---|---|---|"
    for name, field in sorted(modelled(of).items(), key=lambda pair: (pair[1] not in optional(of), pair[0])):
        if name in OWNED_FIELDS:
            continue
        lent = "declare" if field in optional(of) else "declare for hosts" if field in of.lendable else ""
        who = lent or ("ours" if of in CREATABLE_TYPES else "core")
        title = f"`{field}`" if field == name else f"`{field}`, on the Controller `{name}`"
        yield f"| {title} | {_kind(known[name])} | {_default(known[name])} | {who} |"
    settable = {name for name, spec in known.items() if not spec.is_readonly}
    others = len(settable - modelled(of).keys() - OWNED_FIELDS)
    yield ""
    yield f"And {others} more as `extra`." if others else "There are no others."


def _kind(spec: FieldSpec) -> str:
    words = {"ref": f"`{spec.target}` by reference", "object": f"`{spec.target}`", "string": "text"}
    if spec.base == "enum":
        values = values_of(spec.target)
        shown = ", ".join(f"`{value}`" for value in values[:_MOST_VALUES])
        return f"{shown}{', …' if len(values) > _MOST_VALUES else ''}"
    text = words.get(spec.base, spec.base)
    return f"list: {text}" if spec.is_list else text


def _default(spec: FieldSpec) -> str:
    return "–" if spec.default is UNSET else f"`{json.dumps(spec.default).strip(chr(34))}`"


def made() -> str:
    """Give the page with its tables."""
    head, _, below = PAGE.read_text(encoding="utf-8").partition(HEADING)
    return f"{head}{HEADING}{below.partition('### ')[0].rstrip()}\n\n{tables()}"


if __name__ == "__main__":
    PAGE.write_text(made(), encoding="utf-8")
