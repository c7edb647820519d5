"""A Kubernetes API server as a cluster: a reflector for each kind, statuses, Events, settings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ako.core.base.fence import Fence, Warrant
from ako.core.base.refs import Kind, ObjectRef
from ako.core.base.secrecy import Secrecy
from ako.core.engine.changes import Change
from ako.core.engine.kinds import WatchedKind
from ako.core.kube.cluster import Event, Sink, Watch, WriteOutcome, WriteResult, watches
from ako.core.kube.config_data import config_map_data, secret_data
from ako.core.kube.connection import Answer, ConfigLoader, Connection, Request
from ako.core.kube.decode import api_status, uid_of
from ako.core.kube.discovery import kinds_of_group
from ako.core.kube.errors import KubeRefused, KubeUnreachable
from ako.core.kube.event_history import EventHistory
from ako.core.kube.event_limits import EventLimits
from ako.core.kube.events import EventRecorder
from ako.core.kube.paths import path_of_object
from ako.core.kube.reflector import Reflector, Timing
from ako.core.kube.reviews import is_granted
from ako.core.kube.rights import Right
from ako.core.kube.sight import Sight, WatchReport
from ako.core.kube.standins import StandIns

_JOIN_SECONDS = 1.0
_START_SECONDS = 10.0
"""How long a start waits for ConfigMap and Secret: until it goes on, nobody can ask how it is."""
_CONFIG_MAP = Kind("", "v1", "ConfigMap")
_SECRET = Kind("", "v1", "Secret")
_WORTH_ANOTHER_TRY = frozenset({401, 408, 429})


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ApiCluster:
    """Watches and writes over one pool of connections; for any number of threads."""

    def __init__(
        self,
        load: ConfigLoader,
        *,
        pool_size: int = 32,
        timing: Timing | None = None,
        now: Callable[[], datetime] = _utc_now,
        fence: Fence | None = None,
        secrecy: Secrecy | None = None,
    ) -> None:
        """Load the configuration, without asking the API server anything.

        Args:
            load: `connection.from_kubeconfig(path)` or `connection.in_cluster`.
            pool_size: connections kept open: one for each kind and for each thread that writes, and two.
            timing: clock and delays of the watches.
            now: the time written into Events.
            fence: nothing is written unless it is open.
            secrecy: is told our token, and keeps what it knows out of what is written.

        Raises:
            KubeUnreachable: there is no configuration, or it cannot be read.
        """
        warrant = Warrant(fence) if fence else None
        self._connection = Connection(load, pool_size=pool_size, warrant=warrant, secrecy=secrecy)
        self._timing = timing or Timing()
        self._sight = Sight(self._timing.retry)
        self._watches: dict[Kind, Watch] = {}
        self._reflectors: dict[Kind, Reflector] = {}
        self._told: Sink = _nobody
        self._stopped = threading.Event()
        limits = EventLimits(self._timing.retry.clock, lambda seconds: self._timing.wait(self._stopped, seconds))
        self._history = EventHistory(self._connection, now)
        self._events = EventRecorder(self._connection, self._uid_of, limits, self._history, now)

    @property
    def server(self) -> str:
        """Give the URL of the API server."""
        return self._connection.server

    def start(self, kinds: Sequence[WatchedKind], sink: Sink) -> None:
        """Watch each declared kind in a thread of its own."""
        self._watches = watches(kinds)
        gate = StandIns(self._watches.values(), sink, self._watch)
        self._told = gate
        for watch in self._watches.values():
            if not gate.holds_back(watch):
                self._watch(watch)

    def _watch(self, watch: Watch) -> None:
        reflector = Reflector(self._connection, watch, self._told, self._sight, self._timing)
        self._reflectors[watch.kind] = reflector
        reflector.start()

    def incompleteness(self) -> str:
        """Give nothing: an API server lists all of a kind or says that it does not."""
        return ""

    def watch_reports(self) -> tuple[WatchReport, ...]:
        """Say how each kind is followed."""
        return self._sight.reports()

    def stop(self) -> None:
        """End all watches within a second."""
        self._stopped.set()
        reflectors, self._reflectors = self._reflectors.values(), {}
        for reflector in reflectors:
            reflector.stop()
        until = self._timing.retry.clock() + _JOIN_SECONDS
        for reflector in reflectors:
            reflector.join(max(0.0, until - self._timing.retry.clock()))
        self._connection.close()

    def write_status(self, ref: ObjectRef, status: Mapping[str, Any] | None, version: str = "") -> WriteResult:
        """Patch the status subresource; a conflict without a version is tried once more; answers become results."""
        path = self._declared_path(ref)
        if path is None:
            raise LookupError(f"{ref}: no plugin declares {ref.kind} in ako_kinds(), so its status cannot be written")
        request = Request(
            method="PATCH",
            path=f"{path}/status",
            body=({"metadata": {"resourceVersion": version}} if version else {})
            | {"status": msgspec.to_builtins(status)},
            content_type="application/merge-patch+json",
        )
        try:
            answer = self._connection.send(request)
            if answer.status == 409 and not version:
                answer = self._connection.send(request)
        except KubeUnreachable as error:
            return WriteResult(WriteOutcome.RETRY, str(error))
        return _result(answer, conflict=WriteOutcome.OUTDATED if version else WriteOutcome.RETRY)

    def write_event(self, ref: ObjectRef, event: Event) -> WriteOutcome:
        """Write an Event, or count up the one that says the same."""
        return self._events.record(ref, event)

    def learn_events(self) -> None:
        """Read which Events there are already, so that this has not to be done when there is one to write."""
        self._history.learn()

    def read_config_map(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """Give the data of a ConfigMap, None if it is not there."""
        raw = self._read(path_of_object(_CONFIG_MAP, "configmaps", namespace, name))
        return None if raw is None else config_map_data(raw)

    def read_secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """Give the decoded data of a Secret, None if it is not there."""
        raw = self._read(path_of_object(_SECRET, "secrets", namespace, name))
        return None if raw is None else secret_data(raw)

    def kinds_of_group(self, group: str) -> tuple[str, ...]:
        """Give the kinds that are served in an API group, ordered by name."""
        return kinds_of_group(self._connection, group)

    def may(self, right: Right) -> bool:
        """Say whether we have a right.

        Raises:
            KubeError: the API server cannot say.
        """
        return is_granted(self._connection, right)

    def _read(self, path: str) -> bytes | None:
        answer = self._connection.send(Request(path=path, read_seconds=_START_SECONDS))
        return None if answer.status == 404 else answer.granted()

    def _uid_of(self, ref: ObjectRef) -> str:
        """Give the uid of an object of a declared kind: by its watch if that keeps them, else it is read.

        What such a watch does not know is gone, or soon told of: to look for it would take a right that nothing else
        needs.

        Raises:
            KubeError: it is not there, or cannot be read.
        """
        watch, reflector = self._watches.get(ref.kind), self._reflectors.get(ref.kind)
        known = reflector.uid(ref.namespaced_name) if reflector else ""
        path = self._declared_path(ref)
        if known or watch is None or path is None:
            return known
        if watch.is_told:
            raise KubeRefused(404, f"{ref} is not there any more")
        return uid_of(self._connection.send(Request(path=path)).granted())

    def _declared_path(self, ref: ObjectRef) -> str | None:
        watch = self._watches.get(ref.kind)
        return None if watch is None else path_of_object(ref.kind, watch.plural, ref.namespace, ref.name)


def _nobody(_: Change) -> None:
    """Take changes before anybody asked for them; nothing is watched then."""


def _result(answer: Answer, conflict: WriteOutcome) -> WriteResult:
    if 200 <= answer.status < 300:
        return WriteResult(WriteOutcome.DONE)
    _, message = api_status(answer.body)
    text = f"{message or 'no reason given'} ({answer.status})"
    if answer.status == 404:
        return WriteResult(WriteOutcome.GONE, text)
    if answer.status == 409:
        return WriteResult(conflict, text)
    if answer.status in _WORTH_ANOTHER_TRY or answer.status >= 500:
        return WriteResult(WriteOutcome.RETRY, text)
    return WriteResult(WriteOutcome.REFUSED, text)
