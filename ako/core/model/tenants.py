"""Values of a model in a tenant: what is ours there, with every reference to it. Pure.

What is not ours (clouds, networks, profiles) is found by name from every tenant, and bears none.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import WRITTEN_TYPES
from ako.core.model.base import AviObject, bearing

T = TypeVar("T")

_OURS = frozenset(owned.avi_type for owned in WRITTEN_TYPES)


def in_tenant(value: T, tenant: str) -> T:
    """Give a value of which all that is ours is in a tenant; the same one, if it is there already."""
    result: object = value
    if isinstance(value, AviRef):
        if value.type in _OURS and value.tenant != tenant:
            result = AviRef(value.type, value.name, tenant)
    elif isinstance(value, tuple):
        entries = tuple(in_tenant(entry, tenant) for entry in value)
        if any(new is not old for new, old in zip(entries, value, strict=True)):
            result = entries
    elif isinstance(value, Struct):
        fields = {name: getattr(value, name) for name in bearing(type(value))}
        changed: dict[str, object] = {n: new for n, old in fields.items() if (new := in_tenant(old, tenant)) is not old}
        if isinstance(value, AviObject) and value.tenant != tenant:
            changed["tenant"] = tenant
        if changed:
            result = replace(value, **changed)
    return result  # type: ignore[return-value]
