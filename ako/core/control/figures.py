"""What can be counted of a controller at the end of a pass: what only metrics tell of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ako.core.apply.retries import Retry
from ako.core.avi.session import Contact
from ako.core.base.tally import Distribution, Durations, Labels
from ako.core.control.checks import Check
from ako.core.control.governance import SettingsStanding
from ako.core.control.state import State
from ako.core.plan.left_out import RefusalReason
from ako.core.report.announcer import Written
from ako.core.report.census import Counts


class Figures(Struct, frozen=True, kw_only=True):
    """Numbers from one moment; of counts, all since the process began.

    Attributes:
        writes: operations that were carried out, by action and Avi type.
        retries: how often something was to be tried again, by reason.
        refusals: how often an object was refused, by reason.
        refused: how many objects are refused now.
        failed_syncs: full syncs that failed.
        synced_at: when the last good one of this Controller ended, in seconds since 1970; 0: none has.
        sync_seconds: how long it took.
        sync_interval: seconds between two; 0: there is none after the first.
        waiting: changes that are on their way to the Controller.
        waiting_since: when the oldest was heard, in seconds since 1970; 0: none waits.
        held_since: since when a plan is held, in seconds since 1970; 0: none is.
        drift_found: objects that somebody else changed, by type.
        drift_repaired: those of them that were repaired, by type.
        settings: whether what ConfigMap, Secret and files say is in force.
        statuses: what became of statuses that were sent.
        events: what became of Events that were sent.
        reports_waiting: statuses and Events that are not written yet.
        expiries: when certificates end, soonest first, in seconds since 1970.
        hosts: how many are served, and are not.
        ports: how many port claims are served, and are not.
        without_address: VsVips without an address.
        plugins: (name, version) of each that runs.
        hooks: (plugin, hook) of each that may fail.
    """

    writes: Mapping[Labels, int] = {}
    retries: Mapping[Retry, int] = {}
    refusals: Mapping[RefusalReason, int] = {}
    refused: int = 0
    failed_syncs: int = 0
    synced_at: float = 0.0
    sync_seconds: float = 0.0
    sync_interval: float = 0.0
    waiting: int = 0
    waiting_since: float = 0.0
    held_since: float = 0.0
    drift_found: Mapping[str, int] = {}
    drift_repaired: Mapping[str, int] = {}
    settings: SettingsStanding = SettingsStanding()
    statuses: Mapping[Written, int] = {}
    events: Mapping[Written, int] = {}
    reports_waiting: int = 0
    expiries: tuple[int, ...] = ()
    hosts: Counts = Counts()
    ports: Counts = Counts()
    without_address: int = 0
    plugins: tuple[tuple[str, str], ...] = ()
    hooks: tuple[tuple[str, str], ...] = ()


class Timings(Struct, frozen=True):
    """Durations by labels, with the bounds of their buckets in seconds."""

    bounds: tuple[float, ...] = ()
    rows: Mapping[Labels, Distribution] = {}

    @classmethod
    def of(cls, durations: Durations) -> Timings:
        """Give what was measured so far."""
        return cls(durations.bounds, durations.read())


class Scrape(Struct, frozen=True, kw_only=True):
    """All that metrics are made of, as it is when somebody asks for them.

    Attributes:
        state: of the controller, at the end of its last pass.
        figures: likewise.
        contact: with the Avi Controller.
        checks: the conditions of readiness.
        passes: how long passes took.
        programming: from a change to the programmed object, by kind.
        hooks: how long each hook of each plugin took.
        running: plugin, hook and seconds of a hook that has not answered for long.
        suspended: the plugins that are not asked.
        now: the time of day, in seconds since 1970.
    """

    state: State = State()
    figures: Figures = Figures()
    contact: Contact = Contact()
    checks: tuple[Check, ...] = ()
    passes: Timings = Timings()
    programming: Timings = Timings()
    hooks: Timings = Timings()
    running: tuple[str, str, float] | None = None
    suspended: frozenset[str] = frozenset()
    now: float = 0.0
