"""Gathers what can be counted of a controller: the numbers are made where they arise, and only laid together here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ako.core.avi.session import Contact
from ako.core.base.backoff import Pace
from ako.core.base.faults import Faults
from ako.core.base.tally import Durations, Since
from ako.core.control.checks import Check
from ako.core.control.figures import Figures, Scrape, Timings
from ako.core.control.governance import Governance
from ako.core.control.reconcile import Reconciler
from ako.core.control.state import State
from ako.core.hooks.plugin_host import PluginHost
from ako.core.observe.full_sync import FullSync
from ako.core.report.status_desk import StatusDesk

PASSES = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0)


class Accounts:
    """Gives the figures of a controller; `take` on the thinking thread, `scrape` on any.

    Args:
        reconciler, desk, full_sync, governance, plugins: what is counted.
        pace: time.

    Attributes:
        passes: how long passes took.
        faults: of this program, in counting.
    """

    def __init__(
        self,
        reconciler: Reconciler,
        desk: StatusDesk,
        full_sync: FullSync,
        governance: Governance,
        plugins: PluginHost,
        pace: Pace,
    ) -> None:
        self.passes = Durations(PASSES, ())
        self.faults = Faults("metrics")
        self._reconciler = reconciler
        self._desk = desk
        self._full_sync = full_sync
        self._governance = governance
        self._pace = pace
        self._held = Since(pace.now)
        self._calls = plugins.calls
        self._plugins = tuple((plugin.name, plugin.distribution.rpartition(" ")[2]) for plugin in plugins.plugins)
        self._asked = plugins.asked
        self._taken = (State(), Figures())

    @property
    def done(self) -> Mapping[str, int]:
        """Give how many operations of each kind were carried out."""
        done: Counter[str] = Counter()
        for (kind, _), count in self._reconciler.dispatcher.done.items():
            done[kind.__name__] += count
        return done

    def take(self, state: State) -> None:
        """Take the figures as they are in this state, and keep them together for whoever asks.

        Should that fail by a fault of this program, those from before are told: nothing else may suffer by it.
        """
        with self.faults.contained("what is counted"):
            self._taken = (state, self._figures())

    def scrape(self, contact: Contact, checks: tuple[Check, ...]) -> Scrape:
        """Give all that metrics are made of."""
        state, figures = self._taken
        return Scrape(
            state=state,
            figures=figures,
            contact=contact,
            checks=checks,
            passes=Timings.of(self.passes),
            programming=Timings.of(self._reconciler.underway.durations),
            hooks=Timings.of(self._calls.durations),
            running=self._calls.running(),
            suspended=self._calls.suspensions.names,
            now=self._pace.now(),
        )

    def _figures(self) -> Figures:
        reconciler, dispatcher, sync = self._reconciler, self._reconciler.dispatcher, self._full_sync
        planner, underway = dispatcher.planner, reconciler.underway.waiting
        # What is tried again counts as refused until the answer is there: else whoever looks just then sees it mended.
        refused = max(len(planner.refused), self._taken[1].refused if dispatcher.is_busy else 0)
        age = 0.0 if underway.oldest is None else self._pace.clock() - underway.oldest
        return Figures(
            writes={(kind.__name__.lower(), of): count for (kind, of), count in dispatcher.done.items()},
            retries=dict(dispatcher.states.retries),
            refusals=dict(planner.refusals),
            refused=refused,
            failed_syncs=sync.failed_count,
            synced_at=sync.succeeded_at,
            sync_seconds=sync.seconds,
            sync_interval=reconciler.settings.ako_settings.full_sync_frequency,
            waiting=underway.count,
            waiting_since=0.0 if underway.oldest is None else self._pace.now() - age,
            held_since=self._held.note(is_so=bool(reconciler.held)),
            drift_found=dict(planner.drift.found),
            drift_repaired=dict(planner.drift.repaired),
            settings=self._governance.standing,
            statuses=dict(self._desk.written),
            events=dict(self._desk.announcer.written),
            reports_waiting=self._desk.waiting,
            expiries=() if reconciler.is_deleting else reconciler.expiries.read(),
            hosts=reconciler.reporter.census.hosts,
            ports=reconciler.reporter.census.ports,
            without_address=len(reconciler.observed.without_address),
            plugins=self._plugins,
            hooks=self._asked,
        )
