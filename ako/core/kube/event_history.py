"""What Events of this program say already; `EventRecorder` asks before it writes one.

The API server forgets an Event after an hour. Until then it says what is wrong just as well when this program has been
restarted; all of them come in one list.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from ako.core.base.refs import NamespacedName
from ako.core.kube.connection import Connection, Request
from ako.core.kube.errors import KubeError, KubeRefused
from ako.typed_json import reader

_log = logging.getLogger(__name__)

COMPONENT = "avi-kubernetes-operator"
_EVENTS = "/api/v1/events"
_PAGE_SIZE = 500
_REMEMBERED = 16_384
_STAYS_FOR = timedelta(hours=1)


class _Metadata(Struct, frozen=True):
    name: str = ""
    namespace: str = ""


class _About(Struct, frozen=True):
    uid: str = ""


class _Event(Struct, frozen=True, rename="camel"):
    metadata: _Metadata = _Metadata()
    involved_object: _About = _About()
    type: str = ""
    last_timestamp: str | None = None
    count: int | None = None

    @property
    def name(self) -> NamespacedName:
        return NamespacedName(self.metadata.namespace, self.metadata.name)

    @property
    def time(self) -> str:
        return self.last_timestamp or ""


class _ListMetadata(Struct, frozen=True, rename={"continue_": "continue"}):
    continue_: str = ""


class _List(Struct, frozen=True):
    items: tuple[_Event, ...] = ()
    metadata: _ListMetadata = _ListMetadata()


_decode_list = reader(_List).decode


class EventHistory:
    """Events that are there, by name, and how often each was counted; for any number of threads.

    Args:
        connection: to the API server.
        now: the time of day.
    """

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now
        self._lock = threading.Lock()
        self._is_known = False
        self._counts: OrderedDict[NamespacedName, int] = OrderedDict()
        self._said: set[NamespacedName] = set()
        """Those that an earlier run wrote, which need not be written again for a problem that stands since then."""

    def learn(self) -> None:
        """Read the Events there are, once; who may not read them does without."""
        with self._lock:
            if self._is_known:
                return
            try:
                self._take(list(self._events()))
            except (KubeError, msgspec.DecodeError) as error:
                # A server that is away or busy is asked again with the next Event; any other will not say it later.
                self._is_known = isinstance(error, KubeRefused) and error.status != 429 and error.status < 500
                _log.info("the Events of an earlier run are not known: %s", error)
            else:
                self._is_known = True

    def is_said(self, name: NamespacedName) -> bool:
        """Say whether an earlier run said it within the hour; asked again it is news."""
        with self._lock:
            is_said = name in self._said
            self._said.discard(name)
            return is_said

    def count(self, name: NamespacedName) -> int:
        """Give how often an Event was counted, 0 if it is not known."""
        with self._lock:
            return self._counts.get(name, 0)

    def note(self, name: NamespacedName, count: int) -> None:
        """Note that an Event was written, or with 0 that it is not there."""
        with self._lock:
            self._counts.pop(name, None)
            if count:
                self._counts[name] = count
            if len(self._counts) > _REMEMBERED:
                self._said.discard(self._counts.popitem(last=False)[0])

    def _events(self) -> Iterator[_Event]:
        token = ""
        while True:
            query = {"fieldSelector": f"source={COMPONENT}", "limit": str(_PAGE_SIZE)}
            answer = self._connection.send(Request(path=_EVENTS, query=query | ({"continue": token} if token else {})))
            page = _decode_list(answer.granted())
            yield from page.items
            token = page.metadata.continue_
            if not token:
                return

    def _take(self, events: list[_Event]) -> None:
        """Take in what there is; a Warning counts as said unless a Normal Event after it may have ended that."""
        ended: dict[str, str] = {}
        for event in events:
            if event.type == "Normal":
                uid = event.involved_object.uid
                ended[uid] = max(ended.get(uid, ""), event.time)
        oldest = f"{(self._now() - _STAYS_FOR).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        for event in sorted(events, key=lambda event: event.time)[-_REMEMBERED:]:
            self._counts[event.name] = event.count or 1
            if event.type == "Warning" and event.time > max(oldest, ended.get(event.involved_object.uid, "")):
                self._said.add(event.name)
