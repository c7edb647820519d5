"""One pass: what is new is taken in, everything that follows is brought up to date, planned, applied and reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ako.core.apply.dispatcher import Dispatcher
from ako.core.apply.jobs import Applied
from ako.core.apply.quarantine import Quarantine
from ako.core.apply.worker import Worker
from ako.core.assemble.doubt import Doubt
from ako.core.assemble.hand_over import HandOver
from ako.core.assemble.pipeline import Pipeline
from ako.core.assemble.retention import Retention
from ako.core.base.backoff import Pace
from ako.core.base.faults import Faults
from ako.core.base.refs import AviRef, NamespacedName, ObjectRef, TreeName
from ako.core.control.calendar import Calendar
from ako.core.control.confirmation import waiting, why_apart
from ako.core.control.expiries import Expiries
from ako.core.control.own_objects import KINDS, cluster_uid
from ako.core.control.preview import Preview, foreseen
from ako.core.control.suspicion import Suspicion
from ako.core.control.tenants import Tenants
from ako.core.control.underway import Underway
from ako.core.engine.changes import Change, Listed, Removed, Upserted
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.site import CLOUD, SETTINGS
from ako.core.model import FOREIGN_TYPES, AviObject, ForeignObject
from ako.core.model.names import Names
from ako.core.observe.assignment import assign, keep, release
from ako.core.observe.full_sync import Observation
from ako.core.observe.observed import Observed
from ako.core.observe.odd import odd_virtual_services
from ako.core.observe.ownership import Namesake, Ownership
from ako.core.observe.seats import assign_seats
from ako.core.observe.tenants import Sought
from ako.core.observe.unread_holders import UnreadHolders
from ako.core.plan.deletion_guard import Held
from ako.core.plan.plan import Create
from ako.core.plan.proposal import Drift
from ako.core.plan.protection import Protection, protection_for
from ako.core.report.outcomes import Outcomes
from ako.core.report.reporter import Reporter
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

    Attributes:
        is_observed: the Controller has been read; before that nothing is planned.
        is_deleting: everything of ours is to go.
        elsewhere: hosts that are live on another shard than the formula says, with that shard.
        underway: changes that are on their way to the Controller.
        expiries: when certificates end.
        on_trees: is told which trees changed.
    """

    def __init__(self, settings: Settings, plugins: PluginHost, worker: Worker, desk: StatusDesk, pace: Pace) -> None:
        self.is_observed = False
        self.is_deleting = False
        self.elsewhere: Mapping[str, int] = {}
        self.on_trees: Callable[[Iterable[TreeName]], None] = lambda _: None
        self._observation: Observation | None = None
        names, observed = Names(settings.ako_settings.cluster_name), Observed()
        self.pipeline = Pipeline(plugins, KINDS)
        self.dispatcher = Dispatcher(observed, self._desired_of, worker, names.prefix, pace)
        self.quarantine = Quarantine(observed)
        self._calendar = Calendar(self.pipeline.engine, pace.now)
        self.retention = Retention(self.pipeline, pace.clock)
        self.tenants = Tenants(self.pipeline, observed)
        self._unread_holders = UnreadHolders(self.pipeline)
        self.underway, self.expiries = Underway(pace.clock), Expiries()
        there = self.dispatcher.knowledge.names_there
        self.hand_over = HandOver(self.pipeline, there, lambda new: assign_seats(self.pipeline, self.observed, new))
        refused = self.dispatcher.planner.refused
        outcomes = Outcomes(self.pipeline, observed, refused, names.created_by)
        self.reporter = Reporter(self.pipeline, plugins, desk, outcomes, refused, pace)
        self._suspicion = Suspicion(self.pipeline, self.dispatcher, self.quarantine, self.reporter)
        self.use(settings)

    @property
    def settings(self) -> Settings:
        """Give those in force."""
        return self.pipeline.engine.input(SETTINGS)

    @property
    def observed(self) -> Observed:
        """Give what is on the Controller, as last seen."""
        return self.dispatcher.knowledge.observed

    # What is new.

    def use(self, settings: Settings) -> None:
        """Take in settings; an input like any other."""
        self.pipeline.engine.set_input(SETTINGS, settings)
        self.tenants.reconsider()
        planner = self.dispatcher.planner
        planner.guard.max_percent = 100 if self.is_deleting else settings.ako.guard.max_delete_percent
        planner.drift.action = settings.ako.drift.policy.action
        if self.is_observed:  # else nothing is known, and nobody lives nowhere because of that
            self._assign()

    def take(self, changes: Iterable[Change]) -> None:
        """Take in changes of Kubernetes objects."""
        taken = tuple(changes)
        self.tenants.note(taken)
        touched = self.pipeline.apply(taken)
        self.underway.taken(self.pipeline.engine.noticed, touched.edited)
        deleted: set[NamespacedName] = set()
        edited: set[NamespacedName] = set()
        for change in taken:
            if isinstance(change, (Removed, Upserted)) and ObjectRef(change.kind, *change.name) in touched.edited:
                (deleted if isinstance(change, Removed) else edited).add(change.name)
        self.dispatcher.planner.guard.mean(deleted, edited)
        self.reporter.seen(touched.all, {change.kind for change in taken if isinstance(change, Listed)})

    def stand_by(self) -> None:
        """Note that another replica acts on what changed."""
        self.dispatcher.planner.guard.mean_nothing()
        self.underway.forget()

    def begin_observation(self) -> Sought:
        """Note that the Controller is read from now on; give what to look for.

        Another observation that could not be taken over yet is dropped: what was written since it began is known
        better than by it, and that is remembered of one observation only.
        """
        self._observation = None
        return self.tenants.sought(self.settings, self.dispatcher.knowledge.begin_observation())

    def observe(self, observation: Observation) -> None:
        """Take in a complete observation of the Controller."""
        self._observation = observation
        self.pipeline.engine.set_input(CLOUD, observation.cloud)

    def _assign(self) -> None:
        self.elsewhere = assign(self.pipeline.engine, self.settings, (seen for _, seen in self.observed.items()))

    def start_over(self, worker: Worker) -> None:
        """Conclude nothing before the Controller has been read: it is another one, which `worker` writes to."""
        self.is_observed, self._observation = False, None
        self.dispatcher.start_over(worker)
        self._suspicion.forget()
        self.tenants.forget()

    def delete_everything(self, *, is_wanted: bool) -> None:
        """Want nothing at all from now on, or what is declared again."""
        self.is_deleting = is_wanted
        self.use(self.settings)
        self.pipeline.forget_unused()
        self._suspect_odd_ones()
        self.dispatcher.touch_all(self.pipeline.tree_names())
        self.reporter.concern_all()

    def note_applied(self, applied: Applied | None) -> None:
        """Have those told who waited for a plan; a new address concerns all hosts of its tree."""
        if applied is None:
            return
        for operation in applied.succeeded:
            if (seen := self.observed.get(operation.ref)) is not None:
                keep(self.pipeline.engine, self.settings, seen)
        self._suspicion.conclude(applied)
        has_new_address = any(isinstance(op, Create) and op.ref.type == "vsvip" for op in applied.succeeded)
        if applied.succeeded or applied.failed:
            self.underway.written(applied.trees)
        for name in applied.trees:
            self.reporter.plan_ended(name)
            if has_new_address or applied.failed:
                self.reporter.concern_hosts(name)

    # What follows.

    @property
    def is_informed(self) -> bool:
        """Say whether every kind was asked for, and cloud and cluster are known: before that, nothing is concluded."""
        store = self.pipeline.store
        is_asked_for = all(map(store.was_sought, store.kinds()))
        is_known = self.is_observed or cluster_uid(store) is not None
        return (CLOUD,) in self.pipeline.engine.inputs and is_asked_for and is_known

    @property
    def is_outdated(self) -> bool:
        """Say whether the Controller has to be read anew: there is more, or it is judged otherwise what is ours."""
        if self.is_informed and self.tenants.lacks_any(self.settings):
            return True
        return self.is_observed and self._ownership.is_outdated(cluster_uid(self.pipeline.store) or "")

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is left to do with what was taken in."""
        return self.is_observed and self.reporter.is_idle and self.dispatcher.is_idle

    @property
    def next_due(self) -> float | None:
        """Give the time at which something is due by itself, None if nothing is."""
        acting = (self.dispatcher.next_due, self.reporter.next_due) if self.is_observed else ()
        times = (*acting, self.retention.next_due(self.settings))
        return min((time for time in times if time is not None), default=None)

    def look(self, incompleteness: str) -> None:
        """Bring everything that follows from what is new up to date.

        `incompleteness` says why what Kubernetes told may not be all there is.
        """
        if not self.is_informed:
            return
        if self._observation is not None:
            self._adopt(self._observation)
        self.hand_over.free()
        self._refresh()
        self.dispatcher.planner.routes.are_shared = bool(self._ownership.theirs)
        self.dispatcher.protect(self._protection(incompleteness))

    def _adopt(self, observation: Observation) -> None:
        """Take what was read of the Controller for what is there; everything is compared with it."""
        uid = cluster_uid(self.pipeline.store) or ""
        self._ownership.become(uid, has_markers=observation.cloud.has_markers)
        self.tenants.take(observation, self.settings, uid)
        if not self.is_observed and self.tenants.lacks_any(self.settings):
            self._observation = None  # what is in another tenant may be to come here, or to go there
            return
        ours = self.tenants.ours_in(observation, self.settings, self._ownership.mark)
        self.dispatcher.knowledge.adopt(ours, self.tenants.news)
        self.tenants.tell()
        self._assign()
        self._refresh()
        self._suspicion.retry()
        if not self.is_observed:
            vsvips = (ref.namesake for ref in self.observed if ref.type == "vsvip")
            self.retention.begin()
            self.retention.keep_addresses(vsvips, self.settings)
            self.hand_over.resume(seen.object for _, seen in self.observed.items())
        self._refresh()
        self.dispatcher.plan_anew(self.pipeline.tree_names())
        self._suspect_odd_ones()
        if self.is_deleting:
            self.dispatcher.planner.drift.forget()  # whatever is found is to go, and nobody's drift
        self.reporter.concern_all()
        self._observation, self.is_observed = None, True

    def _suspect_odd_ones(self) -> None:
        """Have nothing deleted where somebody else seems to work under our names, unless all is to go anyway."""
        planner, names = self.dispatcher.planner, Names(self.settings.ako_settings.cluster_name)
        odd = odd_virtual_services(
            self.observed.items(),
            names,
            self._ownership.mark.uid,
            lambda ref: ref in self._desired_of(planner.tree_of(ref)),
        )
        planner.guard.suspect(frozenset() if self.is_deleting else odd)

    def act(self) -> None:
        """Plan and apply what is due, and report."""
        if self.is_observed:
            for tree in self.dispatcher.start_due():
                self.reporter.plan_ended(tree)
            self.underway.settle(self.dispatcher.is_settled)
            self.reporter.report(is_deleting=self.is_deleting)

    def _refresh(self) -> None:
        self.retention.release_due(self.settings)
        self._calendar.turn()
        refreshed = self.hand_over.refresh()
        if self._unread_holders.assign(self.observed):
            refreshed |= self.hand_over.refresh()
        if self.retention.leave(refreshed.trees, self.tenants.named(self.settings)):
            refreshed |= self.hand_over.refresh()
        self.retention.note(refreshed.trees, self.settings)
        self.dispatcher.planner.guard.intend(refreshed.trees)
        self.dispatcher.touch(refreshed.trees)
        self.on_trees(refreshed.trees)
        self.underway.touched(refreshed.trees, is_measured=self.is_observed)
        self.reporter.concern(refreshed.sources)
        for host in refreshed.hosts:
            model = self.pipeline.model(host)
            self.expiries.note(host, model)
            self.reporter.concern(model.sources if model else ())
            self._calendar.note(model.virtual_host.awaits if model else ())
            if model is None and isinstance(host, str):
                release(self.pipeline.engine, host)

    def _protection(self, incompleteness: str) -> Protection:
        """Give what must not be taken away; who wants everything deleted wants it regardless."""
        return Protection() if self.is_deleting else protection_for(self._doubts(incompleteness))

    def _doubts(self, incompleteness: str) -> Iterator[Doubt]:
        yield from self.pipeline.doubts()
        if incompleteness:
            yield Doubt(incompleteness)

    def _desired_of(self, tree: TreeName) -> Mapping[AviRef, AviObject]:
        found = self.pipeline.trees.value(tree)
        if found is None:
            return {}
        if not self.is_deleting:
            return found.objects
        if self._ownership.theirs:
            return {}  # static routes and the label of the SE group bear our name, and another cluster's uses
        return {ref: item.cleared() for ref, item in found.objects.items() if isinstance(item, ForeignObject)}

    # What others may know, and say.

    def wanted(self) -> Iterator[AviObject]:
        """Give every object as it is to be."""
        for tree in self.pipeline.tree_names():
            yield from self._desired_of(tree).values()

    @property
    def faults(self) -> tuple[Faults, ...]:
        """Give the faults of this program, by what was at work."""
        return (self.pipeline.engine.faults, self.dispatcher.faults, self.reporter.faults)

    @property
    def _ownership(self) -> Ownership:
        return self.dispatcher.knowledge.ownership

    @property
    def namesakes(self) -> tuple[Namesake, ...]:
        """Give the clusters of our name whose objects are left alone."""
        return self._ownership.namesakes

    @property
    def held(self) -> Held:
        """Give what waits for being confirmed."""
        return self.dispatcher.planner.guard.held

    def confirm(self, plan: str) -> None:
        """Allow what has this id: the deletions of a plan, or the place of a cluster to be taken; empty allows none."""
        self.dispatcher.planner.guard.confirmed = self._ownership.confirmed = plan

    def take_drift(self) -> list[Drift]:
        """Give what somebody else changed, as far as it is dealt with and was not given before."""
        return self.dispatcher.planner.drift.take()

    def left(self) -> tuple[AviRef, ...]:
        """Give what is on the Controller and is ours, or holds entries of ours, as far as these may go."""
        shared = {found.avi_type for found in FOREIGN_TYPES} if self._ownership.theirs else set()
        return tuple(sorted(ref for ref in self.observed.ours() if ref.type not in shared))

    def preview(self) -> Preview:
        """Give what would be done as everything stands; nothing of it is."""
        found = foreseen(self.pipeline, self.dispatcher, self.reporter.explain(), is_deleting=self.is_deleting)
        return found.beside(self.elsewhere, self.namesakes, self.tenants.faults)

    def shortcomings(self) -> tuple[str, ...]:
        """Say what is not in line, and why; empty if all is."""
        refused = self.dispatcher.planner.refused
        reasons = [f"{ref!r}: {refusal.message}" for ref, refusal in refused.items()]
        if self.held:
            reasons.append(waiting(self.held))
        reasons += [f"{ref.key} could not be told by a fault of this program" for ref in self.reporter.postponed]
        reasons += [why_apart(namesake) for namesake in self.namesakes]
        reasons += self.tenants.unread
        if not reasons and not self.is_idle:
            reasons.append("there is work left to do")
        return tuple(reasons)
