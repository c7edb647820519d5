"""Raw JSON of Kubernetes objects into the typed records that plugins declared.

Both the API server and the folder of manifests go through here.
Every record type is decoded on its own: one that does not fit becomes `Unreadable`, the others are unaffected.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from sys import intern

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from ako.core.base.refs import NamespacedName
from ako.core.engine.changes import Records, Unreadable
from ako.core.kube.cluster import Reading
from ako.core.kube.field_selectors import selects
from ako.typed_json import reader

_FAULT_WITH_PATH = re.compile(r"(?P<fault>.*) - at `(?P<path>.*)`", re.DOTALL)


class _HeadMetadata(Struct, frozen=True, rename="camel"):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""

    @property
    def namespaced_name(self) -> NamespacedName:
        return NamespacedName(intern(self.namespace), self.name)


class _Head(Struct, frozen=True):
    metadata: _HeadMetadata = _HeadMetadata()


class _ListMetadata(Struct, frozen=True, rename={"continue_": "continue", "resource_version": "resourceVersion"}):
    continue_: str = ""
    resource_version: str = ""


class _List(Struct, frozen=True):
    metadata: _ListMetadata = _ListMetadata()
    items: tuple[Raw, ...] | None = None


class _Event(Struct, frozen=True):
    type: str
    object: Raw


class _Status(Struct, frozen=True):
    code: int = 0
    message: str = ""


class Page(Struct, frozen=True):
    """One page of a list: its objects with their uids; `continue_token` is empty on the last one."""

    objects: dict[NamespacedName, Records]
    uids: dict[NamespacedName, str]
    continue_token: str
    resource_version: str


class WatchEvent(Struct, frozen=True):
    """One line of a watch: what happened and the object, still undecoded but for its identity and version."""

    type: str
    name: NamespacedName
    uid: str
    resource_version: str
    object: Raw


_HEAD = reader(_Head)
_LIST = reader(_List)
_EVENT = reader(_Event)
_STATUS = reader(_Status)


class RecordDecoder:
    """Decodes one object as every record type declared for its kind; safe to share between threads.

    Args:
        records: the record types, and how each is read.
    """

    def __init__(self, records: Mapping[type[Struct], Reading]) -> None:
        self._readings = [
            (record, reading.field_selector, reader(record), reader(reading.outline) if reading.outline else None)
            for record, reading in records.items()
        ]

    def records(self, name: NamespacedName, raw: bytes | Raw) -> Records:
        """Decode one object as what selects it; a record type that does not fit it becomes `Unreadable`."""
        return {
            record: _decoded(decoder, outline, raw)
            for record, selector, decoder, outline in self._readings
            if selects(selector, name)
        }

    def page(self, raw: bytes) -> Page:
        """Decode one page of a list.

        Raises:
            msgspec.DecodeError: this is not a Kubernetes list, or an item has no name to be known by.
        """
        with _garbage_collection_paused():
            page = _LIST.decode(raw)
            heads = [_named_head(item) for item in page.items or ()]
            names = [head.namespaced_name for head in heads]
            objects = {name: self.records(name, item) for name, item in zip(names, page.items or (), strict=True)}
            uids = {name: head.uid for name, head in zip(names, heads, strict=True)}
        return Page(objects, uids, page.metadata.continue_, page.metadata.resource_version)


def watch_event(line: bytes) -> WatchEvent:
    """Decode one line of a watch.

    Raises:
        msgspec.DecodeError: the line is not a watch event.
    """
    event = _EVENT.decode(line)
    head = _HEAD.decode(event.object).metadata
    return WatchEvent(event.type, head.namespaced_name, head.uid, head.resource_version, event.object)


def uid_of(raw: bytes) -> str:
    """Find the uid of an object.

    Raises:
        msgspec.DecodeError: this is no Kubernetes object.
    """
    return _HEAD.decode(raw).metadata.uid


def _named_head(raw: Raw) -> _HeadMetadata:
    """Find the identity of an object without looking at the rest of it."""
    head = _HEAD.decode(raw).metadata
    if not head.name:
        raise msgspec.ValidationError("an object has no metadata.name")
    return head


def api_status(raw: bytes | Raw) -> tuple[int, str]:
    """Read code and message of a Kubernetes `Status`; the text itself is the message if it is none."""
    try:
        status = _STATUS.decode(raw)
    except msgspec.DecodeError:
        return 0, bytes(raw).decode(errors="replace").strip()[:200]
    return status.code, status.message


def _decoded(decoder: Decoder[Struct], outline: Decoder[Struct] | None, raw: bytes | Raw) -> Struct | Unreadable:
    try:
        return decoder.decode(raw)
    except msgspec.DecodeError as error:
        reason = _reason(error)
    try:
        return Unreadable(reason, outline.decode(raw) if outline else None)
    except msgspec.DecodeError:
        return Unreadable(reason)


def _reason(error: msgspec.DecodeError) -> str:
    """Name the field first, as a user would write it: `spec.rules[0].host: Expected str, got int`."""
    text = str(error).replace("`, got `", ", got ")
    match = _FAULT_WITH_PATH.fullmatch(text)
    fault, path = (match["fault"], match["path"]) if match else (text, "")
    fault = fault.replace("`", "")
    field = path.removeprefix("$").removeprefix(".").replace("[...]", "[]")
    return f"{field}: {fault}" if field else fault


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Spare a big list the collector, which takes longer than the decoding.

    Only who found it enabled enables it again, so threads that list at once cannot leave it off.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
