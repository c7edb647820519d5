"""A reconciler whose time, worker and cluster are the test's: one pass at a time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, cast

from msgspec.structs import replace

from ako.core.base.backoff import Pace
from ako.core.base.refs import ObjectRef
from ako.core.control.own_objects import KINDS
from ako.core.control.reconcile import Reconciler
from ako.core.engine.changes import Listed, Removed, Upserted
from ako.core.hooks.loading import Plugin, load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.cluster import Cluster, Event, WriteOutcome, WriteResult
from ako.core.model import AviObject, IpAddr, Vip, VsVip
from ako.core.observe.full_sync import Observation
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Delete, Operation
from ako.core.report.status_desk import StatusDesk
from ako.testing.rehearsal import Manifest, ref_of
from tests.builders import CLASS, CLOUD_FACTS, records_of, settings
from tests.core.clock import Clock
from tests.core.silence import Silence


class Statuses:
    """A cluster that takes every status."""

    def __init__(self) -> None:
        self.written: list[tuple[ObjectRef, Mapping[str, Any] | None]] = []
        self.events: list[tuple[ObjectRef, Event]] = []

    def write_status(self, ref: ObjectRef, status: Mapping[str, Any] | None, version: str = "") -> WriteResult:
        self.written.append((ref, status))
        return WriteResult(WriteOutcome.DONE)

    def write_event(self, ref: ObjectRef, event: Event) -> WriteOutcome:
        self.events.append((ref, event))
        return WriteOutcome.DONE


class Passes:
    """A reconciler, and all that it talks to.

    Attributes:
        gives_addresses: whether VsVips get one.
    """

    def __init__(
        self,
        plugins: Sequence[str | Plugin] = ("ingress", "clusterip_routes"),
        host: type[PluginHost] = PluginHost,
        **flags: object,
    ) -> None:
        self.clock = Clock()
        self.gives_addresses = True
        self.worker = Silence()
        self.cluster = Statuses()
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        pace = Pace(self.clock, random.Random(1))
        self.desk = StatusDesk(cast("Cluster", self.cluster), pace, self._inbox.put)
        self.host = host([one if isinstance(one, Plugin) else load_plugins((one,))[0] for one in plugins])
        self.reconciler = Reconciler(settings(**flags), self.host, self.worker, self.desk, pace)
        self.reconciler.take([Listed(kind, {}) for kind in self.reconciler.pipeline.store.kinds()])
        self.declare(CLASS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.desk.close()

    def declare(self, *manifests: Manifest) -> None:
        """Add or change objects."""
        kinds = (*self.host.watched, *KINDS)
        refs = [(ref_of(manifest), records_of(manifest, kinds)) for manifest in manifests]
        self.reconciler.take([Upserted(ref.kind, ref.namespaced_name, records) for ref, records in refs])

    def delete(self, *manifests: Manifest) -> None:
        """Take objects away."""
        self.reconciler.take([Removed(ref.kind, ref.namespaced_name) for ref in map(ref_of, manifests)])

    def observe(self, *there: AviObject) -> None:
        """Have the Controller read as a whole; what is under way is known better."""
        self.reconciler.dispatcher.knowledge.begin_observation()
        objects = {item.ref: ObservedObject(f"{item.ref!r}", item) for item in there}
        self.reconciler.observe(Observation(CLOUD_FACTS, objects))

    def turn(self, seconds: float = 0.0) -> None:
        """Let time pass, then make one pass."""
        self.clock.now += seconds
        self.reconciler.look("")
        self.reconciler.act()

    def answer(self, *operations: Operation) -> None:
        """Carry operations out."""
        for operation in operations:
            seen = None if isinstance(operation, Delete) else ObservedObject("u", self._stored(operation.object))
            self.reconciler.note_applied(self.reconciler.dispatcher.finished(operation, seen))

    def _stored(self, item: AviObject) -> AviObject:
        if not isinstance(item, VsVip) or not self.gives_addresses:
            return item
        return replace(item, vip=(Vip(ip_address=IpAddr("10.9.9.9", "V4")),))

    def settle(self) -> None:
        """Answer everything, and let every status be written, until nothing is sent any more."""
        self.turn()
        while sent := self.take_sent():
            self.answer(*sent)
            self.turn()
        while not self.desk.is_idle:
            self._inbox.get()()
        self.turn()

    def take_sent(self) -> list[Operation]:
        """Give what was sent since the last call."""
        sent, self.worker.sent = self.worker.sent, []
        return sent
