"""Answers list requests: filters, order, pages."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ako.sim.problems import refuse
from ako.sim.references import Resolver
from ako.sim.schema import Kind, Schema
from ako.sim.store import MARK, Record, Store, target_of

Test = Callable[[Record], bool]

_NOT_FILTERS = frozenset(
    {
        "page", "page_size", "include_name", "skip_default", "fields", "sort", "limit_by", "join_subresources",
        "exclude", "label_key", "label_value", "search", "isearch", "referred_by", "refers_to", "cloud_uuid",
    }
)  # fmt: skip
_OPERATIONS = frozenset({"contains", "icontains", "in"})
_GROUP = re.compile(r"\(([^,()]+),([^()]*)\)")
_CACHED = 64
LARGEST_PAGE = 200
DEFAULT_PAGE = 25


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list."""

    count: int
    records: list[Record]
    next_query: str | None


class Queries:
    """Finds the objects a list request asks for."""

    def __init__(self, schema: Schema, store: Store, resolver: Resolver) -> None:
        self._schema = schema
        self._store = store
        self._resolver = resolver
        # Pages of one list come in a row: what the filters left is kept until the next write.
        self._found: OrderedDict[tuple[Any, ...], tuple[int, list[Record]]] = OrderedDict()

    def page(self, kind: Kind, query: dict[str, str], tenant: str) -> Page:
        """Return the page of a list that a query asks for; ``*`` stands for every tenant."""
        size = _number(query, "page_size", DEFAULT_PAGE)
        number = _number(query, "page", 1)
        if not 1 <= size <= LARGEST_PAGE:
            raise refuse(400, f"page_size must be between 1 and {LARGEST_PAGE}, got {size}")
        records = self._matching(kind, query, tenant)
        start = (number - 1) * size
        if number < 1 or (start >= len(records) and number > 1):
            raise refuse(404, f"Invalid page {number}: that is past the end")
        more = start + size < len(records)
        return Page(len(records), records[start : start + size], _next_query(query, number + 1) if more else None)

    def _matching(self, kind: Kind, query: dict[str, str], tenant: str) -> list[Record]:
        relevant = tuple((key, value) for key, value in query.items() if key not in {"page", "page_size"})
        key = (kind.name, tenant, relevant)
        with self._store.lock:
            generation = self._store.generation
            kept = self._found.get(key)
            if kept is not None and kept[0] == generation:
                return kept[1]
            records = self._filtered(kind, query, tenant)
            self._found[key] = (generation, records)
            if len(self._found) > _CACHED:
                self._found.popitem(last=False)
            return records

    def _filtered(self, kind: Kind, query: dict[str, str], tenant: str) -> list[Record]:
        records = self._candidates(kind, query)
        if tenant != "*":
            visible = self._resolver.visible
            records = [record for record in records if record.tenant == tenant or visible(record, tenant)]
        for test in self._tests(kind, query):
            records = [record for record in records if test(record)]
        order = query.get("sort")
        if order:
            name = order.lstrip("-")
            records.sort(key=lambda record: str(record.data.get(name, "")), reverse=order.startswith("-"))
        limit = _number(query, "limit_by", 0)
        return records[:limit] if limit else records

    def _candidates(self, kind: Kind, query: dict[str, str]) -> list[Record]:
        """Return a superset of what is asked for, the smallest that an index gives."""
        excluded = query.get("exclude", "").split(",")
        if query.get("name") and "name" not in excluded:
            return self._store.named(kind.name, query["name"])
        if query.get("created_by") and "created_by" not in excluded:
            return self._store.created_by(kind.name, query["created_by"])
        return self._store.all_of(kind.name)

    def _tests(self, kind: Kind, query: dict[str, str]) -> list[Test]:
        tests = []
        excluded = query.get("exclude", "").split(",")
        for key, value in query.items():
            test = None if key in _NOT_FILTERS else self._field_test(kind, key, value)
            if test is not None:
                tests.append(_not(test) if key in excluded else test)
        if "cloud_uuid" in query:
            cloud = query["cloud_uuid"]
            tests.append(lambda record: record.cloud == cloud)
        if "label_key" in query:
            tests.append(_label_test(query["label_key"], query.get("label_value")))
        tests.extend(self._edge_tests(query))
        searches = [key for key in ("search", "isearch") if query.get(key)]
        tests.extend(_search_test(query[key], fold=key == "isearch") for key in searches)
        return tests

    def _field_test(self, kind: Kind, key: str, value: str) -> Test | None:
        name, _, operation = key.partition(".")
        known = self._schema.types.get(kind.model, {}).get(name)
        if known is None and name not in {"name", "uuid"} and not kind.is_open:
            return None  # unknown keys do not filter
        # Clients ask for the cloud of every type, whether it has one or not.
        if (name == "cloud_ref" and not kind.cloud_scoped) or (name == "tenant_ref" and not kind.tenant_scoped):
            return None
        if name.endswith("_ref"):
            return self._relation_test(name, known.target if known else name.removesuffix("_ref"), operation, value)
        if operation and operation not in _OPERATIONS:
            return None
        return _scalar_test(name, operation, value)

    def _relation_test(self, name: str, target: str, operation: str, value: str) -> Test | None:
        if operation == "name":
            wanted = {record.uuid for record in self._store.named(target, value)}
        elif operation in {"", "uuid"}:
            wanted = {value.partition("#")[0].rstrip("/").rpartition("/")[2]}
        else:
            return None
        return lambda record: target_of(str(record.data.get(name, ""))) in wanted

    def _edge_tests(self, query: dict[str, str]) -> list[Test]:
        tests: list[Test] = []
        if "refers_to" in query:
            target = query["refers_to"].partition(":")[2]
            tests.append(lambda record: target in record.targets)
        if "referred_by" in query:
            kind, _, uuid = query["referred_by"].partition(":")
            referrer = self._store.get(kind, uuid)
            targets = referrer.targets if referrer else frozenset()
            tests.append(lambda record: record.uuid in targets)
        return tests


def flag(query: dict[str, str], name: str) -> bool:
    """Say whether a switch of the query is on; bare, empty and ``true`` all count."""
    return name in query and query[name].lower() in {"", "true", "1"}


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise refuse(400, f"{name} must be a number, got {text!r}") from None


def _next_query(query: dict[str, str], number: int) -> str:
    others = [(key, value) for key, value in query.items() if key != "page"]
    return "&".join(f"{key}={quote(value)}" for key, value in [("page", str(number)), *others])


def _not(test: Test) -> Test:
    return lambda record: not test(record)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _scalar_test(name: str, operation: str, value: str) -> Test:
    if operation == "contains":
        return lambda record: value in _text(record.data.get(name, ""))
    if operation == "icontains":
        folded = value.lower()
        return lambda record: folded in _text(record.data.get(name, "")).lower()
    wanted = value.split(",") if operation == "in" else [value]
    # Booleans may be asked for as true or True.
    both = {*wanted, *(item.lower() for item in wanted if item.lower() in {"true", "false"})}
    return lambda record: name in record.data and _text(record.data[name]) in both


def _label_test(key: str, value: str | None) -> Test:
    def test(record: Record) -> bool:
        lists = (record.data.get(name) for name in ("labels", "markers", "kv"))
        items = (item for entries in lists if isinstance(entries, list) for item in entries if isinstance(item, dict))
        for item in items:
            values = item.get("values") or [item.get("value")]
            if item.get("key") == key and (value is None or value in values):
                return True
        return False

    return test


def _search_test(query: str, *, fold: bool) -> Test:
    groups = _GROUP.findall(query)
    folded = str.lower if fold else str

    def anywhere(value: Any, wanted: str) -> bool:
        if isinstance(value, dict):
            return any(anywhere(item, wanted) for item in value.values())
        if isinstance(value, list):
            return any(anywhere(item, wanted) for item in value)
        return wanted in folded(_text(value).removeprefix(MARK))

    if not groups:
        wanted = folded(query)
        return lambda record: anywhere(record.data, wanted)
    return lambda record: any(anywhere(record.data.get(name, ""), folded(value)) for name, value in groups)
