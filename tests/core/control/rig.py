"""A reconciler between manifests and a strict Controller, with a clock that the test moves on.

Nothing happens by itself: `turn` is one turn of the loop, `settle` goes on until nothing is under way and nothing is
due yet, `wait` lets time pass from one due time to the next. Every request is counted, with the time of sending.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, structs

from ako.core.apply.jobs import Halt
from ako.core.avi.errors import AviError
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, Kind, ObjectRef, TreeName
from ako.core.control.own_objects import KINDS
from ako.core.control.preview import Preview
from ako.core.control.reconcile import Reconciler
from ako.core.engine.changes import Change, Listed, Removed, Unreadable, Upserted
from ako.core.hooks.claims import Problem
from ako.core.hooks.loading import load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.model import IpAddr, Vip, VsVip
from ako.core.model.mark import Mark
from ako.core.observe.full_sync import Observation
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Operation, replace_fields
from ako.core.report.status_desk import StatusDesk
from ako.core.settings import Settings
from ako.plugins.ingress.records import INGRESS, Ingress, IngressStatusRecord
from tests.builders import CLASS, CLOUD_FACTS, Manifest, kind_of, name_of, records_of
from tests.builders import settings as loaded
from tests.core.strict_controller import StrictController

Fault = Callable[[Operation], AviError | None]


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Desk(StatusDesk):
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.statuses: dict[ObjectRef, Mapping[str, Any]] = {}
        self.told: list[Problem] = []
        self.standing: dict[ObjectRef, frozenset[Problem]] = {}

    def write(self, ref: ObjectRef, patch: Mapping[str, Any] | None, version: str = "") -> None:
        if patch is not None:
            self.statuses[ref] = patch

    def tell(self, ref: ObjectRef, problems: Iterable[Problem]) -> None:
        current = dict.fromkeys(problems)
        self.told += [problem for problem in current if problem not in self.standing.get(ref, ())]
        self.standing[ref] = frozenset(current)

    def seen(self, refs: Iterable[ObjectRef]) -> None:
        """Nothing is remembered of writes."""

    def unconfirmed(self, kinds: Collection[Kind]) -> tuple[ObjectRef, ...]:
        return ()

    def forget(self, ref: ObjectRef) -> None:
        self.statuses.pop(ref, None)


DAY = datetime(2030, 1, 1, tzinfo=UTC).timestamp()
"""The time of day when the clock stands at 0."""


class Rig:
    """One reconciler, its Controller and its clock.

    Attributes:
        faults: asked in turn about each operation: the error it is answered with, or None.
        gives_addresses: whether a VsVip has its address as soon as it is made.
        writes: the operations that were sent, with the time of each.
        lookups: the names that were looked up.
        proposals: how many proposals were drafted; `compared`: how many objects were looked at for them.
    """

    def __init__(
        self,
        *manifests: Manifest,
        controller: StrictController | None = None,
        unreadable: Iterable[Manifest] = (),
        faults: Iterable[Fault] = (),
        plugins: Sequence[str] = ("ingress", "clusterip_routes", "loadbalancer"),
        **flags: object,
    ) -> None:
        self.clock = Clock()
        self.controller = controller or StrictController()
        self.faults: list[Fault] = list(faults)
        self.gives_addresses = True
        self.writes: list[tuple[float, Operation]] = []
        self.lookups: list[AviRef] = []
        self.proposals = self.compared = 0
        self.desk = Desk()
        self._in_flight: list[tuple[AviRef, Callable[[], None]]] = []
        self._plugins = PluginHost(load_plugins(plugins))
        self._settings = loaded(AKOSettings__disableStaticRouteSync=True, **flags)
        pace = Pace(self.clock, random.Random(1), now=lambda: DAY + self.clock.now)
        self.reconciler = Reconciler(self._settings, self._plugins, self, self.desk, pace)
        self._count_proposals()
        store = self.reconciler.pipeline.store
        self.change(*(Listed(kind, {}) for kind in store.kinds()))
        self.apply(CLASS, *manifests)
        self.spoil(*unreadable)
        self.sync()

    def _count_proposals(self) -> None:
        planner = self.reconciler.dispatcher.planner
        draft = planner._draft

        def counted(trees: frozenset[TreeName], *, completely: bool = False) -> Any:
            proposal = draft(trees, completely=completely)
            self.proposals += 1
            self.compared += len(proposal.desired.keys() | proposal.observed.keys())
            return proposal

        planner._draft = counted  # type: ignore[method-assign]

    # The worker.

    def carry_out(self, operation: Operation, halt: Halt, mark: Mark) -> None:
        self.writes.append((self.clock.now, operation))
        error = next((found for fault in self.faults if (found := fault(operation)) is not None), None)
        self._in_flight.append((operation.ref, lambda: self._answer(operation, error, mark)))

    def look_up(self, ref: AviRef) -> None:
        self.lookups.append(ref)
        dispatcher, found = self.reconciler.dispatcher, self.controller.observed.get
        self._in_flight.append((ref, lambda: dispatcher.looked_up(ref, found(ref))))

    def retire(self) -> None:
        self._in_flight.clear()

    def _answer(self, operation: Operation, error: AviError | None, mark: Mark) -> None:
        result: ObservedObject | AviError | None = error
        if error is None:
            self.controller.carry_out(operation)
            if self.gives_addresses:
                self.give_address(operation.ref)
            result = self.controller.observed.get(operation.ref)
            if result is not None:
                result = structs.replace(result, cluster_uid=mark.uid)
                self.controller.observed.put(operation.ref, result)
        self.reconciler.note_applied(self.reconciler.dispatcher.finished(operation, result))

    def give_address(self, ref: AviRef) -> None:
        """Have the Controller give a VsVip its address, if it has none."""
        seen = self.controller.observed.get(ref)
        if seen is not None and isinstance(seen.object, VsVip) and not seen.object.addresses:
            addressed = replace_fields(seen.object, {"vip": (Vip(ip_address=IpAddr.of("10.1.0.1")),)})
            self.controller.observed.put(ref, structs.replace(seen, object=addressed))

    # Kubernetes.

    def change(self, *changes: Change) -> None:
        self.reconciler.take(changes)

    def apply(self, *manifests: Manifest) -> None:
        """Let users create or edit objects."""
        kinds = (*self._plugins.watched, *KINDS)
        self.change(*(Upserted(kind_of(m), name_of(m), records_of(m, kinds)) for m in manifests))

    def spoil(self, *manifests: Manifest) -> None:
        """Let users edit Ingresses into what cannot be read."""
        broken: dict[type[Struct], Unreadable] = {
            Ingress: Unreadable("broken"),
            IngressStatusRecord: Unreadable("broken"),
        }
        self.change(*(Upserted(INGRESS, name_of(m), broken) for m in manifests))

    def delete(self, *manifests: Manifest) -> None:
        """Let users delete objects."""
        self.change(*(Removed(kind_of(m), name_of(m)) for m in manifests))

    def relist(self, *manifests: Manifest) -> None:
        """Have a kind listed anew: what is not among these is not there."""
        kinds = (*self._plugins.watched, *KINDS)
        kind = kind_of(manifests[0])
        self.change(Listed(kind, {name_of(m): records_of(m, kinds) for m in manifests}))

    # Time.

    def sync(self) -> None:
        """Have a full sync, and everything that follows."""
        self.reconciler.dispatcher.knowledge.begin_observation()
        self.reconciler.observe(Observation(CLOUD_FACTS, dict(self.controller.observed.items())))
        self.settle()

    def preview(self) -> Preview:
        """Give what a start would do now; nothing of it is done."""
        self.reconciler.dispatcher.knowledge.begin_observation()
        self.reconciler.observe(Observation(CLOUD_FACTS, dict(self.controller.observed.items())))
        self.reconciler.look("")
        return self.reconciler.preview()

    def turn(self) -> None:
        """Go round once."""
        self.reconciler.look("")
        self.reconciler.act()

    def settle(self) -> None:
        """Go round, with all answers, until nothing is under way; what is due later stays."""
        self.turn()
        while self._in_flight:
            self.answer()

    def answer(self, ref: AviRef | None = None) -> None:
        """Have one request answered: the one about an object, else the first."""
        refs = [asked for asked, _ in self._in_flight]
        _, take = self._in_flight.pop(0 if ref is None else refs.index(ref))
        take()
        self.turn()

    def wait(self, seconds: float) -> None:
        """Let time pass, with all that becomes due in it."""
        until = self.clock.now + seconds
        self.settle()
        while (due := self.reconciler.next_due) is not None and due <= until:
            self.clock.now = max(self.clock.now, due)
            self.settle()
        self.clock.now = until
        self.settle()

    def use(self, **flags: object) -> None:
        """Take in other settings."""
        self._settings = loaded(AKOSettings__disableStaticRouteSync=True, **flags)
        self.reconciler.use(self._settings)
        self.settle()

    # What can be seen.

    @property
    def in_flight(self) -> list[AviRef]:
        """Give what requests are under way about."""
        return [ref for ref, _ in self._in_flight]

    @property
    def sent(self) -> list[Operation]:
        """Give the operations that were sent."""
        return [operation for _, operation in self.writes]

    def forget_writes(self) -> None:
        self.writes.clear()
        self.lookups.clear()

    def has(self, avi_type: str, name: str) -> bool:
        """Say whether an object is on the Controller."""
        return AviRef(avi_type, f"my-cluster--{name}") in self.controller.observed

    def served(self) -> set[str]:
        """Give the hosts that are served."""
        return {served for served in self.controller.observed.all_served() if isinstance(served, str)}

    def settings(self) -> Settings:
        return self._settings
