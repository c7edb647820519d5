"""What a plugin needs of us, as it says once at start, and what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from ako.core import model
from ako.core.model import AviObject, ForeignObject
from ako.core.model.extra import declaration_fault

PLUGIN_API = "1.1"
"""The version of all that plugins are written against, `<major>.<minor>`: a number of its own, not that of ako."""

FIRST_API = "1.0"
"""What a plugin was written for that does not say."""

_VERSION = re.compile(r"(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})")

MODELLED: tuple[type[AviObject], ...] = tuple(
    kind
    for kind in vars(model).values()
    if isinstance(kind, type) and issubclass(kind, AviObject) and hasattr(kind, "avi_type")
    if not issubclass(kind, ForeignObject)
)
"""Every type that may be created."""


class Needs(Struct, frozen=True, kw_only=True):
    """What a plugin needs of ako, beside what its kinds say.

    Attributes:
        api: the plugin API that it was written for, such as `1.0`: `ako.PLUGIN_API` of that day. It is loaded where the
            major number is the same and the minor number is not older.
        creates: types of Avi objects that it creates; those that the core creates itself need not be named.
        fields: type → names, as Avi's JSON has them, of fields of its objects that it may set beyond those that the
            core sets. Such a field is ours on every object of ours of that type: where nobody sets it, it is absent.
            What is not named stays as an operator has it.
        other_namespaces: its source objects may name Services and Secrets of other namespaces than their own, and it
            sees to it that those who own them agree. Without it a claim that does is a fault.
    """

    api: str = FIRST_API
    creates: tuple[type[AviObject], ...] = ()
    fields: Mapping[type[AviObject], tuple[str, ...]] = {}
    other_namespaces: bool = False


def api_fault(wanted: object, installed: str = PLUGIN_API) -> str:
    """Say why a plugin written for one version of the plugin API cannot run with another; empty if it can."""
    theirs = _VERSION.fullmatch(wanted) if isinstance(wanted, str) else None
    if theirs is None:
        return (
            f"ako_needs: api is {wanted!r}, not <major>.<minor>, such as {installed!r}; "
            "give the ako.PLUGIN_API that it was written for"
        )
    ours = [int(number) for number in installed.split(".")]
    asked = [int(number) for number in theirs.groups()]
    if asked[0] == ours[0] and asked[1] <= ours[1]:
        return ""
    remedy = (
        "install a newer ako, or an older version of the plugin"
        if asked > ours
        else "install a newer version of the plugin, or an older ako"
    )
    return f"it wants plugin API {wanted}, and this is plugin API {installed}: {remedy}"


def fault_of(needs: object) -> str:
    """Say what is wrong with what a plugin says that it needs; empty if nothing."""
    if not isinstance(needs, Needs):
        return f"ako_needs gives {needs!r:.200}, which is no Needs; return ako.Needs(…), or None"
    return api_fault(needs.api) or next(_faults(needs), "")


def _faults(needs: Needs) -> Iterator[str]:
    if not isinstance(needs.creates, tuple):
        yield f"ako_needs: creates is a {type(needs.creates).__name__}, not a tuple of types such as ako.Pool"
        return
    if not isinstance(needs.fields, Mapping):
        yield f"ako_needs: fields is a {type(needs.fields).__name__}, not a mapping of types to names of fields"
        return
    if not isinstance(needs.other_namespaces, bool):
        yield f"ako_needs: other_namespaces is {needs.other_namespaces!r:.200}, not True or False"
    for place, kinds in (("creates", needs.creates), ("fields", tuple(needs.fields))):
        yield from (_type_fault(place, kind) for kind in kinds if not _is_modelled(kind))
    for kind, names in needs.fields.items():
        yield from _field_faults(kind, names)


def _is_modelled(kind: object) -> bool:
    return any(kind is known for known in MODELLED)


def _type_fault(place: str, kind: object) -> str:
    shown = kind.__name__ if isinstance(kind, type) else repr(kind)[:200]
    types = ", ".join(sorted(known.__name__ for known in MODELLED))
    return f"ako_needs: {place} names {shown}, which is no type of object that can be created; these are {types}"


def _field_faults(kind: type[AviObject], names: Any) -> Iterator[str]:
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        yield f"ako_needs: fields of {kind.__name__} are {names!r:.200}, not a tuple of names such as ('description',)"
        return
    faults = (declaration_fault(kind, name) for name in names)
    yield from (f"ako_needs: {fault}" for fault in faults if fault)


def created_types(needs: Iterable[Needs]) -> tuple[type[AviObject], ...]:
    """Give every type that some plugin creates, each once, in the order of their names."""
    found = {kind for of_plugin in needs for kind in of_plugin.creates}
    return tuple(sorted(found, key=lambda kind: kind.avi_type))


def set_fields(needs: Iterable[Needs]) -> dict[type[AviObject], frozenset[str]]:
    """Give the fields that plugins may set, together, by type."""
    found: dict[type[AviObject], frozenset[str]] = {}
    for of_plugin in needs:
        for kind, names in of_plugin.fields.items():
            found[kind] = found.get(kind, frozenset()) | frozenset(names)
    return found
