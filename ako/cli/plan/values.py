"""Field values of Avi objects as they are shown: secrets masked, certificates by what they say, references by name."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from ako.core.avi import codec
from ako.core.base.secrecy import MASK, without_secret_fields
from ako.core.explain.certificate_text import certificate_read, in_one_line

LONGEST_VALUE = 160
_REFERENCE = re.compile(r"/api/(\w+)\?name=(.*)")


def shown(value: object, *, is_secret: bool = False) -> Any:
    """Give a value as JSON that anybody may read.

    Args:
        value: of a field of a model.
        is_secret: nothing of it is for anybody.
    """
    if is_secret and value is not None:
        return MASK
    return _legible(without_secret_fields(msgspec.json.decode(codec.encode(value))))


def _legible(value: Any) -> Any:
    """Put what a certificate says in the place of its text."""
    match value:
        case str() if "-----BEGIN" in value:
            told = certificate_read(value)
            return in_one_line(told) if told else MASK
        case dict():
            return {name: _legible(item) for name, item in value.items()}
        case list():
            return [_legible(item) for item in value]
    return value


def change_lines(field: str, old: Any, new: Any) -> Iterator[tuple[int, str]]:
    """Give the lines, each with its depth, that show how a field changes; of a list the entries that come and go.

    Args:
        field: its name.
        old: as `shown` gives it.
        new: likewise.
    """
    old, new = _parsed(old), _parsed(new)
    if isinstance(old, dict) and isinstance(new, dict) and (old or new):
        for name in sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)):
            yield from change_lines(f"{field}.{name}", old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list):
        going, coming = tuple(_without(old, new)), tuple(_without(new, old))
        yield 0, f"{field}:" if going or coming else f"{field}: the same entries in another order, or number"
        yield from ((1, f"- {short(entry)}") for entry in going)
        yield from ((1, f"+ {short(entry)}") for entry in coming)
    elif old == new or (old is None and new == MASK):
        yield 0, f"{field}: changes"
    else:
        yield 0, f"{field}: {short(old)} -> {short(new)}"


def field_lines(field: str, value: Any) -> Iterator[tuple[int, str]]:
    """Give the lines, each with its depth, that show a field as it will be.

    Args:
        field: its name.
        value: as `shown` gives it.
    """
    value = _parsed(value)
    if isinstance(value, list) and value:
        yield 0, f"{field}:"
        yield from ((1, f"+ {short(entry)}") for entry in value)
    else:
        yield 0, f"{field}: {short(value)}"


def short(value: object) -> str:
    """Give a value on one line that is not too long."""
    text = json.dumps(_named(value), ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _without(entries: list[Any], others: Collection[Any]) -> Iterator[Any]:
    """Give the entries that are not among others; there may be thousands of both."""
    known = {json.dumps(entry, sort_keys=True) for entry in others}
    return (entry for entry in entries if json.dumps(entry, sort_keys=True) not in known)


def _parsed(value: Any) -> Any:
    """Give what is written as JSON in a text: what an object is for stands in one."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _named(value: object) -> object:
    """Give references by type and name only, addresses without what their kind is, and certificates as they are."""
    if isinstance(value, dict):
        if value.keys() == {"addr", "type"}:
            return value["addr"]
        if value.keys() == {"certificate"}:
            return value["certificate"]
        return {name: _named(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_named(item) for item in value]
    if isinstance(value, str) and (found := _REFERENCE.fullmatch(value)):
        return f"{found[1]} {unquote(found[2])}"
    return value
