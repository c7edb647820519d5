"""From a request to an answer: paths, verbs, media types."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import msgspec

from ako.testing.kube_api import errors, patches
from ako.testing.kube_api.access import Access
from ako.testing.kube_api.attributes import Attributes, User, attributes
from ako.testing.kube_api.discovery import discover
from ako.testing.kube_api.media import media_type, read_body, unknown_format, view_of, viewed, without_unknown
from ako.testing.kube_api.options import applied_configuration, write_options
from ako.testing.kube_api.reads import encode_list, list_document, select
from ako.testing.kube_api.resources import NAMESPACE, Manifest
from ako.testing.kube_api.reviews import Reviews, find_review
from ako.testing.kube_api.store import Collection, Store, Version, require
from ako.testing.kube_api.watches import Watch, is_watch, read_options
from ako.testing.kube_api.writes import Target, Writes
from ako.testing.listener import Request, Response

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

_PATCHES = {
    "application/merge-patch+json": patches.merge,
    "application/json-patch+json": patches.json_patch,
    "application/strategic-merge-patch+json": patches.strategic_merge,
}
_APPLY_PATCH = "application/apply-patch+yaml"
_CUSTOM_PATCHES = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names: a kind, perhaps a namespace, an object of it, a side of that object."""

    collection: Collection
    namespace: str = ""
    name: str = ""
    subresource: str = ""


class Api:
    """The API server proper, without transport, faults and access to it."""

    def __init__(self, store: Store, writes: Writes, access: Access, bookmark_every: float) -> None:
        self._store = store
        self._writes = writes
        self._access = access
        self._reviews = Reviews(store, access)
        self._bookmark_every = bookmark_every
        self.watches: set[Watch] = set()

    def answer(self, user: User, request: Request) -> Response:
        """Carry out a request of a user; every refusal becomes a Status."""
        try:
            return self._answer(attributes(user, request), request)
        except errors.ApiError as error:
            return refusal(error)
        except (msgspec.MsgspecError, ValueError) as problem:
            # A number in the query or a body that is none.
            return refusal(errors.bad_request(str(problem)))

    def _answer(self, asked: Attributes, request: Request) -> Response:
        self._access.authorize(asked)
        if review := find_review(asked):
            answer = self._reviews.answer(review, asked, _decode(request.body))
            return Response(201, _encode(answer) + b"\n")
        with self._store.lock:
            if not asked.resource and request.method == "GET" and (found := discover(self._store, request)):
                return found
            place = self._locate(asked)
        if place is None:
            return Response(404, b"404 page not found\n", "text/plain; charset=utf-8")
        view = view_of(request)
        verb = _verb(request, place)
        with self._store.lock:
            response = self._perform(verb, request, place)
        if warning := place.collection.resource.warning:
            response.headers.append(_warning(warning))
        return viewed(response, view)

    def _locate(self, asked: Attributes) -> Place | None:
        if not asked.resource or not self._store.versions_of(asked.group).get(asked.version):
            return None
        collection = self._store.find(asked.group, asked.version, asked.resource)
        if collection is None:
            raise errors.unknown_resource()
        resource = collection.resource
        if asked.subresource and not (asked.subresource == "status" and resource.status):
            raise errors.unknown_resource()
        namespace = "" if resource == NAMESPACE else asked.namespace
        if namespace and not resource.namespaced:
            raise errors.unknown_resource()
        return Place(collection, namespace, asked.name, asked.subresource)

    def _perform(self, verb: str, request: Request, place: Place) -> Response:
        if verb in {"create", "update", "patch", "delete"}:
            return self._write(verb, request, place)
        match verb:
            case "get":
                return _shown(require(place.collection, (place.namespace, place.name)))
            case "list":
                return Response(200, list_document(self._store, place.collection, place.namespace, request.query))
            case "watch":
                return self._watch(request, place)
            case _:
                return self._delete_collection(request, place)

    def _write(self, verb: str, request: Request, place: Place) -> Response:
        resource = place.collection.resource
        dry_run, manager = write_options(verb, request)
        target = Target(place.collection, (place.namespace, place.name), place.subresource, dry_run, manager)
        if verb == "delete":
            return self._delete(request, target)
        if verb == "patch":
            return self._patch(request, target)
        body, warnings = without_unknown(request, resource, read_body(request, resource))
        if verb == "create":
            _check_namespace(body, place.namespace)
            return _shown(self._writes.create(target, body), 201, warnings)
        return _shown(self._writes.update(target, body), 200, warnings)

    def _watch(self, request: Request, place: Place) -> Response:
        query = request.query
        if place.name:
            query = {**query, "fieldSelector": f"metadata.name={place.name}"}
        options = read_options(place.collection.resource, place.namespace, query)
        watch = Watch(self._store, place.collection, options, self._bookmark_every)

        def stream(gone: Callable[[], bool]) -> Generator[bytes, None, None]:
            self.watches.add(watch)
            try:
                yield b""  # from here on the watch is known to `break_watches`; the head can be sent
                yield from watch.lines(gone)
            finally:
                self.watches.discard(watch)

        return Response(200, stream=stream)

    def _patch(self, request: Request, target: Target) -> Response:
        resource = target.collection.resource
        kind = media_type(request)
        if kind == _APPLY_PATCH:
            return self._apply(request, target)
        change = _PATCHES.get(kind)
        if change is None:
            raise errors.ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
        if resource.custom and change is patches.strategic_merge:
            raise unknown_format(_CUSTOM_PATCHES)
        try:
            patch = _decode(request.body)
        except msgspec.DecodeError as problem:
            raise errors.bad_request(f"error decoding patch: {problem}") from None
        current = require(target.collection, target.key)
        try:
            proposed = change(current.body, patch)
        except (AttributeError, KeyError, TypeError):
            raise errors.unprocessable() from None
        if not isinstance(proposed, dict) or not isinstance(proposed.get("metadata"), dict):
            raise errors.unprocessable()
        proposed, warnings = without_unknown(request, resource, proposed)
        return _shown(self._writes.update(target, proposed, patched=True), 200, warnings)

    def _apply(self, request: Request, target: Target) -> Response:
        resource = target.collection.resource
        wanted = applied_configuration(request, target)
        wanted, warnings = without_unknown(request, resource, wanted)
        version, is_new = self._writes.apply(target, wanted, force=request.query.get("force") == "true")
        return _shown(version, 201 if is_new else 200, warnings)

    def _delete(self, request: Request, target: Target) -> Response:
        options = _decode(request.body) if request.body else {}
        version, gone = self._writes.delete(target, options.get("preconditions"))
        resource = target.collection.resource
        if not gone or resource.deletion_shows_object:
            return _shown(version)
        details = {**resource.details(target.key[1]), "uid": version.body["metadata"]["uid"]}
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
        return Response(200, _encode(status) + b"\n")

    def _delete_collection(self, request: Request, place: Place) -> Response:
        selection = select(place.collection.resource, place.namespace, request.query)
        found = [version for version in place.collection.objects.values() if selection.has(version)]
        found.sort(key=lambda version: version.key)
        metadata = {"resourceVersion": str(self._store.revision)}
        for version in found:
            self._writes.delete(Target(place.collection, version.key))
        return Response(200, encode_list(place.collection.resource, metadata, found))


def refusal(error: errors.ApiError) -> Response:
    """Return the answer for a refusal."""
    return Response(error.code, _encode(error.document()) + b"\n", headers=list(error.headers))


def _shown(version: Version, status: int = 200, warnings: Sequence[str] = ()) -> Response:
    return Response(status, version.raw + b"\n", headers=[_warning(words) for words in warnings])


def _warning(words: str) -> tuple[str, str]:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return "Warning", f'299 - "{escaped}"'


def _verb(request: Request, place: Place) -> str:
    resource = place.collection.resource
    if is_watch(request) and not place.subresource:
        return "watch"
    if place.name:
        verb = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}.get(request.method)
        if place.subresource and verb == "delete":
            verb = None
        if resource.namespaced and not place.namespace:
            raise errors.unknown_resource()
    else:
        verb = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}.get(request.method)
        if verb != "list" and resource.namespaced and not place.namespace:
            verb = None
    if verb is None:
        raise errors.method_not_allowed()
    return verb


def _check_namespace(body: Manifest, namespace: str) -> None:
    sent = (body.get("metadata") or {}).get("namespace") or namespace
    if sent != namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
