"""Lists: selection, pages and old versions."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from ako.testing.kube_api import errors
from ako.testing.kube_api.options import list_options
from ako.testing.kube_api.resources import Manifest, Resource
from ako.testing.kube_api.selection import Predicate, field_predicates, label_predicates, matches
from ako.testing.kube_api.store import Collection, Key, Store, Version

_encode = msgspec.json.Encoder().encode
_TOO_OLD = "The resourceVersion for the provided list is too old."
_CONTINUE_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without"
    " the continue parameter, or use the continue token in this response to retrieve the remainder of the results."
    " Continuing with the provided token results in an inconsistent list - objects that were created, modified, or"
    " deleted between the time the first chunk was returned and now may show up in the list."
)


class Selection(NamedTuple):
    """Which objects of a kind a list or watch is about."""

    namespace: str
    predicates: list[Predicate]

    def has(self, version: Version | None) -> bool:
        """Say whether an object is one of them."""
        if version is None or (self.namespace and version.key[0] != self.namespace):
            return False
        return not self.predicates or matches(version.body, self.predicates)


def select(resource: Resource, namespace: str, query: Mapping[str, str]) -> Selection:
    """Read the selectors of a query."""
    labels = label_predicates(query.get("labelSelector", ""))
    return Selection(namespace, labels + field_predicates(resource, query.get("fieldSelector", "")))


def revision_asked_for(query: Mapping[str, str]) -> int:
    """Return the `resourceVersion` of a query, 0 if there is none.

    Raises:
        ValueError: in the words a real server uses.
    """
    text = query.get("resourceVersion", "")
    if text and not text.isdecimal():
        problem = f'strconv.ParseUint: parsing "{text}": invalid syntax'
        raise ValueError(f'resourceVersion: Invalid value: "{text}": {problem}')
    return int(text or 0)


class _Start(NamedTuple):
    revision: int
    key: Key | None
    shown_revision: int


def list_document(store: Store, collection: Collection, namespace: str, query: dict[str, str]) -> bytes:
    """Answer a list, without encoding any object again. The caller holds the store's lock."""
    list_options(query, watch=False)
    selection = select(collection.resource, namespace, query)
    start = _start(store, collection, query)
    objects = collection.at(start.revision)
    chosen = [objects[key] for key in sorted(objects) if start.key is None or key > start.key]
    chosen = [version for version in chosen if selection.has(version)]
    # Lists of custom resources show an empty token where others show none.
    metadata: Manifest = {"continue": ""} if collection.resource.custom else {}
    metadata["resourceVersion"] = str(start.shown_revision)
    limit = 0 if query.get("resourceVersion") == "0" else int(query.get("limit") or 0)
    if limit and len(chosen) > limit:
        metadata["continue"] = _token(start.shown_revision, chosen[limit - 1].key)
        if not selection.predicates:
            metadata["remainingItemCount"] = len(chosen) - limit
        chosen = chosen[:limit]
    return encode_list(collection.resource, metadata, chosen)


def encode_list(resource: Resource, metadata: Manifest, versions: list[Version]) -> bytes:
    """Join encoded objects to a list."""
    items = b",".join([version.item(resource) for version in versions])
    head = f'{{"kind":"{resource.kind}List","apiVersion":"{resource.api_version}","metadata":'.encode()
    return b'%b%b,"items":[%b]}\n' % (head, _encode(metadata), items)


def _start(store: Store, collection: Collection, query: Mapping[str, str]) -> _Start:
    if token := query.get("continue", ""):
        if query.get("resourceVersion", "") not in {"", "0"}:
            raise errors.bad_request("specifying resource version is not allowed when using continue")
        return _continued(store, collection, token)
    try:
        wanted = revision_asked_for(query)
    except ValueError as problem:
        raise errors.bad_request(f"invalid resource version: {problem}") from None
    if wanted > store.revision:
        raise errors.too_large_version(wanted, store.revision)
    if query.get("resourceVersionMatch") == "Exact":
        if wanted < collection.floor:
            raise errors.expired(_TOO_OLD)
        return _Start(wanted, None, wanted)
    return _Start(store.revision, None, store.revision)


def _continued(store: Store, collection: Collection, token: str) -> _Start:
    revision, key = _read_token(token)
    if revision < 0:
        return _Start(store.revision, key, store.revision)
    if revision < collection.floor:
        error = errors.expired(_CONTINUE_TOO_OLD)
        error.metadata = {"continue": _token(-1, key)}
        raise error
    return _Start(revision, key, revision)


def _token(revision: int, last: Key) -> str:
    text = _encode({"v": "meta.k8s.io/v1", "rv": revision, "start": f"{'/'.join(last)}\0"})
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _read_token(token: str) -> tuple[int, Key]:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        content: Any = msgspec.json.decode(text)
        namespace, _, name = content["start"].removesuffix("\0").rpartition("/")
        return int(content["rv"]), (namespace, name)
    except (binascii.Error, msgspec.DecodeError, KeyError, TypeError, ValueError) as problem:
        raise errors.bad_request(f"invalid continue token: continue key is not valid: {problem}") from None
