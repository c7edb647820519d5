"""Objects that the Controller refused, and what of a tree can go on without them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ako.core.model import AviObject
from ako.core.observed import ObservedObject
from ako.core.plan import replace_fields
from ako.core.refs import AviRef


class Refusal(Struct, frozen=True):
    """An object as it was refused, and the Controller's own words."""

    object: AviObject
    message: str


def without_refused(
    desired: Mapping[AviRef, AviObject], refused: Mapping[AviRef, Refusal], observed: Mapping[AviRef, ObservedObject]
) -> dict[AviRef, AviObject]:
    """Leave out what was refused as it is, and what cannot be without it.

    A refused change leaves the object as it was, and with it what it refers to: the Controller would not delete that.
    A refused new object is taken out of the lists that name it, and whatever refers to it outside a list goes too.
    """
    kept = dict(desired)
    missing: set[AviRef] = set()
    for ref, refusal in refused.items():
        if kept.get(ref) != refusal.object:
            continue
        seen = observed.get(ref)
        if seen is not None:
            kept[ref] = seen.object
        else:
            del kept[ref]
            missing.add(ref)
    while missing:
        missing = _drop_references(kept, missing, observed)
    _keep_referents(kept, [ref for ref in kept if ref in observed and kept[ref] is observed[ref].object], observed)
    return kept


def _keep_referents(
    kept: dict[AviRef, AviObject], unchanged: list[AviRef], observed: Mapping[AviRef, ObservedObject]
) -> None:
    """Keep what objects that stay as they are refer to, as far as nobody wants it any more."""
    while unchanged:
        for ref in kept[unchanged.pop()].references():
            if ref not in kept and ref in observed:
                kept[ref] = observed[ref].object
                unchanged.append(ref)


def _drop_references(
    kept: dict[AviRef, AviObject], missing: set[AviRef], observed: Mapping[AviRef, ObservedObject]
) -> set[AviRef]:
    """Take references to missing objects out of all others; give the objects that cannot be without them."""
    dropped: set[AviRef] = set()
    for ref, item in list(kept.items()):
        if missing.isdisjoint(item.references()):
            continue
        stripped = _stripped(item, missing)
        if missing.isdisjoint(stripped.references()):
            kept[ref] = stripped
        elif (seen := observed.get(ref)) is not None:
            kept[ref] = seen.object
        else:
            del kept[ref]
            dropped.add(ref)
    return dropped


def _stripped(item: AviObject, missing: set[AviRef]) -> AviObject:
    fields: dict[str, Any] = {}
    for name in item.__struct_fields__:
        value = getattr(item, name)
        if isinstance(value, tuple):
            entries = tuple(entry for entry in value if not _names_any(entry, missing))
            if len(entries) != len(value):
                fields[name] = entries
    return replace_fields(item, fields) if fields else item


def _names_any(entry: object, missing: set[AviRef]) -> bool:
    if isinstance(entry, AviRef):
        return entry in missing
    if isinstance(entry, Struct):
        return any(_names_any(getattr(entry, name), missing) for name in entry.__struct_fields__)
    return False
