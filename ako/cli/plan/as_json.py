"""A preview as data."""

from __future__ import annotations

from typing import Any

import msgspec

from ako.cli.plan.values import shown
from ako.core.avi import codec
from ako.core.control.confirmation import why_apart, why_held
from ako.core.control.preview import Preview
from ako.core.explain.causes import Cause
from ako.core.plan.deletion_guard import Held
from ako.core.plan.plan import Create, Delete, Operation, Plan, Update


def as_json(preview: Preview) -> dict[str, Any]:
    """Give a preview as data: an entry per operation, secrets masked; problems, what would wait, and what moves.

    Args:
        preview: what is to be told.
    """
    plan = preview.plan
    return {
        "id": plan.id,
        "operations": [_entry(operation, preview.causes.get(operation.ref)) for operation in _in_reading_order(plan)],
        "problems": msgspec.to_builtins(preview.problems),
        "held": _held(preview.held) if preview.held else None,
        "moves": msgspec.to_builtins(preview.moves),
        "renamings": msgspec.to_builtins(preview.renamings),
        "settings": msgspec.to_builtins(preview.settings),
        "reported": list(preview.reported),
        "namesakes": [
            {"uid": n.uid, "id": n.id, "objects": len(n.objects), "why": why_apart(n)} for n in preview.namesakes
        ],
        "elsewhere": dict(sorted(preview.elsewhere.items())),
        **({"tenants": list(preview.tenants)} if preview.tenants else {}),
    }


def _held(held: Held) -> dict[str, Any]:
    return {"id": held.id, "served": sorted(held.served), "odd": sorted(held.odd), "why": why_held(held)}


_ORDER: tuple[type[Operation], ...] = (Create, Update, Delete)


def _in_reading_order(plan: Plan) -> list[Operation]:
    return sorted(plan.operations, key=lambda op: (_ORDER.index(type(op)), op.ref))


def _entry(operation: Operation, cause: Cause | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": operation.ref.type, "name": operation.ref.name}
    if operation.ref.tenant:
        entry["tenant"] = operation.ref.tenant
    entry["cause"] = msgspec.to_builtins(cause)
    if isinstance(operation, Create):
        secret = operation.object.write_only
        fields = codec.fields_of(operation.object).items()
        return {"action": "create", **entry, "fields": {k: shown(v, is_secret=k in secret) for k, v in fields}}
    if isinstance(operation, Delete):
        return {"action": "delete", **entry}
    return {"action": "update", **entry, "changes": _changes(operation)}


def _changes(operation: Update) -> list[dict[str, Any]]:
    secret = operation.object.write_only
    return [
        {
            "field": change.field,
            "old": shown(change.old, is_secret=change.field in secret),
            "new": shown(change.new, is_secret=change.field in secret),
        }
        for change in operation.changes
    ]
