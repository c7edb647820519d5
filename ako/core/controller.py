"""The loop: one thread that thinks, others that watch, write and report.

Four things can happen, one at a time, and each arrives as a message:

* Kubernetes changed: the change goes into the store;
* an answer from the Avi Controller: to a write, to a look-up, or a complete observation;
* a status was written, or was not;
* a time has come: a retry, a full sync.

After every batch of messages comes one pass: refresh, plan and start what is due, report.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from ako.core.assignment import assign
from ako.core.avi.session import AviSession
from ako.core.avi.worker import AviWorker
from ako.core.backoff import Pace
from ako.core.dispatch import Applied, Dispatcher
from ako.core.errors import AkoError
from ako.core.fullsync import FullSync, Observation
from ako.core.guard import protection_for
from ako.core.kinds import Availability, Change
from ako.core.kube.cluster import Cluster
from ako.core.model import AviObject
from ako.core.naming import Names
from ako.core.observed import Observed
from ako.core.outcome import HostState, Outcome
from ako.core.pipeline import Doubt, Pipeline
from ako.core.plan import Create, Plan
from ako.core.plugin_host import PluginHost
from ako.core.refs import AviRef, ObjectRef
from ako.core.report import Announcer, Outcomes
from ako.core.settings import Settings
from ako.core.site import CLOUD, SETTINGS
from ako.core.status import StatusDesk

Message = Callable[[], None]
"""Something that happened, as what the thinking thread does about it."""

ATTEMPTS_ONCE = 3
"""How often a run that is to end by itself asks a Controller that does not answer."""


LONGEST_WAIT = 5.0
"""Seconds after which the loop goes round even if nothing happened, as a sign of life."""


class World(Struct, frozen=True):
    """What a controller talks to, and its time."""

    cluster: Cluster
    session: AviSession
    pace: Pace


class Controller:
    """Runs the pipeline until it is told to stop."""

    def __init__(self, settings: Settings, plugins: PluginHost, world: World) -> None:
        self._world = world
        self._plugins = plugins
        self._settings = settings
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._changes: list[Change] = []
        self._observation: Observation | None = None
        self._to_report: set[ObjectRef] = set()
        self._not_live: dict[str, set[ObjectRef]] = {}
        self._is_stopping = False
        self.turned_at = world.pace.clock()
        self._is_observed = False
        names = Names(settings.ako_settings.cluster_name)
        self._pool = ThreadPoolExecutor(settings.ako.api.concurrency, "avi")
        worker = AviWorker(world.session, names, self._pool, self._on_written, self._on_looked_up)
        self.pipeline = Pipeline(plugins)
        limit = settings.ako.guard.max_delete_percent
        self.dispatcher = Dispatcher(Observed(), self._desired_of, worker, names.prefix, world.pace, limit)
        self.outcomes = Outcomes(self.pipeline, self.dispatcher, names.created_by)
        self.announcer = Announcer()
        self.desk = StatusDesk(world.cluster, world.pace, self._inbox.put)
        self.full_sync = FullSync(world.session, settings, self._pool, world.pace, self._inbox.put)
        self.pipeline.engine.set_input(SETTINGS, settings)

    # Life.

    def run(self, *, once: bool = False) -> None:
        """Work until `stop` is called; with `once`, until nothing is left to do or the Controller does not answer."""
        self._world.cluster.start(self._plugins.watched, self._on_change)
        try:
            while not self._is_stopping and not (once and (self.is_converged or self._has_given_up)):
                self._wait()
                self._look()
                self._act()
        finally:
            self.close()

    def preview(self) -> Plan:
        """Give the plan for everything as it stands now, and write nothing.

        Raises:
            AkoError: the Controller, or its cloud, could not be read.
        """
        self._world.cluster.start(self._plugins.watched, self._on_change)
        try:
            while not self._is_observed:
                self._wait()
                self._look()
                if self.full_sync.failures >= ATTEMPTS_ONCE:
                    raise AkoError(self.full_sync.failure)
            return self.dispatcher.plan()
        finally:
            self.close()

    def stop(self) -> None:
        """Ask the loop to end after the writes in hand; may be called from a signal handler or another thread."""
        self._inbox.put(self._note_stop)

    def close(self) -> None:
        """Let the writes in hand come to their end, then let everything go."""
        self._world.cluster.stop()
        self.full_sync.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.desk.close()
        self._world.session.close()

    @property
    def is_informed(self) -> bool:
        """Say whether every kind was asked for and the cloud is known: before that, nothing is concluded."""
        store = self.pipeline.store
        return (CLOUD,) in self.pipeline.engine.inputs and not any(
            store.availability(kind) == (Availability.UNKNOWN, "not listed yet") for kind in store.kinds()
        )

    @property
    def is_observed(self) -> bool:
        """Say whether the Controller was read completely and everything was planned at least once."""
        return self._is_observed

    @property
    def is_converged(self) -> bool:
        """Say whether nothing is left to do."""
        return (
            self._is_observed
            and self._inbox.empty()
            and not self._changes
            and not self._to_report
            and self.dispatcher.is_idle
            and self.desk.is_idle
        )

    def shortcomings(self) -> tuple[str, ...]:
        """Say why the Controller is not in line with the cluster; empty if it is."""
        reasons = [self.full_sync.failure] if self.full_sync.failure else []
        reasons += [f"{ref!r}: {refusal.message}" for ref, refusal in sorted(self.dispatcher.refused.items())]
        if not reasons and not self.is_converged:
            reasons.append("there is work left to do")
        return tuple(reasons)

    @property
    def _has_given_up(self) -> bool:
        failures = max(self.full_sync.failures, self.dispatcher.failures)
        return failures >= ATTEMPTS_ONCE and not self.dispatcher.is_busy

    # Messages.

    def _note_stop(self) -> None:
        self._is_stopping = True

    def _on_change(self, change: Change) -> None:
        self._inbox.put(lambda: self._changes.append(change))

    def _on_written(self, *answer: object) -> None:
        self._inbox.put(lambda: self._note_applied(self.dispatcher.finished(*answer)))  # type: ignore[arg-type]

    def _on_looked_up(self, *answer: object) -> None:
        self._inbox.put(lambda: self.dispatcher.looked_up(*answer))  # type: ignore[arg-type]

    def _on_observed(self, observation: Observation) -> None:
        self._observation = observation
        self.pipeline.engine.set_input(CLOUD, observation.cloud)
        assign(self.pipeline.engine, self._settings, observation.objects.values())

    def _wait(self) -> None:
        """Wait until something happens or is due, and take in everything that did."""
        due = (self.dispatcher.next_due, self.desk.next_due, self.full_sync.next_due)
        times = [time for time in due if time is not None]
        self.turned_at = self._world.pace.clock()
        patience = max(0.0, min([*times, self.turned_at + LONGEST_WAIT]) - self.turned_at)
        try:
            self._inbox.get(timeout=patience)()
            while not self._inbox.empty():
                self._inbox.get()()
        except queue.Empty:
            return

    # One pass.

    def _look(self) -> None:
        """Take in what is new, and bring everything that follows from it up to date."""
        if self._changes:
            changes, self._changes = self._changes, []
            touched = self.pipeline.apply(changes)
            self.desk.seen(touched)
            self._to_report |= touched
        self.full_sync.start_if_due(self.dispatcher.begin_observation, self._on_observed)
        if not self.is_informed:
            return
        self._refresh()
        self.dispatcher.protect(protection_for(self._doubts()))
        if self._observation is not None:
            self.dispatcher.adopt(self._observation.objects, (str(name) for name, _ in self.pipeline.trees.values()))
            self._to_report.update(self.pipeline.source_refs())
            self._observation, self._is_observed = None, True

    def _act(self) -> None:
        """Plan and apply what is due, and report."""
        if self._is_observed:
            self.dispatcher.start_due()
            self.desk.retry_due()
            self._report()

    def _doubts(self) -> Iterator[Doubt]:
        yield from self.pipeline.doubts()
        if reason := self._world.cluster.incompleteness():
            yield Doubt(reason)

    def _refresh(self) -> None:
        refreshed = self.pipeline.refresh()
        self.dispatcher.touch(refreshed.trees)
        self._to_report |= refreshed.sources
        for host in refreshed.hosts:
            model = self.pipeline.hosts.value(host)
            self._to_report.update(model.sources if model else ())

    def _desired_of(self, tree: str) -> Mapping[AviRef, AviObject]:
        found = self.pipeline.trees.value(tree)
        return found.objects if found is not None else {}

    def _note_applied(self, applied: Applied | None) -> None:
        """Have those told who waited for it; a new address concerns all hosts of its tree."""
        if applied is None:
            return
        has_new_address = any(isinstance(op, Create) and op.ref.type == "vsvip" for op in applied.succeeded)
        for name in applied.trees:
            self._to_report |= self._not_live.pop(name, set())
            tree = self.pipeline.trees.value(name) if has_new_address or applied.failed else None
            for placed in tree.hosts if tree else ():
                self._to_report.update(placed.sources)

    def _report(self) -> None:
        refs, self._to_report = self._to_report, set()
        for ref, outcome in self.outcomes.of(sorted(refs)):
            source = self.pipeline.source(ref)
            if source is None:
                self.announcer.forget(ref)
                self.desk.forget(ref)
                continue
            self.desk.tell(ref, self.announcer.news(ref, outcome.problems))
            self.desk.write(ref, self._plugins.report(source, outcome))
            self._remember_not_live(ref, outcome)

    def _remember_not_live(self, ref: ObjectRef, outcome: Outcome) -> None:
        for host in outcome.hosts:
            model = self.pipeline.hosts.value(host.host) if host.state is not HostState.LIVE else None
            if model is not None and model.translation is not None:
                self._not_live.setdefault(model.translation.parent.name, set()).add(ref)
