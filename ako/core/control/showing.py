"""Shows how things are after each turn of the loop: what becomes of each host, what was done, what waits."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from ako.core.base.backoff import Pace
from ako.core.base.faults import Faults
from ako.core.base.moment import rfc3339
from ako.core.control.checks import Check
from ako.core.control.governance import Governance
from ako.core.control.pass_lines import PassLines
from ako.core.control.reconcile import Reconciler
from ako.core.control.state import State
from ako.core.control.waits import Waits
from ako.core.hooks.plugin_host import PluginHost
from ako.core.overview.activity import Activity
from ako.core.overview.overview import Overview
from ako.core.report.status_desk import StatusDesk


class CheckTold(Struct, frozen=True):
    """A condition of readiness; `since` in RFC 3339."""

    name: str
    is_met: bool
    detail: str
    remedy: str
    since: str


class Showing:
    """Keeps the picture of all hosts up to date; runs on the thinking thread.

    Args:
        reconciler: whose hosts.
        governance: knows what the operator is told.
        passes: follows passes.
        desk, plugins: may hold something up.
        pace: time.

    Attributes:
        overview: what others see.
        faults: of this program, in showing.
    """

    def __init__(
        self,
        reconciler: Reconciler,
        governance: Governance,
        passes: PassLines,
        desk: StatusDesk,
        plugins: PluginHost,
        pace: Pace,
    ) -> None:
        self.overview = Overview(reconciler.pipeline, reconciler.observed)
        self.faults = Faults("overview")
        self._activity = Activity()
        self._waits = Waits(reconciler, governance.bulletin, desk, plugins, pace)
        reconciler.reporter.on_told = self.overview.note
        reconciler.on_trees = self.overview.touch
        passes.on_over, governance.on_drift = self._activity.pass_over, self._activity.drifted

    def follow(self, state: State, checks: Iterable[Check]) -> None:
        """Show how things are in this state; a fault of this program in that costs nothing else."""
        with self.faults.contained("what is shown"):
            self.overview.show(
                {
                    "works": state.works,
                    "passes": self._activity.passes,
                    "waits": self._waits.told(state),
                    "drift": self._activity.drifts,
                    "checks": tuple(map(_told, checks)),
                },
                works=state.works,
            )


def _told(check: Check) -> CheckTold:
    return CheckTold(check.name, check.is_met, check.detail, check.remedy, rfc3339(check.since))
