"""Writes core v1 Events; `ApiCluster` hands them on.

An Event that repeats counts up instead of filling the namespace, also over restarts: its name is derived from what it
says and of whom. An object that causes one Event after the other is held back as by client-go: 25 at once, then one
every five minutes.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from ako.core.base.refs import ObjectRef
from ako.core.kube.cluster import Event
from ako.core.kube.connection import Answer, Connection, Request
from ako.core.kube.errors import KubeError, KubeRefused
from ako.typed_json import reader

_log = logging.getLogger(__name__)

COMPONENT = "avi-kubernetes-operator"
_BURST = 25.0
_SECONDS_PER_EVENT = 300.0
_REMEMBERED = 4096
# The API server's limits for `message` and for a name.
_LONGEST_MESSAGE = 1024
_LONGEST_NAME = 253


class _Metadata(Struct, frozen=True):
    uid: str = ""


class _Object(Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    count: int | None = None


_decode_object = reader(_Object).decode


class _Allowance(Struct):
    events: float
    since: float


class EventRecorder:
    """Creates Events and counts their repeats; for any number of threads."""

    def __init__(
        self,
        connection: Connection,
        path_of: Callable[[ObjectRef], str | None],
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """Record over a connection.

        Args:
            connection: to the API server.
            path_of: gives the path of an object, None if its kind is not one of ours.
            clock: seconds, for the rate limit.
            now: the time written into Events.
        """
        self._connection = connection
        self._path_of = path_of
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._allowances: OrderedDict[ObjectRef, _Allowance] = OrderedDict()

    def record(self, ref: ObjectRef, event: Event) -> None:
        """Write an Event; a failure is logged."""
        if not self._is_allowed(ref):
            _log.debug("%s: too many Events, not written: %s %s", ref.key, event.reason, event.message)
            return
        try:
            self._write(ref, event)
        except KubeRefused as error:
            # What is said of an object that has just been deleted interests nobody.
            level = logging.DEBUG if error.status == 404 else logging.WARNING
            _log.log(level, "%s: the Event %s was refused: %s", ref.key, event.reason, error)
        except (KubeError, msgspec.DecodeError) as error:
            _log.warning("%s: the Event %s was not written: %s", ref.key, event.reason, error)

    def _is_allowed(self, ref: ObjectRef) -> bool:
        with self._lock:
            now = self._clock()
            allowance = self._allowances.pop(ref, None) or _Allowance(_BURST, now)
            allowance.events = min(_BURST, allowance.events + (now - allowance.since) / _SECONDS_PER_EVENT)
            allowance.since = now
            self._allowances[ref] = allowance
            if len(self._allowances) > _REMEMBERED:
                self._allowances.popitem(last=False)
            if allowance.events < 1.0:
                return False
            allowance.events -= 1.0
            return True

    def _write(self, ref: ObjectRef, event: Event) -> None:
        uid = self._uid(ref)
        namespace = ref.namespace or "default"
        name = _event_name(ref, uid, event)
        time = self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": {
                "apiVersion": ref.kind.api_version,
                "kind": ref.kind.name,
                "namespace": ref.namespace,
                "name": ref.name,
                "uid": uid,
            },
            "type": event.type,
            "reason": event.reason,
            "message": event.message[:_LONGEST_MESSAGE],
            "source": {"component": COMPONENT},
            "reportingComponent": COMPONENT,
            "firstTimestamp": time,
            "lastTimestamp": time,
            "count": 1,
        }
        path = f"/api/v1/namespaces/{namespace}/events"
        answer = self._connection.send(Request(method="POST", path=path, body=body))
        if answer.status == 409:
            answer = self._count_up(f"{path}/{name}", time)
        answer.granted()

    def _uid(self, ref: ObjectRef) -> str:
        """Read the uid: `kubectl describe` shows only Events that carry it.

        Raises:
            KubeError: the object cannot be read, or is gone.
        """
        path = self._path_of(ref)
        if path is None:
            return ""
        return _decode_object(self._connection.send(Request(path=path)).granted()).metadata.uid

    def _count_up(self, path: str, time: str) -> Answer:
        known = _decode_object(self._connection.send(Request(path=path)).granted())
        patch: dict[str, Any] = {"count": (known.count or 1) + 1, "lastTimestamp": time}
        return self._connection.send(
            Request(method="PATCH", path=path, body=patch, content_type="application/merge-patch+json")
        )


def _event_name(ref: ObjectRef, uid: str, event: Event) -> str:
    """Give the same name to the same Event of the same object, and no other."""
    said = msgspec.json.encode((ref, uid, event))
    digest = hashlib.sha256(said).hexdigest()[:16]
    return f"{ref.name[: _LONGEST_NAME - len(digest) - 1].rstrip('.-')}.{digest}"
