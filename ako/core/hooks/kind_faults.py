"""What is wrong with a kind as a plugin declares it: its fields may hold anything, as a record checks none. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from ako.core.base.errors import PluginError
from ako.core.base.refs import Kind
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.record_faults import record_fault
from ako.core.kube.rights import of_declaration

_PLURAL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def fault_of(kind: object, plugin: str) -> str:
    """Say why a kind that a plugin declares cannot be watched; empty if it can."""
    if not isinstance(kind, WatchedKind):
        return f"ako_kinds gives {kind!r:.200}, which is no WatchedKind"
    return next(_faults(kind, plugin), "")


def _faults(kind: WatchedKind, plugin: str) -> Iterator[str]:
    if not isinstance(kind.kind, Kind) or not all(isinstance(part, str) for part in kind.kind):
        yield f"ako_kinds: the kind {kind.kind!r:.200} is no ako.Kind(group, version, name) of three texts"
        return
    for field, (is_right, wanted) in _FIELDS.items():
        value = getattr(kind, field)
        if not is_right(value):
            yield f"ako_kinds: {field} of {kind.kind.name} is {value!r:.200}, not {wanted}"
            return
    for record in filter(None, (kind.record, kind.status, kind.outline)):
        if fault := record_fault(record):
            yield f"ako_kinds: {kind.kind.name}: {fault}"
    try:
        tuple(of_declaration(kind, plugin))
    except PluginError as fault:
        yield str(fault).removeprefix(f"plugin {plugin}: ")


def _is_record(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Struct)


def _is_record_or_none(value: object) -> bool:
    return value is None or _is_record(value)


def _is_plural(value: object) -> bool:
    return isinstance(value, str) and _PLURAL.fullmatch(value) is not None


def _is_mapping_of_functions(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and callable(index) for name, index in value.items()
    )


def _is_tuple_of(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, tuple) and all(isinstance(item, kind) for item in value)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


_FIELDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "plural": (_is_plural, "the name in URLs, such as `ingresses`"),
    "record": (_is_record, "a class derived from msgspec.Struct"),
    "status": (_is_record_or_none, "None or a class derived from msgspec.Struct"),
    "outline": (_is_record_or_none, "None or a class derived from msgspec.Struct"),
    "namespaced": (_is_flag, "True or False"),
    "is_source": (_is_flag, "True or False"),
    "is_optional": (_is_flag, "True or False"),
    "indexes": (_is_mapping_of_functions, "a mapping of names to functions"),
    "field_selector": (lambda value: isinstance(value, str), "a text, such as `metadata.name=x`"),
    "access": (_is_tuple_of(str), "a tuple of texts, such as ('sites/scale:get',)"),
    "replaces": (_is_tuple_of(Kind), "a tuple of ako.Kind"),
    "stands_in_for": (lambda value: value is None or isinstance(value, Kind), "None or an ako.Kind"),
}
"""Field of a declaration → whether a value will do, and what would."""
