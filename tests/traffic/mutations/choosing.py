"""Which of many states are looked at: enough of them for everything that is written to be among it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ako.sim.schema import Schema, load_schema
from tests.traffic.mutations.states import Written
from tests.traffic.promise import Promise

MANY = 2
"""Two of a kind are as good as more."""


def chosen(found: Sequence[Written]) -> list[Written]:
    """Give states that together have all that any of them has; each has something that those before it have not."""
    left = {one.state.name: set(_features(one)) for one in found}
    by_name = {one.state.name: one for one in found}
    taken: list[Written] = []
    while left:
        best = max(sorted(left), key=lambda name: len(left[name]))
        new = left.pop(best)
        if not new:
            break
        taken.append(by_name[best])
        left = {name: features - new for name, features in left.items()}
    return taken


def _features(one: Written) -> Iterator[Any]:
    schema = load_schema()
    cluster = one.state.config["AKOSettings"]["clusterName"]
    for kind, objects in one.state.controller.items():
        for item in objects:
            if item.get("created_by") == f"ako-{cluster}" or item["name"].startswith(f"{cluster}--"):
                for feature in _of_value(schema, schema.kinds[kind].model, item, ""):
                    if (kind, feature[0]) in one.fields:
                        yield kind, item.get("type", ""), *feature
    for promise in one.state.promises:
        yield _kind_of(promise)


def _of_value(schema: Schema, message: str, value: Any, path: str) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        fields = schema.types.get(message, {})
        for name, part in value.items():
            known = fields.get(name)
            here = f"{path}.{name}" if path else name
            if known is not None and known.base == "enum" and isinstance(part, str):
                yield here, part
            yield from _of_value(schema, known.target if known else "", part, here)
    elif isinstance(value, list):
        yield f"{path}[]", min(len(value), MANY)
        for part in value:
            yield from _of_value(schema, message, part, f"{path}[]")
    else:
        yield path, type(value).__name__


def _kind_of(promise: Promise) -> tuple[Any, ...]:
    """Give what a request is like, and its answer."""
    asked, ours = promise.asked, promise.ours
    answer = (min(len(ours.servers), MANY), bool(ours.location), bool(ours.shares), ours.may_close, ours.statuses)
    return (asked.scheme, bool(asked.client), bool(asked.headers), asked.sni == "", *answer)
