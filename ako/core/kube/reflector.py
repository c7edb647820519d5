"""Keeps the controller told of one kind: list, then watch, then watch again.

`ApiCluster` runs one for each kind, each in a thread of its own.

A cluster that does not answer is not an empty one: while it is away nothing is told, and what was told stays true.
The watch goes on from the last version seen as long as the API server is there: when it ended in its time, or broke or
fell silent and can be opened again at once. Else the kind is listed again and the store finds the difference, so that
no deletion is lost: a version may be too old (410, as a status or inside the stream), and a server that was away may be
one with older data, to which the version means nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import msgspec

from ako.core.base.backoff import Backoff, Pace
from ako.core.base.log import about
from ako.core.base.moment import duration
from ako.core.base.refs import NamespacedName
from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed, Records, Removed, Upserted
from ako.core.kube.cluster import Sink, Watch
from ako.core.kube.connection import Connection, Request, Stream
from ako.core.kube.decode import Page, RecordDecoder, api_status, watch_event
from ako.core.kube.discovery import doubt_of_absence
from ako.core.kube.errors import KubeError, KubeRefused, KubeSilent, KubeUnreachable
from ako.core.kube.paths import path_of_kind
from ako.core.kube.sight import End, Sight

_log = logging.getLogger(__name__)

# A watch that ends sooner than this without an event is a failure: else it would be opened again in a tight loop.
_SHORT_WATCH_SECONDS = 1.0
# How many different reasons are told before a kind is listed again: some texts differ each time.
_MOST_WARNINGS = 5
# Answers to a watch after which its version is still good: the server was there all the while.
_VERSION_STAYS = frozenset({401, 429})


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long things take, and how large they are."""

    retry: Pace = field(default_factory=lambda: Pace(time.monotonic, Random(), ceiling=30.0))  # noqa: S311 - jitter
    wait: Callable[[threading.Event, float], object] = threading.Event.wait
    """Waits the seconds or until the event is set."""
    reprobe_seconds: float = 60.0
    """How often a kind that was never served is asked for again."""
    absence_seconds: float = 60.0
    """How long discovery has to lack a kind that was there: it is registered anew within seconds."""
    watch_seconds: tuple[int, int] = (300, 600)
    """A watch keeps the token it was opened with, so it is opened anew well within the life of one."""
    silence_seconds: float = 90.0
    """After how long without a byte a watch counts as dead; a living one has a bookmark about each minute."""
    page_size: int = 500


class Reflector:
    """Tells the sink what there is of one kind."""

    def __init__(self, connection: Connection, watch: Watch, sink: Sink, sight: Sight, timing: Timing) -> None:
        self._connection = connection
        self._watched = watch
        self._sink = sink
        self._sight = sight
        self._timing = timing
        self._backoff = Backoff(timing.retry)
        self._decoder = RecordDecoder(watch.records)
        self._path = path_of_kind(watch.kind, watch.plural, watch.namespace)
        self._version: str | None = None
        self._uids: dict[NamespacedName, str] = {}
        """Of kinds that are told something: Events carry the uid of their object."""
        self._told = (Availability.UNKNOWN, "")
        self._was_listed = False
        self._absent_since: float | None = None
        self._has_vanished = False
        self._lost_at: float | None = None
        self._expired_pages = False
        self._warned: frozenset[str] = frozenset()
        self._stopped = threading.Event()
        self._stream_lock = threading.Lock()
        self._stream: Stream | None = None
        self._thread = threading.Thread(target=self._run, name=f"watch {watch.plural}", daemon=True)

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._sight.begin(self._watched.kind)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; `join()` waits for it."""
        with self._stream_lock:
            self._stopped.set()
            if self._stream is not None:
                self._stream.shutdown()

    def join(self, seconds: float) -> None:
        """Wait until it has ended; one that waits for an answer of a server that hangs ends with the process."""
        self._thread.join(seconds)

    def uid(self, name: NamespacedName) -> str:
        """Give the uid of an object that may get Events, empty if it is not known; for any thread."""
        return self._uids.get(name, "")

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                pause = self._round()
            except Exception:  # noqa: BLE001 - a thread that dies would leave the kind stale without a word
                _log.exception("%s: the watch failed by a fault of this program; listing again", self._watched.plural)
                self._version = None
                self._sight.lost(self._watched.kind, "a fault of this program; see the log")
                pause = self._backoff.failed()
            if pause and not self._stopped.is_set():
                self._timing.wait(self._stopped, pause)

    def _round(self) -> float:
        """List if there is no version to go on from, watch until that ends; give the seconds to wait then."""
        try:
            if self._version is None:
                self._version = self._list()
            return self._watch(self._version)
        except KubeRefused as error:
            return self._refused(error)
        except msgspec.DecodeError as error:
            self._sight.ended(self._watched.kind, End.GARBLED)
            self._version, reason = None, f"the answer cannot be understood: {error}"
            self._sight.lost(self._watched.kind, reason)
            return self._failed(reason)
        except KubeError as error:
            self._version = None
            self._sight.ended(self._watched.kind, End.FAILED)
            return self._lost(str(error))

    def _list(self) -> str:
        objects: dict[NamespacedName, Records] = {}
        uids: dict[NamespacedName, str] = {}
        token = ""
        while True:
            page = self._page(token)
            self._sight.heard(self._watched.kind)
            objects |= page.objects
            uids |= page.uids if self._watched.is_told else {}
            token = page.continue_token
            if not token or self._stopped.is_set():
                break
        self._absent_since = None
        self._tell_return()
        self._was_listed, self._expired_pages = True, False
        self._told, self._warned = (Availability.SYNCED, ""), frozenset()
        self._uids = uids
        self._sight.listed(self._watched.kind)
        self._tell(Listed(self._watched.kind, objects))
        _log.debug("%s: %d objects listed at version %s", self._watched.plural, len(objects), page.resource_version)
        return page.resource_version

    def _page(self, token: str) -> Page:
        """Read a page; where pages expire before the last one is read, all in one piece."""
        limit = {} if self._expired_pages else {"limit": str(self._timing.page_size)}
        query = self._selection() | limit | ({"continue": token} if token else {})
        answer = self._connection.send(Request(path=self._path, query=query))
        self._expired_pages |= bool(token) and answer.status == 410
        return self._decoder.page(answer.granted())

    def _watch(self, version: str) -> float:
        seconds = self._timing.retry.rng.randint(*self._timing.watch_seconds)
        query = self._selection() | {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(seconds),
        }
        opened = self._timing.retry.clock()
        request = Request(path=self._path, query=query, read_seconds=self._timing.silence_seconds)
        with self._connection.stream(request) as stream:
            self._sight.heard(self._watched.kind)
            end = self._read(stream)
        self._sight.ended(self._watched.kind, end)
        if self._timing.retry.clock() - opened >= _SHORT_WATCH_SECONDS:
            self._backoff.succeeded()
        elif end is End.BROKEN and self._backoff.is_fresh:
            self._backoff.failed()  # tried at once, which shows whether the server is there
        elif self._version == version:
            return self._backoff.failed()
        return 0.0

    def _read(self, stream: Stream) -> End:
        """Take what comes until the stream ends; say how it did."""
        with self._stream_lock:
            if self._stopped.is_set():
                return End.ENDED
            self._stream = stream
        try:
            for line in stream.lines():
                self._take(line)
        except KubeSilent as error:
            _log.debug("%s: %s; asking again", self._watched.plural, error)
            return End.SILENT
        except KubeUnreachable as error:
            _log.debug("%s: %s; asking again", self._watched.plural, error)
            return End.BROKEN
        finally:
            with self._stream_lock:
                self._stream = None
        return End.ENDED

    def _take(self, line: bytes) -> None:
        event = watch_event(line)
        self._sight.heard(self._watched.kind)
        if event.type == "ERROR":
            raise KubeRefused(*api_status(event.object))
        if event.type in {"ADDED", "MODIFIED"}:
            if self._watched.is_told:
                self._uids[event.name] = event.uid
            self._tell(Upserted(self._watched.kind, event.name, self._decoder.records(event.name, event.object)))
        elif event.type == "DELETED":
            self._uids.pop(event.name, None)
            self._tell(Removed(self._watched.kind, event.name))
        if event.resource_version:
            self._version = event.resource_version
        self._backoff.succeeded()

    def _refused(self, error: KubeRefused) -> float:
        """Take an error status: gone (410) is listed again, forbidden is unknown, missing may be not served."""
        is_gone = error.status == 410 and self._version is not None
        self._sight.ended(self._watched.kind, End.EXPIRED if error.status == 410 else End.REFUSED)
        if error.status not in _VERSION_STAYS:
            self._version = None
        if is_gone:
            return self._backoff.failed()
        if error.status in {403, 404}:
            self._sight.denied(self._watched.kind)
        if error.status == 404:
            return self._missing()
        if error.status == 403:
            self._announce(Availability.UNKNOWN, str(error), is_forbidden=True)
            return self._failed(str(error))
        return self._lost(str(error), error.retry_after)

    def _lost(self, reason: str, retry_after: float = 0.0) -> float:
        """Take a failure of the server, which is told together with that of other kinds."""
        self._sight.lost(self._watched.kind, reason)
        return self._failed(reason, retry_after, is_told_together=True)

    def _missing(self) -> float:
        """Take a 404; an optional kind is not served if discovery lacks it too, else the answer counts for nothing.

        An aggregated API answers 404 for seconds while its server starts, which is when a program on the same node
        starts as well.
        """
        reason = f"the API server does not serve {self._watched.kind}"
        if self._told[0] is Availability.NOT_SERVED:
            return self._backoff.failed() if self._has_vanished else self._timing.reprobe_seconds
        if self._was_listed or not self._watched.is_optional:
            self._announce(Availability.UNKNOWN, reason)
        if not self._watched.is_optional:
            return self._failed(reason)
        if doubt := doubt_of_absence(self._connection, self._watched.kind, self._watched.plural):
            return self._failed(f"{reason} for now ({doubt})")
        if self._was_listed:
            return self._vanished(reason)
        self._backoff.succeeded()
        self._announce(Availability.NOT_SERVED, reason)
        return self._timing.reprobe_seconds

    def _vanished(self, reason: str) -> float:
        """Believe that a kind is gone when discovery has lacked it for a while; what was told stays true until then."""
        now = self._timing.retry.clock()
        since = self._absent_since = now if self._absent_since is None else self._absent_since
        if now - since < self._timing.absence_seconds:
            return self._retry(
                f"{reason} any more; its objects count as gone after {self._timing.absence_seconds:.0f} s"
            )
        text, fields = "%s: %s any more: its objects count as gone", about(reason="WatchLost")
        _log.warning(text, self._watched.plural, reason, extra=fields)
        self._note_loss()
        self._was_listed, self._has_vanished = False, True
        self._backoff.succeeded()
        self._announce(Availability.NOT_SERVED, reason)
        return self._backoff.failed()

    def _failed(self, reason: str, retry_after: float = 0.0, *, is_told_together: bool = False) -> float:
        """Say why, at once where nothing is known yet, else only in the log: what was told stays true."""
        if self._stopped.is_set():
            return 0.0
        self._absent_since = None
        if not self._was_listed and self._told[0] is Availability.UNKNOWN:
            self._announce(Availability.UNKNOWN, reason)
        return self._retry(reason, retry_after, is_told_together=is_told_together)

    def _retry(self, reason: str, retry_after: float = 0.0, *, is_told_together: bool = False) -> float:
        """Give the seconds to wait; why is said once until the kind was listed again, and not for each try."""
        pause = self._backoff.failed(retry_after)
        is_news = not is_told_together and reason not in self._warned and len(self._warned) < _MOST_WARNINGS
        if is_news:
            self._warned |= {reason}
            self._note_loss()
        level = logging.WARNING if is_news else logging.DEBUG
        text, fields = "%s: %s; trying again in %.1f s", about(reason="WatchLost")
        _log.log(level, text, self._watched.plural, reason, pause, extra=fields)
        return pause

    def _note_loss(self) -> None:
        """Remember since when this kind cannot be read, as was told."""
        self._lost_at = self._timing.retry.clock() if self._lost_at is None else self._lost_at

    def _tell_return(self) -> None:
        """Tell that a kind can be read again, if it was told that it cannot."""
        if self._lost_at is not None:
            seconds = self._timing.retry.clock() - self._lost_at
            fields = about(reason="WatchRecovered", seconds=seconds)
            _log.info("%s: can be read again, after %s", self._watched.plural, duration(seconds), extra=fields)
            self._lost_at = None

    def _announce(self, availability: Availability, reason: str, *, is_forbidden: bool = False) -> None:
        if self._told != (availability, reason):
            self._told = (availability, reason)
            self._tell(AvailabilityChanged(self._watched.kind, availability, reason, is_forbidden))

    def _tell(self, change: Change) -> None:
        if not self._stopped.is_set():
            self._sink(change)

    def _selection(self) -> dict[str, str]:
        return {"fieldSelector": self._watched.field_selector} if self._watched.field_selector else {}
