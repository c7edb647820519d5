"""`ako plan`: what `ako run` would do, field by field, without doing it."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from ako.cli.failed_plugins import tell_failed_plugins
from ako.cli.wiring import add_cluster_arguments, wire
from ako.core.avi import codec
from ako.core.control.confirmation import why_apart, why_held
from ako.core.control.preview import Preview
from ako.core.observe.assignment import told
from ako.core.plan.deletion_guard import Held
from ako.core.plan.plan import Create, Delete, FieldChange, Operation, Plan, Update

FOUND_CHANGES = 2
SECRET_FIELDS = frozenset({"key"})
LONGEST_VALUE = 160
REFERENCE = re.compile(r"/api/(\w+)\?name=(.*)")


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Prints what `run` would create, update and delete, field by field; writes nothing. "
        "Shared virtual services that serve nobody are shown as a new start would find them: to be deleted."
    )
    parser.epilog = "Exit codes: 0 nothing to do; 2 there are changes; 1 failed, or a plugin did; 64 settings fault."
    add_cluster_arguments(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print the plan")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    controller = wire(arguments, follows=False).controller
    preview = controller.preview()
    if arguments.format == "json":
        print(json.dumps(as_json(preview), indent=2, ensure_ascii=False))
    else:
        print("\n".join(as_text(preview)))
    if tell_failed_plugins(controller.plugins.calls):
        return 1
    return FOUND_CHANGES if preview.plan else 0


def as_text(preview: Preview) -> Iterator[str]:
    """Give a preview as lines for people."""
    plan = preview.plan
    for operation in _in_reading_order(plan):
        if isinstance(operation, Create):
            yield f"+ create {operation.ref!r}"
        elif isinstance(operation, Delete):
            yield f"- delete {operation.ref!r}"
        else:
            yield f"~ update {operation.ref!r}"
            for change in operation.changes:
                yield from _lines(change)
    counts = {word: len(plan.of(kind)) for word, kind in WORDS.items()}
    if plan:
        yield f"plan {plan.id}: " + ", ".join(f"{count} to {word}" for word, count in counts.items())
    else:
        yield "nothing to do"
    if preview.held:
        yield f"would wait: {why_held(preview.held)}"
    yield from map(why_apart, preview.namesakes)
    yield from preview.tenants
    if preview.elsewhere:
        yield told(preview.elsewhere)


def as_json(preview: Preview) -> dict[str, Any]:
    """Give a preview as data: one entry per operation, secrets masked; what would wait, and hosts elsewhere."""
    plan = preview.plan
    return {
        "id": plan.id,
        "operations": [_entry(operation) for operation in _in_reading_order(plan)],
        "held": _held(preview.held) if preview.held else None,
        "namesakes": [{"uid": n.uid, "id": n.id, "objects": len(n.objects)} for n in preview.namesakes],
        "elsewhere": dict(sorted(preview.elsewhere.items())),
        **({"tenants": list(preview.tenants)} if preview.tenants else {}),
    }


def _held(held: Held) -> dict[str, Any]:
    return {"id": held.id, "served": sorted(held.served), "odd": sorted(held.odd)}


WORDS: dict[str, Any] = {"create": Create, "update": Update, "delete": Delete}


def _in_reading_order(plan: Plan) -> list[Operation]:
    order: tuple[type[Operation], ...] = (Create, Update, Delete)
    return sorted(plan.operations, key=lambda op: (order.index(type(op)), op.ref))


def _entry(operation: Operation) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": operation.ref.type, "name": operation.ref.name}
    if operation.ref.tenant:
        entry["tenant"] = operation.ref.tenant
    if isinstance(operation, Create):
        fields = _plain(codec.fields_of(operation.object))
        return {"action": "create", **entry, "fields": {k: _masked(k, v) for k, v in fields.items()}}
    if isinstance(operation, Delete):
        return {"action": "delete", **entry}
    changes = [
        {"field": c.field, "old": _masked(c.field, _plain(c.old)), "new": _masked(c.field, _plain(c.new))}
        for c in operation.changes
    ]
    return {"action": "update", **entry, "changes": changes}


def _lines(change: FieldChange) -> Iterator[str]:
    """Show a field that changes; of a list only the entries that come and those that go."""
    old, new = (_masked(change.field, _plain(value)) for value in (change.old, change.new))
    if not isinstance(old, list) or not isinstance(new, list):
        yield f"    {change.field}: {_short(old)} -> {_short(new)}"
        return
    yield f"    {change.field}:"
    yield from (f"      - {_short(entry)}" for entry in old if entry not in new)
    yield from (f"      + {_short(entry)}" for entry in new if entry not in old)


def _plain(value: object) -> Any:
    return msgspec.json.decode(codec.encode(value))


def _named(value: object) -> object:
    """Give references by type and name only, and addresses without what their kind is."""
    if isinstance(value, dict):
        if value.keys() == {"addr", "type"}:
            return value["addr"]
        return {name: _named(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_named(item) for item in value]
    if isinstance(value, str) and (found := REFERENCE.fullmatch(value)):
        return f"{found[1]} {unquote(found[2])}"
    return value


def _masked(field: str, value: object) -> object:
    return "***" if field in SECRET_FIELDS and value is not None else value


def _short(value: object) -> str:
    text = json.dumps(_named(value), ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
