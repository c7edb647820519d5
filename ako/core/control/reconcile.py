"""One pass: what is new is taken in, everything that follows is brought up to date, planned, applied and reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ako.core.apply.dispatcher import Dispatcher
from ako.core.apply.jobs import Applied
from ako.core.apply.quarantine import Quarantine
from ako.core.apply.worker import Worker
from ako.core.assemble.doubt import Doubt
from ako.core.assemble.hand_over import HandOver
from ako.core.assemble.pipeline import SUBSTITUTES, Pipeline
from ako.core.assemble.retention import Retention
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, NamespacedName, ObjectRef
from ako.core.control.own_objects import KINDS
from ako.core.engine.changes import Availability, Change, Removed, Upserted
from ako.core.engine.kinds import SharedStatus
from ako.core.hooks.outcome import HostState, Outcome
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.site import CLOUD, SETTINGS
from ako.core.model import AviObject, ForeignObject
from ako.core.model.names import Names
from ako.core.observe.assignment import assign, keep, release
from ako.core.observe.full_sync import Observation
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Create
from ako.core.plan.protection import Protection, protection_for
from ako.core.report.announcer import Announcer
from ako.core.report.outcomes import Outcomes
from ako.core.report.status_desk import StatusDesk
from ako.core.settings import Settings


class Reconciler:
    """The pipeline from the store to the Controller and back, without threads of its own.

    Args:
        settings: as loaded; `use` replaces them.
        plugins: the hooks.
        worker: sends requests to the Controller.
        desk: writes statuses.
        pace: time.
    """

    def __init__(self, settings: Settings, plugins: PluginHost, worker: Worker, desk: StatusDesk, pace: Pace) -> None:
        self.settings = settings
        self._plugins = plugins
        self._desk = desk
        self._observation: Observation | None = None
        self._to_report: set[ObjectRef] = set()
        self._not_live: dict[str, set[ObjectRef]] = {}
        self._deleted: set[NamespacedName] = set()
        self._edited: set[NamespacedName] = set()
        self.done: Counter[str] = Counter()
        """How many operations of each kind were carried out."""
        self.is_observed = False
        self.is_deleting = False
        names = Names(settings.ako_settings.cluster_name)
        self.pipeline = Pipeline(plugins, KINDS)
        self.dispatcher = Dispatcher(Observed(), self._desired_of, worker, names.prefix, pace)
        self.quarantine = Quarantine(self.dispatcher.observed)
        self.retention = Retention(self.pipeline, pace.clock)
        self.hand_over = HandOver(self.pipeline, self.dispatcher.names_there)
        self.outcomes = Outcomes(self.pipeline, self.dispatcher, names.created_by)
        self.announcer = Announcer()
        self.elsewhere: Mapping[str, int] = {}
        """Hosts that are live on another shard than the formula says, with that shard."""
        self.use(settings)

    # What is new.

    def use(self, settings: Settings) -> None:
        """Take in settings; an input like any other."""
        self.settings = settings
        self.dispatcher.guard.max_percent = 100 if self.is_deleting else settings.ako.guard.max_delete_percent
        self._assign(seen for _, seen in self.dispatcher.observed.items())
        self.dispatcher.drift.action = settings.ako.drift.policy.action
        self.pipeline.engine.set_input(SETTINGS, settings)

    def take(self, changes: Iterable[Change]) -> None:
        """Take in changes of Kubernetes objects."""
        taken = tuple(changes)
        touched = self.pipeline.apply(taken)
        for change in taken:
            if isinstance(change, (Removed, Upserted)) and ObjectRef(change.kind, *change.name) in touched.edited:
                (self._deleted if isinstance(change, Removed) else self._edited).add(change.name)
        self._desk.seen(touched.all)
        self._to_report |= touched.all

    def observe(self, observation: Observation) -> None:
        """Take in a complete observation of the Controller."""
        self._observation = observation
        self.pipeline.engine.set_input(CLOUD, observation.cloud)
        self._assign(observation.objects.values())

    def _assign(self, observed: Iterable[ObservedObject]) -> None:
        self.elsewhere = assign(self.pipeline.engine, self.settings, observed)

    def start_over(self, worker: Worker) -> None:
        """Conclude nothing before the Controller has been read: it is another one, which `worker` writes to."""
        self.is_observed, self._observation = False, None
        self.dispatcher.start_over(worker)

    def delete_everything(self, *, is_wanted: bool) -> None:
        """Want nothing at all from now on, or what is declared again."""
        self.is_deleting = is_wanted
        self.use(self.settings)
        self.pipeline.forget_unused()
        self.dispatcher.touch_all(str(name) for name, _ in self.pipeline.trees.values())
        self._to_report.update(self.pipeline.source_refs())

    def note_applied(self, applied: Applied | None) -> None:
        """Have those told who waited for a plan; a new address concerns all hosts of its tree."""
        if applied is None:
            return
        self.done.update(type(operation).__name__ for operation in applied.succeeded)
        for operation in applied.succeeded:
            if (seen := self.dispatcher.observed.get(operation.ref)) is not None:
                keep(self.pipeline.engine, self.settings, seen)
        self._conclude(applied)
        has_new_address = any(isinstance(op, Create) and op.ref.type == "vsvip" for op in applied.succeeded)
        for name in applied.trees:
            self._to_report |= self._concerned(name)
            tree = self.pipeline.trees.value(name) if has_new_address or applied.failed else None
            for placed in tree.hosts if tree else ():
                self._to_report.update(placed.sources)

    def _concerned(self, name: str) -> set[ObjectRef]:
        """Give the sources that a plan of a tree has news for: those that waited for it, and those it cannot serve."""
        sources = self._not_live.pop(name, set())
        refused, tree = self.dispatcher.refused, self.pipeline.trees.value(name)
        for placed in tree.hosts if refused and tree else ():
            if not refused.keys().isdisjoint(placed.refs):
                sources.update(placed.sources)
        return sources

    def _conclude(self, applied: Applied) -> None:
        """Learn from what became of shared objects who may go in, and who may not."""
        for name in applied.trees:
            tree = self.pipeline.trees.value(name)
            if tree is None or not tree.shared:
                continue
            shared = [item.ref for item in tree.shared if item.ref in applied.failed]
            refusals = [self.dispatcher.refused[ref] for ref in shared if ref in self.dispatcher.refused]
            if refusals:
                is_changed = self.quarantine.refused(tree, refusals[0].message)
            else:
                is_changed = not applied.failed and self.dispatcher.is_settled(name) and self.quarantine.accepted(tree)
            if is_changed:
                self._substitute(name)

    def _substitute(self, tree: str) -> None:
        self.pipeline.engine.set_input(SUBSTITUTES, self.quarantine.substitutes(tree), tree)

    # What follows.

    @property
    def is_informed(self) -> bool:
        """Say whether every kind was asked for and the cloud is known: before that, nothing is concluded."""
        store = self.pipeline.store
        return (CLOUD,) in self.pipeline.engine.inputs and not any(
            store.availability(kind) == (Availability.UNKNOWN, "not listed yet") for kind in store.kinds()
        )

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is left to do with what was taken in."""
        return self.is_observed and not self._to_report and self.dispatcher.is_idle

    @property
    def next_due(self) -> float | None:
        """Give the time at which something is due by itself, None if nothing is."""
        times = (self.dispatcher.next_due, self.retention.next_due(self.settings))
        return min((time for time in times if time is not None), default=None)

    def look(self, incompleteness: str) -> None:
        """Bring everything that follows from what is new up to date.

        `incompleteness` says why what Kubernetes told may not be all there is.
        """
        if not self.is_informed:
            return
        self.hand_over.free()
        self._refresh()
        self.dispatcher.protect(self._protection(incompleteness))
        if self._observation is not None:
            for tree in self.quarantine.retry():
                self._substitute(tree)
            if not self.is_observed:
                vsvips = (ref.name for ref in self._observation.objects if ref.type == "vsvip")
                self.retention.keep_addresses(vsvips, self.settings)
                self.hand_over.resume(seen.object for seen in self._observation.objects.values())
            self._refresh()
            trees = tuple(str(name) for name, _ in self.pipeline.trees.values())
            self.dispatcher.adopt(self._observation.objects, trees)
            if self.is_deleting:
                self.dispatcher.drift.forget()  # whatever is found is to go, and nobody's drift
            self._to_report.update(self.pipeline.source_refs())
            self._observation, self.is_observed = None, True

    def act(self) -> None:
        """Plan and apply what is due, and report."""
        if self.is_observed:
            for tree in self.dispatcher.start_due():
                self._to_report |= self._concerned(tree)
            self._report()

    def _refresh(self) -> None:
        self.retention.release_due(self.settings)
        refreshed = self.hand_over.refresh()
        self.retention.note(refreshed.trees, self.settings)
        for tree in refreshed.trees:
            self.dispatcher.guard.intend(tree, self._deleted, self._edited)
        self._deleted, self._edited = set(), set()
        self.dispatcher.touch(refreshed.trees)
        self._to_report |= refreshed.sources
        for host in refreshed.hosts:
            model = self.pipeline.model(host)
            self._to_report.update(model.sources if model else ())
            if model is None and isinstance(host, str):
                release(self.pipeline.engine, host)

    def _protection(self, incompleteness: str) -> Protection:
        """Give what must not be taken away; who wants everything deleted wants it regardless."""
        return Protection() if self.is_deleting else protection_for(self._doubts(incompleteness))

    def _doubts(self, incompleteness: str) -> Iterator[Doubt]:
        yield from self.pipeline.doubts()
        if incompleteness:
            yield Doubt(incompleteness)

    def _desired_of(self, tree: str) -> Mapping[AviRef, AviObject]:
        found = self.pipeline.trees.value(tree)
        if found is None:
            return {}
        if not self.is_deleting:
            return found.objects
        return {ref: item.cleared() for ref, item in found.objects.items() if isinstance(item, ForeignObject)}

    def _report(self) -> None:
        refs, self._to_report = self._to_report, set()
        for ref, outcome in self.outcomes.of(sorted(refs)):
            source = self.pipeline.source(ref)
            if source is None:
                if ref in self.pipeline.claims.rows:  # there, but never readable
                    self._desk.tell(ref, self.announcer.news(ref, outcome.problems))
                else:
                    self.announcer.forget(ref)
                self._desk.forget(ref)
                continue
            told = Outcome((), (), outcome.our_addresses, outcome.router_name) if self.is_deleting else outcome
            self._desk.tell(ref, self.announcer.news(ref, told.problems))
            version = source.status.metadata.resource_version if isinstance(source.status, SharedStatus) else ""
            self._desk.write(ref, self._plugins.report(source, told), version)
            for host in told.hosts:
                if host.tree and host.state is not HostState.LIVE:
                    self._not_live.setdefault(host.tree, set()).add(ref)

    def shortcomings(self) -> tuple[str, ...]:
        """Say what is not in line, and why; empty if all is."""
        reasons = [f"{ref!r}: {refusal.message}" for ref, refusal in sorted(self.dispatcher.refused.items())]
        if self.dispatcher.guard.held:
            reasons.append(f"plan {self.dispatcher.guard.held.id} would delete too much and waits for being confirmed")
        if not reasons and not self.is_idle:
            reasons.append("there is work left to do")
        return tuple(reasons)
