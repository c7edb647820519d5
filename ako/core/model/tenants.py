"""Values of a model in a tenant: what is ours there, with every reference to it. Pure.

What is not ours (clouds, networks, profiles) is found by name from every tenant, and bears none.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import CREATABLE_TYPES, OWNED_TYPES
from ako.core.model.base import AviObject, bearing

T = TypeVar("T")

_OURS = frozenset(owned.avi_type for owned in OWNED_TYPES)
_PLUGINS = frozenset(created.avi_type for created in CREATABLE_TYPES)


def in_tenant(value: T, tenant: str, prefix: str = "") -> T:
    """Give a value of which all that is ours is in a tenant; the same one, if it is there already.

    Of types that plugins create beside those of the core only what is named so is ours: `System-TCP` is not.
    """
    result: object = value
    if isinstance(value, AviRef):
        if value.tenant != tenant and (value.type in _OURS or _is_plugins(value, prefix)):
            result = AviRef(value.type, value.name, tenant)
    elif isinstance(value, tuple):
        entries = tuple(in_tenant(entry, tenant, prefix) for entry in value)
        if any(new is not old for new, old in zip(entries, value, strict=True)):
            result = entries
    elif isinstance(value, Struct):
        fields = {name: getattr(value, name) for name in bearing(type(value))}
        moved = ((name, old, in_tenant(old, tenant, prefix)) for name, old in fields.items())
        changed: dict[str, object] = {name: new for name, old, new in moved if new is not old}
        if isinstance(value, AviObject) and value.tenant != tenant:
            changed["tenant"] = tenant
        if changed:
            result = replace(value, **changed)
    return result  # type: ignore[return-value]


def _is_plugins(ref: AviRef, prefix: str) -> bool:
    return bool(prefix) and ref.type in _PLUGINS and ref.name.startswith(prefix)
