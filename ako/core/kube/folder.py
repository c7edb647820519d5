"""A folder of manifests as a Kubernetes cluster: watched by polling, statuses kept in memory.

For running, planning and checking without an API server. Objects go through the decoder that the API's go through.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName, ObjectRef
from ako.core.base.secrecy import Secrecy
from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed, Upserted
from ako.core.engine.kinds import WatchedKind
from ako.core.kube.cluster import Event, Sink, Watch, WriteOutcome, WriteResult, watches
from ako.core.kube.config_data import config_map_data, secret_data
from ako.core.kube.decode import RecordDecoder
from ako.core.kube.field_selectors import selects
from ako.core.kube.inventory import Inventory
from ako.core.kube.manifests import Fault, Manifest
from ako.core.kube.merge_patch import merge_patched
from ako.core.kube.report_file import Report
from ako.core.kube.sight import WatchReport

_log = logging.getLogger(__name__)

_INGRESS_CLASS = ("networking.k8s.io", "IngressClass")
_CONFIG_MAP = Kind("", "v1", "ConfigMap")
_SECRET = Kind("", "v1", "Secret")


class _Shown(Struct):
    """What the sink was last told of one kind: the JSON of its objects, None while the kind is not served.

    `version` is that of the inventory it was told from, 0 if it was told nothing yet.
    """

    watch: Watch
    decoder: RecordDecoder
    objects: dict[NamespacedName, bytes] | None = None
    version: int = 0


class FolderCluster:
    """Serves what lies in folders and files; `problems` says which of them it could not take in."""

    def __init__(
        self,
        *places: Path,
        report_file: Path | None = None,
        poll_seconds: float | None = 0.5,
        secrecy: Secrecy | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            places: files of manifests, and folders with YAML and JSON manifests, also in folders inside them.
            report_file: takes statuses and Events, one JSON object a line, appended.
            poll_seconds: how often the folder is looked at; None if only `scan_once()` shall.
            secrecy: keeps what it knows out of the file.
        """
        self._inventory = Inventory(*places)
        self._title = ", ".join(map(str, places))
        self._report = Report(report_file, secrecy)
        self._poll_seconds = poll_seconds
        self._shown: dict[Kind, _Shown] = {}
        self._statuses: dict[ObjectRef, Any] = {}
        self._sink: Sink | None = None
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def problems(self) -> tuple[Fault, ...]:
        """Give what is wrong with the files now, ordered by file and line."""
        with self._lock:
            return self._inventory.faults

    def where(self, ref: ObjectRef) -> str | None:
        """Say in which file and line an object is written; None if it is in none."""
        with self._lock:
            return self._inventory.where(ref)

    def written(self, ref: ObjectRef) -> tuple[Path, Manifest] | None:
        """Give the file of one object and how it is written there, None if it is in none."""
        with self._lock:
            return self._inventory.written(ref)

    def give(self, path: Path, text: bytes) -> None:
        """Count a text as a file that lies nowhere, from the next look on."""
        with self._lock:
            self._inventory.give(path, text)

    def manifests(self) -> tuple[Manifest, ...]:
        """Give all that is written in the files, whether it is watched or not; it may be asked before `start`."""
        with self._lock:
            self._inventory.refresh()
            return tuple(self._inventory.manifests())

    def refs(self, kind: Kind) -> tuple[ObjectRef, ...]:
        """Give the objects of a kind, as far as that was declared."""
        with self._lock:
            return tuple(ObjectRef(kind, *name) for name, _ in self._inventory.objects(kind))

    def start(self, kinds: Sequence[WatchedKind], sink: Sink) -> None:
        """Tell the sink all there is, then every change; when this returns the first scan is done."""
        with self._lock:
            self._shown = {k: _Shown(w, RecordDecoder(w.records)) for k, w in watches(kinds).items()}
            self._inventory.declare({kind: shown.watch.namespaced for kind, shown in self._shown.items()})
            self._sink = sink
        self.scan_once()
        if self._poll_seconds is not None:
            self._thread = threading.Thread(target=self._poll, args=(self._poll_seconds,), name="folder", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the polling; nothing reaches the sink afterwards."""
        self._stopped.set()
        with self._lock:
            self._sink = None
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def scan_once(self) -> None:
        """Look at the folder now and tell the sink what changed."""
        with self._lock:
            self._inventory.refresh()
            for shown in self._shown.values():
                if shown.version != self._inventory.version:
                    self._tell(shown)

    def incompleteness(self) -> str:
        """Name a file that never could be read: what is in it is not known."""
        with self._lock:
            return self._inventory.never_read()

    def watch_reports(self) -> tuple[WatchReport, ...]:
        """Give nothing: a folder that cannot be read is told of as incomplete."""
        return ()

    def write_status(self, ref: ObjectRef, status: Mapping[str, Any] | None, version: str = "") -> WriteResult:  # noqa: ARG002 - nobody else writes here
        """Keep a status in memory as that of the object, hand it back through the sink and report it."""
        with self._lock:
            manifest = self._inventory.get(ref)
            if manifest is None:
                return WriteResult(WriteOutcome.GONE, f"{ref} is in no file of {self._title}")
            current = msgspec.json.decode(self._json_of(ref, manifest)).get("status")
            patch = msgspec.to_builtins(status)
            self._statuses[ref] = merge_patched(current, patch)
            self._report.status(ref, patch)
            self._tell_status(ref, self._json_of(ref, manifest))
        return WriteResult(WriteOutcome.DONE)

    def write_event(self, ref: ObjectRef, event: Event) -> WriteOutcome:
        """Report an Event."""
        self._report.event(ref, event)
        return WriteOutcome.DONE

    def read_config_map(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """Give the data of a ConfigMap in the folder, None if there is none."""
        raw = self._read(ObjectRef(_CONFIG_MAP, namespace, name))
        return None if raw is None else config_map_data(raw)

    def read_secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """Give the decoded `data` and `stringData` of a Secret in the folder, None if there is none."""
        raw = self._read(ObjectRef(_SECRET, namespace, name))
        return None if raw is None else secret_data(raw)

    def kinds_of_group(self, group: str) -> tuple[str, ...]:
        """Give the kinds of an API group that have a definition or an object in the folder, ordered by name."""
        with self._lock:
            self._inventory.refresh()
            return self._inventory.kinds_of_group(group)

    def _read(self, ref: ObjectRef) -> bytes | None:
        with self._lock:
            self._inventory.refresh()
            return self._inventory.get(ref)

    def _poll(self, seconds: float) -> None:
        while not self._stopped.wait(seconds):
            try:
                self.scan_once()
            except Exception:  # noqa: BLE001 - a thread that dies would leave the folder unwatched without a word
                _log.exception("%s: the scan failed by a fault of this program", self._title)

    def _tell(self, shown: _Shown) -> None:
        """Tell the sink the difference between what it knows of a kind and what there is."""
        if self._sink is None:
            return
        current = self._served(shown.watch)
        if current is None:
            if shown.objects is not None or not shown.version:
                self._sink(self._not_served(shown.watch.kind))
        else:
            for change in _difference(shown, current):
                self._sink(change)
        # Only now: what a sink that failed was not told is told again.
        shown.objects, shown.version = current, self._inventory.version

    def _tell_status(self, ref: ObjectRef, raw: bytes) -> None:
        shown, name = self._shown.get(ref.kind), ref.namespaced_name
        if self._sink is None or shown is None or shown.objects is None or shown.objects.get(name, raw) == raw:
            return
        self._sink(Upserted(ref.kind, name, shown.decoder.records(name, raw)))
        shown.objects[name] = raw

    def _not_served(self, kind: Kind) -> Change:
        reason = f"{self._title} holds no {kind.name} and no CustomResourceDefinition of it"
        return AvailabilityChanged(kind, Availability.NOT_SERVED, reason)

    def _served(self, watch: Watch) -> dict[NamespacedName, bytes] | None:
        """Give the JSON of all objects of a kind, None if the kind is optional and nothing speaks for it."""
        kind = watch.kind
        objects = {name: raw for name, raw in self._inventory.objects(kind) if selects(watch.field_selector, name)}
        for ref in [r for r in self._statuses if r.kind == kind and r.namespaced_name not in objects]:
            del self._statuses[ref]
        if not objects and watch.is_optional and (kind.group, kind.name) != _INGRESS_CLASS:
            return None if not self._inventory.defines(kind) else {}
        return {name: self._json_of(ObjectRef(kind, *name), raw) for name, raw in objects.items()}

    def _json_of(self, ref: ObjectRef, raw: bytes) -> bytes:
        """Give an object with the status that was written to it, if one was."""
        if ref not in self._statuses:
            return raw
        return msgspec.json.encode({**msgspec.json.decode(raw), "status": self._statuses[ref]})


def _difference(shown: _Shown, current: Mapping[NamespacedName, bytes]) -> Iterator[Change]:
    """Give what changed; what is gone is told as a list of what is left.

    A file that is gone is not somebody's word that each object in it shall go, as a deletion in a cluster is.
    """
    kind, known, decode = shown.watch.kind, shown.objects, shown.decoder.records
    if known is None or not known.keys() <= current.keys():
        yield Listed(kind, {name: decode(name, raw) for name, raw in current.items()})
        return
    for name, raw in current.items():
        if known.get(name) != raw:
            yield Upserted(kind, name, decode(name, raw))
