"""Watch streams: one generator of encoded lines per open watch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from ako.testing.kube_api import errors
from ako.testing.kube_api.options import list_options
from ako.testing.kube_api.reads import Selection, revision_asked_for, select
from ako.testing.kube_api.resources import Manifest, Resource
from ako.testing.kube_api.store import Change, Collection, Store, event_line
from ako.testing.listener import Request

_encode = msgspec.json.Encoder().encode
_LONGEST = 3600.0
_CHECK_EVERY = 0.5
"""Seconds between two looks at whether the client of a quiet watch is still there."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """The query of a watch, understood."""

    selection: Selection
    revision: int | None
    bookmarks: bool
    initial: bool
    seconds: float


def is_watch(request: Request) -> bool:
    """Say whether a request asks for a watch stream."""
    return request.method == "GET" and request.query.get("watch") in {"true", "1"}


def read_options(resource: Resource, namespace: str, query: dict[str, str]) -> WatchOptions:
    """Read the query of a watch."""
    list_options(query, watch=True)
    selection = select(resource, namespace, query)
    try:
        revision = revision_asked_for(query)
    except ValueError as problem:
        # The list twin of this is a 400; a watch answers 500 without a reason.
        raise errors.ApiError(500, "", str(problem)) from None
    initial = query.get("sendInitialEvents") in {"true", "1"}
    return WatchOptions(
        selection,
        revision or None,
        query.get("allowWatchBookmarks") in {"true", "1"},
        initial or not revision,
        float(query.get("timeoutSeconds") or _LONGEST),
    )


class Watch:
    """One open watch. `lines` runs in the thread of its connection."""

    def __init__(self, store: Store, collection: Collection, options: WatchOptions, bookmark_every: float) -> None:
        self._store = store
        self._collection = collection
        self._options = options
        self._bookmark_every = bookmark_every
        self._bookmark_due = False
        self._break = False
        self._position = 0

    @property
    def resource(self) -> Resource:
        """Return the kind that is watched."""
        return self._collection.resource

    def break_off(self) -> None:
        """End the stream as a lost connection does: no last chunk."""
        self._break = True

    def ask_for_bookmark(self) -> None:
        """Have a bookmark sent at the next wake-up, if the client allows bookmarks."""
        self._bookmark_due = self._options.bookmarks

    def lines(self, gone: Callable[[], bool]) -> Iterator[bytes]:
        """Yield batches of lines until the time is up.

        Args:
            gone: says whether the client has closed the connection.

        Raises:
            ConnectionAbortedError: the stream is to be broken off.
        """
        with self._store.lock:
            if why := self._too_old():
                error = errors.expired(why)
                first = event_line("ERROR", _encode(error.document()))
            else:
                error = None
                first = self._first()
        if first:
            yield first
        if error is not None:
            return
        now = time.monotonic()
        deadline, next_bookmark = now + self._options.seconds, now + self._bookmark_every
        # A real server says farewell with a bookmark about two seconds before the end.
        next_bookmark = min(next_bookmark, max(deadline - 2, now + self._options.seconds / 2))
        while (now := time.monotonic()) < deadline:
            if now >= next_bookmark:
                next_bookmark = now + self._bookmark_every
                self._bookmark_due = self._options.bookmarks
            batch = self._wait(min(deadline, next_bookmark) - now)
            if self._break or gone():
                raise ConnectionAbortedError
            if batch:
                yield batch
            elif self._collection.removed:
                return

    def _too_old(self) -> str:
        """Say why the stream cannot go on from where the client is, "" if it can."""
        revision, cached_from = self._options.revision, self._collection.cached_from
        if revision is None or self._options.initial:
            return ""
        if revision < self._collection.floor:
            return "The resourceVersion for the provided watch is too old."
        return f"too old resource version: {revision} ({cached_from})" if revision < cached_from else ""

    def _first(self) -> bytes:
        """Return the synthetic ADDED events, if asked for, and note where the stream goes on."""
        if not self._options.initial:
            self._position = self._collection.position_after(self._options.revision or 0)
            return b""
        self._position = self._collection.position_after(self._store.revision)
        objects = self._collection.objects
        selected = [objects[key] for key in sorted(objects) if self._options.selection.has(objects[key])]
        lines = [event_line("ADDED", version.raw) for version in selected]
        if self._options.bookmarks and self._options.revision is None:
            lines.append(self._bookmark({"k8s.io/initial-events-end": "true"}))
        return b"".join(lines)

    def _wait(self, seconds: float) -> bytes:
        """Return what happened, waiting for it a while if nothing has."""
        collection = self._collection
        with collection.changed:
            if not (self._pending() or self._bookmark_due or self._break or collection.removed):
                collection.changed.wait(max(0.0, min(seconds, _CHECK_EVERY)))
            if self._position < collection.dropped:
                # Too slow: the log has moved on. A real server cuts such a watch off as well.
                raise ConnectionAbortedError
            changes = collection.since(self._position)
            self._position += len(changes)
            lines = [line for change in changes if (line := self._line(change))]
            if self._bookmark_due:
                self._bookmark_due = False
                lines.append(self._bookmark({}))
        return b"".join(lines)

    def _pending(self) -> bool:
        return self._collection.dropped + len(self._collection.log) > self._position

    def _line(self, change: Change) -> bytes | None:
        if self._options.revision is not None and change.revision <= self._options.revision:
            return None
        selection = self._options.selection
        was, now = selection.has(change.before), selection.has(change.after)
        if not was and not now:
            return None
        return change.line("DELETED" if not now else "MODIFIED" if was else "ADDED")

    def _bookmark(self, annotations: Manifest) -> bytes:
        metadata: Manifest = {"resourceVersion": str(self._store.revision)}
        if annotations:
            metadata["annotations"] = annotations
        resource = self.resource
        return event_line("BOOKMARK", resource.prefix + b'"metadata":' + _encode(metadata) + b"}")
