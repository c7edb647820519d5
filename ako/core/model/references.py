"""Values of a model with other references in them: to objects under other names, or to none that are missing. Pure.

Whatever a host's translation holds, its own objects are what it refers to by their identity; so both work for any type,
and for translations of any plugin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject

T = TypeVar("T")
A = TypeVar("A", bound=AviObject)
S = TypeVar("S", bound=Struct)

NEEDED_LISTS = frozenset({"ssl_key_and_certificate_refs", "rules"})
"""Lists that must not become empty: a child without a certificate of its own would show that of its parent, and a
policy set without rules is for nothing."""

_LEADING_LISTS = NEEDED_LISTS | {"http_policies", "members"}
"""And those without which a path of a host would lead nowhere."""


def redirected(value: T, names: Mapping[AviRef, AviRef]) -> T:
    """Give a value in which references lead to the other names; the same one, if it has none of them."""
    result: object = value
    if isinstance(value, AviRef):
        result = names.get(value, value)
    elif isinstance(value, tuple):
        entries = tuple(redirected(entry, names) for entry in value)
        if any(new is not old for new, old in zip(entries, value, strict=True)):
            result = entries
    elif isinstance(value, Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: new for name, old in fields.items() if (new := redirected(old, names)) is not old}
        if changed:
            result = replace(value, **changed)
    return result  # type: ignore[return-value]


def renamed(item: A, names: Mapping[AviRef, AviRef]) -> A:
    """Give an object under its other name, with its references."""
    other = redirected(item, names)
    return replace(other, name=names[item.ref].name) if item.ref in names else other


def without(objects: Iterable[AviObject], missing: Set[AviRef]) -> tuple[AviObject, ...]:
    """Leave objects out, and what cannot be without them: whoever only lists them goes on without the entry."""
    kept = [item for item in objects if item.ref not in missing]
    while missing:
        stripped = [stripped_of(item, missing, _LEADING_LISTS) for item in kept]
        kept = [item for item in stripped if missing.isdisjoint(item.references())]
        missing = {item.ref for item in stripped if not missing.isdisjoint(item.references())}
    return tuple(kept)


def stripped_of(item: S, missing: Set[AviRef], needed: Set[str] = NEEDED_LISTS) -> S:
    """Take entries that refer to what is missing out of the lists of an object; a list that is needed keeps some."""
    fields: dict[str, object] = {}
    for name in item.__struct_fields__:
        value = getattr(item, name)
        if isinstance(value, tuple):
            entries = tuple(entry for entry in value if not _refers_to_any(entry, missing))
            if len(entries) != len(value) and (entries or name not in needed):
                fields[name] = entries
        elif isinstance(value, Struct) and not isinstance(value, AviRef):
            part = stripped_of(value, missing, needed)
            if part is not value:
                fields[name] = part
    return replace(item, **fields) if fields else item


def _refers_to_any(entry: object, refs: Set[AviRef]) -> bool:
    """Say whether an entry of a list refers to one of some objects."""
    if isinstance(entry, AviRef):
        return entry in refs
    if isinstance(entry, tuple):
        return any(_refers_to_any(part, refs) for part in entry)
    if isinstance(entry, Struct):
        return any(_refers_to_any(getattr(entry, name), refs) for name in entry.__struct_fields__)
    return False
