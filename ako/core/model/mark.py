"""The mark of one cluster: the uid of its `kube-system` Namespace, on every object that is written for it. Pure.

Names and `created_by` follow from `clusterName`, which two clusters may share by mistake, and which a cluster that was
built anew has again. The uid tells them apart. It stands beside what AKO writes: one more key in `service_metadata`,
and one more marker where the API version has markers.

The mark is no part of what is wanted of an object. It is laid on when one is written and taken off when one is read, so
that nothing ever differs for its sake alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from ako.core.model.base import AviObject, KeyValues
from ako.core.model.pool import Pool
from ako.core.model.virtual_service import VirtualService
from ako.core.model.vrf import ForeignObject

KEY = "cluster_uid"
"""The key in `service_metadata`, and that of the marker."""

A = TypeVar("A", bound=AviObject)


def has_markers(version: str) -> bool:
    """Say whether objects have markers in an API version: they exist since 20.1.5."""
    return tuple(int(part) for part in version.split(".")[:3]) >= (20, 1, 5)


class Mark(Struct, frozen=True):
    """What objects of one cluster are marked with; nothing, if it has no uid that may be known.

    `has_markers`: the API version in use knows markers.
    """

    uid: str = ""
    has_markers: bool = False

    def fields(self, item: AviObject, before: AviObject | None = None) -> Mapping[str, Any]:
        """Give the fields that carry the mark, for an object as it is written; markers that others put there stay."""
        if not self.uid or isinstance(item, ForeignObject):
            return {}
        fields: dict[str, Any] = {}
        if isinstance(item, (Pool, VirtualService)):
            fields["service_metadata"] = _with_uid(item.service_metadata, self.uid)
        if self.has_markers:
            there = next((o.markers for o in (item, before) if o and isinstance(o.markers, tuple)), ())
            fields["markers"] = (*there, KeyValues(KEY, (self.uid,)))
        return fields


UNMARKED = Mark()


def unmarked(item: A) -> tuple[A, str]:
    """Give an object as it was read without its mark, and the uid of that; empty if it bears none."""
    fields: dict[str, Any] = {}
    uid = ""
    text = item.service_metadata if isinstance(item, (Pool, VirtualService)) else None
    if text and KEY in text and (keys := _keys(text)) and isinstance(keys.get(KEY), str):
        uid = keys.pop(KEY)
        fields["service_metadata"] = msgspec.json.encode(keys).decode() if keys else None
    if isinstance(item.markers, tuple) and any(marker.key == KEY for marker in item.markers):
        uid = next((value for marker in item.markers if marker.key == KEY for value in marker.values), uid)
        fields["markers"] = tuple(marker for marker in item.markers if marker.key != KEY) or UNSET
    return (replace(item, **fields) if fields else item), uid


def _with_uid(text: str | None, uid: str) -> str | None:
    """Add the key to a text in JSON; one that is none, as a plugin may write it, stays as it is."""
    keys = _keys(text or "{}")
    return text if keys is None else msgspec.json.encode({**keys, KEY: uid}).decode()


def _keys(text: str) -> dict[str, Any] | None:
    try:
        keys = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return None
    return keys if isinstance(keys, dict) else None
