"""The loop: one thread that thinks, others that watch, write and report.

Four things can happen, one at a time, and each arrives as a message:

* Kubernetes changed: the change goes into the store; or a file with settings;
* an answer from the Avi Controller: to a write, to a look-up, or a complete observation;
* a status was written, or was not;
* a time has come: a retry, a full sync.

After every batch of messages comes one pass of the `Reconciler`. Batches are bounded, so that something always comes of
them. A fault of this program costs the message, or the part of the pass, that it is in; what may be lost by it is found
by reading the Controller and comparing everything.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ako.core.apply.uncertain import is_loss
from ako.core.apply.worker import AviWorker
from ako.core.avi.errors import AviError, AviForbidden
from ako.core.avi.line import Line
from ako.core.avi.session import AviSession
from ako.core.base.errors import AkoError
from ako.core.base.faults import Faults
from ako.core.base.refs import AviRef, ObjectRef
from ako.core.control.accounts import Accounts
from ako.core.control.checks import SHUTDOWN, Check, Readiness, checks_of
from ako.core.control.config_watch import ConfigWatch
from ako.core.control.election import Standing
from ako.core.control.ending import LONGEST_END, within
from ako.core.control.governance import Governance
from ako.core.control.intake import Intake
from ako.core.control.office import Office
from ako.core.control.own_objects import connection_of, kinds_in, unread
from ako.core.control.pass_lines import PassLines
from ako.core.control.plugin_watch import PluginWatch
from ako.core.control.preview import Preview
from ako.core.control.questions import Questions
from ako.core.control.reconcile import Reconciler
from ako.core.control.showing import Showing
from ako.core.control.stage import Stage
from ako.core.control.state import State
from ako.core.control.sync_lines import SyncLines
from ako.core.control.world import Message, World
from ako.core.engine.changes import Change
from ako.core.hooks.claims import Problem
from ako.core.hooks.outcome import Outcome
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.selection import why_needed
from ako.core.observe.full_sync import FullSync
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Operation
from ako.core.report.status_desk import StatusDesk
from ako.core.settings import ConfigTexts, LoadedSettings, Settings

_log = logging.getLogger(__name__)

ATTEMPTS_ONCE = 3
"""How often a run that is to end by itself asks a Controller that does not answer."""

WAIT_BESIDE_FAULT = 0.1
"""Seconds to wait at least while a part of each turn is left out: what is due for it cannot be done."""

LONGEST_WAIT = 5.0
"""Seconds after which the loop goes round even if nothing happened, as a sign of life."""


class Controller:
    """Runs the pipeline until it is told to stop."""

    def __init__(self, loaded: LoadedSettings, plugins: PluginHost, world: World) -> None:
        settings = loaded.settings
        self._world = world
        self.plugins = plugins
        self._inbox = world.inbox
        self._changes: list[Change] = []
        self._is_stopping = self._is_told_to_stop = False
        self._steps = 0
        self.office = Office(
            world.replica, world.fence, settings, lambda standing: self._inbox.put(lambda: self._stand(standing))
        )
        self._line = self._connect(settings)
        self.desk = StatusDesk(world.cluster, world.pace, self._inbox.put)
        self.full_sync = FullSync(self._line, settings, world.pace, self._inbox.put, plugins.declared)
        self.reconciler = Reconciler(settings, plugins, self._worker(settings), self.desk, world.pace)
        self.governance = Governance(loaded, self.reconciler, self.desk, world)
        self._config_watch = ConfigWatch(world.config_files)
        self._passes = PassLines(self.reconciler, world.pace.clock)
        self._hooks = PluginWatch(plugins, self.reconciler.pipeline, world.pace.clock)
        self._syncs = SyncLines(self.reconciler, world.pace.clock)
        self._intake = Intake(self._inbox, world.pace.clock, self.full_sync.suspect)
        self.questions = Questions(self._inbox.put, self.reconciler, lambda: self.state)
        self._reconciling = Stage("reconcile", self._reconcile, world.pace)
        self._telling = Stage("tell", self._tell, world.pace)
        self.accounts = Accounts(self.reconciler, self.desk, self.full_sync, self.governance, plugins, world.pace)
        self.showing = Showing(self.reconciler, self.governance, self._passes, self.desk, plugins, world.pace)
        self.state = self._state()
        self.accounts.take(self.state)
        self.readiness = Readiness(self._checks, world.pace)
        self.showing.follow(self.state, ())  # nothing was tried yet that a check could tell of

    # Life.

    def run(self, *, once: bool = False) -> None:
        """Work until `stop` is called; with `once`, until nothing is left to do or the Controller does not answer."""
        if once:
            self.desk.announcer.grace = 0.0
        self._begin()
        try:
            with self._hooks.limited(goes_on=not once):
                while not self._is_stopping and not (once and (self.is_converged or self._has_given_up)):
                    self._wait()
                    self._turn()
        finally:
            self.close()

    def preview(self) -> Preview:
        """Give what would be done as everything stands now, and write nothing.

        Raises:
            AkoError: the Controller, or its cloud, could not be read.
        """
        with self.looking():
            return self.reconciler.preview()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Read everything, and write nothing; meanwhile it may be asked.

        Raises:
            AkoError: the Controller, or its cloud, could not be read.
        """
        self._begin()
        try:
            with self._hooks.limited():
                while not self.reconciler.is_observed:
                    self._wait()
                    self._look()
                    self._read_if_due()
                    if self.full_sync.needs_mending or self.full_sync.failures >= ATTEMPTS_ONCE:
                        raise AkoError(self.full_sync.failure)
                self.state = self._state()
                yield
        finally:
            self.close()

    def stop(self) -> None:
        """Ask the loop to end after the writes in hand; may be called from a signal handler or another thread."""
        self._is_told_to_stop = True
        self.plugins.calls.end()
        self._inbox.put(self._note_stop)

    def close(self) -> None:
        """Let the writes in hand come to their end, or have had the time for it, then let everything go."""
        self.showing.overview.end()
        self._config_watch.stop()
        self._world.cluster.stop()
        fence = self._world.fence
        has_ended = within(LONGEST_END, self._line.close, self.desk.close, is_writing=lambda: fence.is_busy)
        if not has_ended and fence.is_busy:
            _log.warning("ending, though something under way has had no answer for %.0f s", LONGEST_END)
        self.office.close()

    @property
    def session(self) -> AviSession:
        """Give the session with the Controller of the settings in force."""
        return self._line.session

    @property
    def progress(self) -> int:
        """Give a number that grows as long as the thinking thread gets anywhere; any thread may ask."""
        reconciler = self.reconciler
        worked_out, planned = reconciler.pipeline.engine.steps, reconciler.dispatcher.planner.steps
        return self._steps + self._intake.steps + worked_out + planned + reconciler.reporter.steps

    @property
    def is_converged(self) -> bool:
        """Say whether nothing is left to do."""
        return self._inbox.empty() and not self._changes and self.reconciler.is_idle and self.desk.is_idle

    def _state(self) -> State:
        reconciler = self.reconciler
        return State(
            is_observed=reconciler.is_observed,
            unread=tuple(unread(reconciler.pipeline.store, are_needed=bool(why_needed(reconciler.settings)))),
            watches=self._world.cluster.watch_reports(),
            sync_failure=self.full_sync.failure,
            full_syncs=self.full_sync.count,
            held=reconciler.held,
            namesakes=reconciler.namesakes,
            tenants=reconciler.tenants.faults,
            elsewhere=reconciler.elsewhere,
            objects=+reconciler.observed.counts,
            in_tenants=reconciler.observed.in_tenants,
            problems=+self.desk.announcer.counts,
            plugin_failures=dict(self.plugins.calls.failures),
            done=self.accounts.done,
            standing=self.office.standing,
            works=self.office.works,
            hazard=self.office.hazard,
            faults={faults.stage: faults.count for faults in self._faults if faults.count},
            stages=tuple(faults.stage for faults in self._faults),
        )

    def _checks(self) -> list[Check]:
        session, patience = self.session, self.reconciler.settings.ako.watch.blind_ready_seconds
        checks = checks_of(self.state, session.last_error, float(patience), is_connected=session.connected)
        return [*checks, SHUTDOWN] if self._is_told_to_stop else checks

    @property
    def _faults(self) -> tuple[Faults, ...]:
        told = (self._telling.faults, self.accounts.faults, self.questions.faults, self.showing.faults)
        return (self._intake.faults, self._reconciling.faults, *told, *self.reconciler.faults)

    def shortcomings(self) -> tuple[str, ...]:
        """Say why the Controller is not in line with the cluster; empty if it is."""
        failure = (self.full_sync.failure,) if self.full_sync.failure else ()
        resting = any(stage.is_resting for stage in (self._reconciling, self._telling))
        fault = ("a fault of this program is in the way; see the log",) if resting else ()
        return failure or (*fault, *self.reconciler.shortcomings())

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
        faults = max(self._reconciling.faults.count, self._telling.faults.count)
        failures = max(self.full_sync.failures, dispatcher.failures, faults)
        return failures >= ATTEMPTS_ONCE or self.full_sync.needs_mending or bool(self.reconciler.held)

    # Messages.

    def _begin(self) -> None:
        self._world.cluster.start(
            [*self.plugins.watched, *kinds_in(self._world.namespace, self._world.secret)], self._on_change
        )
        self._config_watch.start(self._on_files)

    def _note_stop(self) -> None:
        self._is_stopping = True

    def _on_change(self, change: Change) -> None:
        heard_at = self._world.pace.clock()
        self._inbox.put(lambda: self._take_in(change, heard_at))

    def _take_in(self, change: Change, heard_at: float) -> None:
        self._changes.append(change)
        self.reconciler.underway.heard(change, heard_at)

    def _on_files(self, files: ConfigTexts) -> None:
        self._inbox.put(lambda: self.governance.take_files(files))

    def _connect(self, settings: Settings) -> Line:
        """Open a line; what it says of its Controller counts as long as that is ours."""

        def suspect() -> None:
            if line is self._line:
                self.full_sync.suspect()

        session = self._world.connect(settings, lambda: self._inbox.put(suspect))
        line = Line(session, settings.ako.api.concurrency)
        return line

    def _worker(self, settings: Settings) -> AviWorker:
        """Build a worker for the present line; its answers count as long as that is the line."""
        line = self._line

        def take(what: Message) -> None:
            self._inbox.put(lambda: what() if line is self._line else None)

        def on_written(operation: Operation, result: ObservedObject | AviError | None) -> None:
            take(lambda: self._written(operation, result))

        def on_looked_up(ref: AviRef, result: ObservedObject | AviError | PermissionError | None) -> None:
            take(lambda: self._looked_up(ref, result))

        return AviWorker(line, settings, on_written, on_looked_up, self.plugins.declared.fields)

    def _written(self, operation: Operation, result: ObservedObject | AviError | None) -> None:
        is_lost = is_loss(operation, result, self.reconciler.observed)
        if is_lost or (operation.ref.tenant and isinstance(result, AviForbidden)):
            self.full_sync.suspect()  # something of what we know is gone, or a tenant or our role in it
        self.reconciler.note_applied(self.reconciler.dispatcher.finished(operation, result))

    def _looked_up(self, ref: AviRef, result: ObservedObject | AviError | PermissionError | None) -> None:
        if result is None and ref in self.reconciler.observed:
            self.full_sync.suspect()
        self.reconciler.dispatcher.looked_up(ref, result)

    def _wait(self) -> None:
        """Wait until something happens or is due, and take in what did."""
        due = (self.reconciler.next_due, self.desk.next_due, self.full_sync.next_due) if self.office.works else ()
        now, times = self._world.pace.clock(), [time for time in (*due, self._hooks.next_due) if time is not None]
        least = WAIT_BESIDE_FAULT if self._reconciling.is_resting or self._telling.is_resting else 0.0
        self._intake.wait(max(least, min([*times, now + LONGEST_WAIT]) - now), lambda: self._changes)

    # Turns.

    def _turn(self) -> None:
        self._steps += 1
        began = self._world.pace.clock()
        if not self._reconciling.run():
            self.full_sync.suspect()
        self._read_if_due()
        self._steps += 1
        self._telling.run()
        # Whoever asks for a check later is told of the moment at which it changed, which is noted here.
        self.showing.follow(self.state, self.readiness.checks())
        self.questions.answer_all()
        self.accounts.passes.observe(self._world.pace.clock() - began)

    def _read_if_due(self) -> None:
        """Have the Controller read when it is time; what was read before has been taken over by then."""
        if self.office.works:
            self.full_sync.start_if_due(self.reconciler.begin_observation, self.reconciler.observe)

    def _reconcile(self) -> None:
        self._look()
        if self._is_told_to_stop:  # and plugins are not asked any more, which is nobody's business
            return
        self.reconciler.act()
        self._passes.follow(self.full_sync.count)
        self._hooks.end_pass()

    def _tell(self) -> None:
        self.state = self._state()
        self.accounts.take(self.state)
        if not self.office.works:
            return
        self.desk.send_due()
        self._syncs.follow(self.full_sync)
        self.governance.follow(self.full_sync, self.state.watches)

    def _look(self) -> None:
        """Take in what is new: changes, then settings, be they of objects that changed or of files."""
        if self._changes:
            changes, self._changes = self._changes, []
            self.reconciler.take(changes)
            self.office.consider(self.governance.own)
            if not self.office.works:
                self.reconciler.stand_by()
        if (settings := self.governance.reload()) is not None:
            self._use(settings)
        self._hooks.begin_pass(self.reconciler.reporter.concern_all)
        self.reconciler.look(self._world.cluster.incompleteness())
        self._hooks.check()
        if self.reconciler.is_outdated and not self.full_sync.is_owed:
            self.full_sync.request()

    def _use(self, settings: Settings) -> None:
        """Go on with other settings; a session is opened anew only where it has to be."""
        if connection_of(settings) != connection_of(self.reconciler.settings):
            self._start_over(settings)
        self.full_sync.use(self._line, settings)
        self.reconciler.use(settings)

    def _start_over(self, settings: Settings) -> None:
        """Forget what is known of the Controller and what is under way; go on over a session of its own."""
        before, self._line = self._line, self._connect(settings)
        self._passes.forget()
        self.reconciler.start_over(self._worker(settings))
        before.leave()

    def _stand(self, standing: Standing) -> None:
        """Begin to work, or stop: another replica may have written in between, or will."""
        if self.office.follow(standing):
            self.desk.drop()
            if not self.office.works:
                self.reconciler.stand_by()
            self._start_over(self.reconciler.settings)
            self.full_sync.use(self._line, self.reconciler.settings)
