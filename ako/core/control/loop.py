"""The loop: one thread that thinks, others that watch, write and report.

Four things can happen, one at a time, and each arrives as a message:

* Kubernetes changed: the change goes into the store;
* an answer from the Avi Controller: to a write, to a look-up, or a complete observation;
* a status was written, or was not;
* a time has come: a retry, a full sync.

After every batch of messages comes one pass of the `Reconciler`.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ako.core.apply.worker import AviWorker
from ako.core.avi.errors import AviError
from ako.core.base.errors import AkoError
from ako.core.base.refs import AviRef, ObjectRef
from ako.core.control.governance import Governance
from ako.core.control.own_objects import KINDS, connection_of
from ako.core.control.preview import Preview
from ako.core.control.reconcile import Reconciler
from ako.core.control.state import State
from ako.core.control.world import World
from ako.core.engine.changes import Change
from ako.core.hooks.claims import Problem
from ako.core.hooks.outcome import Outcome
from ako.core.hooks.plugin_host import PluginHost
from ako.core.model.names import Names
from ako.core.observe.full_sync import FullSync, Observation
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Operation
from ako.core.report.status_desk import StatusDesk
from ako.core.settings import LoadedSettings, Settings

Message = Callable[[], None]
"""Something that happened, as what the thinking thread does about it."""

ATTEMPTS_ONCE = 3
"""How often a run that is to end by itself asks a Controller that does not answer."""

HOLD_OFF, LONGEST_HOLD_OFF = 0.003, 0.03
"""Seconds to wait for more changes after one came, each time and in all: what belongs together comes together."""

LONGEST_WAIT = 5.0
"""Seconds after which the loop goes round even if nothing happened, as a sign of life."""


class Controller:
    """Runs the pipeline until it is told to stop."""

    def __init__(self, loaded: LoadedSettings, plugins: PluginHost, world: World) -> None:
        settings = loaded.settings
        self._world = world
        self.plugins = plugins
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._changes: list[Change] = []
        self._is_stopping = False
        self.turned_at = world.pace.clock()
        self.session = world.connect(settings)
        self._pool = ThreadPoolExecutor(settings.ako.api.concurrency, "avi")
        self.desk = StatusDesk(world.cluster, world.pace, self._inbox.put)
        self.full_sync = FullSync(self.session, settings, self._pool, world.pace, self._inbox.put)
        self.reconciler = Reconciler(settings, plugins, self._worker(settings), self.desk, world.pace)
        self.governance = Governance(loaded, self.reconciler, self.desk, world)
        self.state = self._state()

    # Life.

    def run(self, *, once: bool = False) -> None:
        """Work until `stop` is called; with `once`, until nothing is left to do or the Controller does not answer."""
        if once:
            self.desk.announcer.grace = 0.0
        self._begin()
        try:
            while not self._is_stopping and not (once and (self.is_converged or self._has_given_up)):
                self._wait()
                self._look()
                self.reconciler.act()
                self.desk.send_due()
                self.governance.follow(self.full_sync)
                self.state = self._state()
        finally:
            self.close()

    def preview(self) -> Preview:
        """Give what would be done as everything stands now, and write nothing.

        Raises:
            AkoError: the Controller, or its cloud, could not be read.
        """
        self._begin()
        try:
            while not self.reconciler.is_observed:
                self._wait()
                self._look()
                if self.full_sync.needs_mending or self.full_sync.failures >= ATTEMPTS_ONCE:
                    raise AkoError(self.full_sync.failure)
            return self.reconciler.preview()
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
        self.session.close()

    @property
    def is_converged(self) -> bool:
        """Say whether nothing is left to do."""
        return self._inbox.empty() and not self._changes and self.reconciler.is_idle and self.desk.is_idle

    def _state(self) -> State:
        reconciler = self.reconciler
        store = reconciler.pipeline.store
        return State(
            is_observed=reconciler.is_observed,
            unread=tuple(f"{kind}: {reason}" for kind in store.kinds() if (reason := store.unread(kind))),
            sync_failure=self.full_sync.failure,
            full_syncs=self.full_sync.count,
            held=reconciler.held,
            elsewhere=reconciler.elsewhere,
            objects=+reconciler.observed.counts,
            problems=+self.desk.announcer.counts,
            plugin_failures=dict(self.plugins.failures),
            done=dict(reconciler.dispatcher.done),
        )

    def shortcomings(self) -> tuple[str, ...]:
        """Say why the Controller is not in line with the cluster; empty if it is."""
        failure = (self.full_sync.failure,) if self.full_sync.failure else ()
        return failure or self.reconciler.shortcomings()

    def left(self) -> tuple[AviRef, ...]:
        """Give what is on the Controller and is ours, or holds entries of ours."""
        return self.reconciler.left()

    def open_problems(self) -> tuple[Problem, ...]:
        """Give every fault of users' objects that stands."""
        return tuple(self.desk.announcer.open_problems)

    def explain(self) -> tuple[tuple[ObjectRef, Outcome], ...]:
        """Give what became of every source object."""
        return self.reconciler.reporter.explain()

    @property
    def _has_given_up(self) -> bool:
        dispatcher = self.reconciler.dispatcher
        if dispatcher.is_busy or self.desk.is_announcing:
            return False
        failures = max(self.full_sync.failures, dispatcher.failures)
        return failures >= ATTEMPTS_ONCE or self.full_sync.needs_mending or bool(self.reconciler.held)

    # Messages.

    def _begin(self) -> None:
        self._world.cluster.start([*self.plugins.watched, *KINDS], self._on_change)

    def _note_stop(self) -> None:
        self._is_stopping = True

    def _on_change(self, change: Change) -> None:
        self._inbox.put(lambda: self._changes.append(change))

    def _worker(self, settings: Settings) -> AviWorker:
        """Build a worker for the present session; its answers count as long as that is the session."""
        session = self.session

        def take(what: Message) -> None:
            self._inbox.put(lambda: what() if session is self.session else None)

        def on_written(operation: Operation, result: ObservedObject | AviError | None) -> None:
            take(lambda: self.reconciler.note_applied(self.reconciler.dispatcher.finished(operation, result)))

        def on_looked_up(ref: AviRef, result: ObservedObject | AviError | PermissionError | None) -> None:
            take(lambda: self.reconciler.dispatcher.looked_up(ref, result))

        names = Names(settings.ako_settings.cluster_name)
        return AviWorker(session, names, settings.controller_settings.cloud_name, self._pool, on_written, on_looked_up)

    def _on_observed(self, observation: Observation) -> None:
        self.reconciler.observe(observation)

    def _wait(self) -> None:
        """Wait until something happens or is due, and take in everything that did."""
        due = (self.reconciler.next_due, self.desk.next_due, self.full_sync.next_due)
        times = [time for time in due if time is not None]
        self.turned_at = self._world.pace.clock()
        patience = max(0.0, min([*times, self.turned_at + LONGEST_WAIT]) - self.turned_at)
        try:
            self._inbox.get(timeout=patience)()
            until = self._world.pace.clock() + LONGEST_HOLD_OFF
            while not self._inbox.empty() or (self._changes and self._world.pace.clock() < until):
                self._inbox.get(timeout=HOLD_OFF)()
        except queue.Empty:
            return

    def _look(self) -> None:
        """Take in what is new: changes, then settings that came with them; have the Controller read when it is due."""
        if self._changes:
            changes, self._changes = self._changes, []
            self.reconciler.take(changes)
            if (settings := self.governance.reload()) is not None:
                self._use(settings)
        self.full_sync.start_if_due(self.reconciler.dispatcher.knowledge.begin_observation, self._on_observed)
        self.reconciler.look(self._world.cluster.incompleteness())

    def _use(self, settings: Settings) -> None:
        """Go on with other settings; a session is opened anew only where it has to be."""
        if connection_of(settings) != connection_of(self.reconciler.settings):
            before, self.session = self.session, self._world.connect(settings)
            self.reconciler.start_over(self._worker(settings))
            before.close()
        self.full_sync.use(self.session, settings)
        self.reconciler.use(settings)
