"""Writes core v1 Events; `ApiCluster` hands them on.

An Event that repeats counts up instead of filling the namespace, also over restarts: its name is derived from what it
says and of whom. What an Event of an earlier run says already is not written again as long as that is there.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from ako.core.base.log import about
from ako.core.base.outages import Clock, Seldom
from ako.core.base.refs import NamespacedName, ObjectRef
from ako.core.kube.cluster import Event, WriteOutcome
from ako.core.kube.connection import Answer, Connection, Request
from ako.core.kube.errors import KubeError, KubeRefused, KubeWithheld
from ako.core.kube.event_history import COMPONENT, EventHistory
from ako.core.kube.event_limits import EventLimits

_log = logging.getLogger(__name__)

# The API server's limits for `message` and for a name.
_LONGEST_MESSAGE = 1024
_LONGEST_NAME = 253


class EventRecorder:
    """Creates Events and counts their repeats; for any number of threads.

    Args:
        connection: to the API server.
        uid_of: gives the uid of an object, empty if its kind is not one of ours; raises `KubeError`.
        limits: how many there may be.
        history: what Events there are.
        now: the time written into Events.
        clock: seconds, growing.
    """

    def __init__(
        self,
        connection: Connection,
        uid_of: Callable[[ObjectRef], str],
        limits: EventLimits,
        history: EventHistory,
        now: Callable[[], datetime],
        clock: Clock = time.monotonic,
    ) -> None:
        self._connection = connection
        self._uid_of = uid_of
        self._limits = limits
        self._history = history
        self._now = now
        self._lines = Seldom[int](clock)

    def record(self, ref: ObjectRef, event: Event) -> WriteOutcome:
        """Write an Event when its turn has come; a failure is logged. What need not be said is gone."""
        try:
            return WriteOutcome.DONE if self._record(ref, event) else WriteOutcome.GONE
        except KubeRefused as error:
            # What is said of an object that has just been deleted, or is about to be, interests nobody.
            if error.is_of_the_past:
                _log.debug("the Event %s was refused: %s", event.reason, error, extra=about(ref.key))
                return WriteOutcome.GONE
            self._tell(ref, event, f"was refused: {error}", error.status)
            return WriteOutcome.REFUSED
        except KubeWithheld as error:
            _log.debug("the Event %s was not written: %s", event.reason, error, extra=about(ref.key))
            return WriteOutcome.GONE
        except (KubeError, msgspec.DecodeError) as error:
            self._tell(ref, event, f"was not written: {error}", 0)
            return WriteOutcome.RETRY

    def _tell(self, ref: ObjectRef, event: Event, fate: str, status: int) -> None:
        """Tell that an Event is lost; of many that are for the same reason, at first, then seldom."""
        level, more = self._lines.weigh(status, "and {} more since the last line")
        fields = about(ref.key, reason="EventLost")
        _log.log(level, "the Event %s %s%s", event.reason, fate, more, extra=fields)

    def _record(self, ref: ObjectRef, event: Event) -> bool:
        """Write an Event, unless it is there or there are too many; say whether it was written."""
        self._history.learn()
        # `kubectl describe` shows only Events that carry the uid.
        uid = self._uid_of(ref)
        name = NamespacedName(ref.namespace or "default", _event_name(ref, uid, event))
        if self._history.is_said(name):
            return False
        if not self._limits.admits(ref):
            _log.debug("%s: too many Events, not written: %s %s", ref.key, event.reason, event.message)
            return False
        self._limits.wait()
        moment = self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if not self._is_counted_up(name, moment):
            self._create(name, new_event(ref, uid, event, name, moment), moment)
        return True

    def _is_counted_up(self, name: NamespacedName, time: str) -> bool:
        """Count up an Event that should be there; say whether it was."""
        count = self._history.count(name)
        if not count:
            return False
        answer = self._patch(name, {"count": count + 1, "lastTimestamp": time})
        if answer.status == 404:
            self._history.note(name, 0)
            return False
        answer.granted()
        self._history.note(name, count + 1)
        return True

    def _create(self, name: NamespacedName, body: dict[str, Any], time: str) -> None:
        answer = self._connection.send(Request(method="POST", path=path_of_events(name.namespace), body=body))
        if answer.status == 409:  # who may not read Events cannot count this one, but say that it happened again
            answer = self._patch(name, {"lastTimestamp": time})
        answer.granted()
        self._history.note(name, 1)

    def _patch(self, name: NamespacedName, patch: dict[str, Any]) -> Answer:
        path = f"{path_of_events(name.namespace)}/{name.name}"
        kind = "application/merge-patch+json"
        return self._connection.send(Request(method="PATCH", path=path, body=patch, content_type=kind))


def path_of_events(namespace: str) -> str:
    """Give the path of all Events of a namespace."""
    return f"/api/v1/namespaces/{namespace}/events"


def new_event(ref: ObjectRef, uid: str, event: Event, name: NamespacedName, time: str) -> dict[str, Any]:
    """Give the body of a new Event of an object."""
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name.name, "namespace": name.namespace},
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


def _event_name(ref: ObjectRef, uid: str, event: Event) -> str:
    """Give the same name to the same Event of the same object, and no other."""
    said = msgspec.json.encode((ref, uid, event))
    digest = hashlib.sha256(said).hexdigest()[:16]
    return f"{ref.name[: _LONGEST_NAME - len(digest) - 1].rstrip('.-')}.{digest}"
