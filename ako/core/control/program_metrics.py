"""Metrics of this program: which it is, whether it works and is ready, what it does, and what goes wrong in it."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from ako.core.base import version
from ako.core.base.tally import Labels
from ako.core.control.families import by, counter, counters, gauge, gauges, histogram
from ako.core.control.figures import Scrape


def build() -> Iterator[Metric]:
    """Say which program this is."""
    found = version.build()
    labels: dict[Labels, float] = {(found["version"], found["python"]): 1}
    yield gauges("ako_build_info", "1, for the version of AKO and of Python.", ("version", "python"), labels)


def leading(scrape: Scrape) -> Iterator[Metric]:
    """Say whether this replica works, and how often that changed hands, where there is an election."""
    state = scrape.state
    yield gauge("ako_leader", "1 if this replica is the one that works, else 0.", state.works)
    if state.standing is not None:
        yield counter(
            "ako_lease_transitions",
            "How often the Lease went from one replica to another.",
            state.standing.transitions,
        )


def readiness(scrape: Scrape) -> Iterator[Metric]:
    """Say which conditions of readiness are met, and since when."""
    met: dict[Labels, float] = {(check.name,): float(check.is_met) for check in scrape.checks}
    since: dict[Labels, float] = {(check.name,): check.since for check in scrape.checks}
    yield gauges("ako_ready", "1: this condition of readiness is met, else 0.", ("check",), met)
    yield gauges("ako_ready_since_timestamp_seconds", "Since when that is as it is.", ("check",), since)


def settings(scrape: Scrape) -> Iterator[Metric]:
    """Say whether what is set is in force; nothing while it is not known what is set."""
    standing = scrape.figures.settings
    if standing.in_force is not None:
        yield gauge(
            "ako_settings_in_force",
            "1: the settings in force are those that ConfigMap, Secret and files say, else 0.",
            standing.in_force,
        )
    yield gauge(
        "ako_settings_rejected_since_timestamp_seconds",
        "Since when what they say cannot be used; 0: it can.",
        standing.rejected_at,
    )
    yield gauge(
        "ako_settings_restart_needed", "1: some of it takes effect at the next start only, else 0.", standing.waits
    )


def work(scrape: Scrape) -> Iterator[Metric]:
    """Say how work goes."""
    figures = scrape.figures
    yield counter("ako_passes", "Passes of the loop.", sum(row.count for row in scrape.passes.rows.values()))
    yield histogram("ako_pass_duration_seconds", "How long passes took.", (), scrape.passes)
    yield histogram(
        "ako_programming_duration_seconds",
        "From the moment a change of a Kubernetes object was heard until it was programmed, by kind.",
        ("source",),
        scrape.programming,
    )
    if scrape.state.knows_controller:
        yield gauge("ako_changes_waiting", "Objects whose changes are not programmed yet.", figures.waiting)
        yield gauge(
            "ako_changes_waiting_since_timestamp_seconds",
            "When the oldest of these changes was heard; 0: none waits.",
            figures.waiting_since,
        )


def faults(scrape: Scrape) -> Iterator[Metric]:
    """Say what goes wrong in this program and its plugins, and how long these take."""
    state, figures = scrape.state, scrape.figures
    yield gauges(
        "ako_plugin_info", "1, for each plugin that runs.", ("plugin", "version"), dict.fromkeys(figures.plugins, 1)
    )
    yield histogram(
        "ako_hook_duration_seconds",
        "How long a hook of a plugin took, less what it asked of other hooks.",
        ("plugin", "hook"),
        scrape.hooks,
    )
    hangs: dict[Labels, float] = dict.fromkeys(figures.hooks, 0.0)
    if scrape.running is not None:
        plugin, hook, seconds = scrape.running
        hangs[plugin, hook] = seconds
    yield gauges(
        "ako_plugin_hook_running_seconds",
        "For how long a hook has not answered; 0: nothing is asked of it, or for less than 2 seconds.",
        ("plugin", "hook"),
        hangs,
    )
    suspended: dict[Labels, float] = {(name,): float(name in scrape.suspended) for name, _ in figures.plugins}
    yield gauges(
        "ako_plugin_suspended",
        "1: this plugin did not answer in time and is not asked, else 0.",
        ("plugin",),
        suspended,
    )
    known = (*figures.hooks, *state.plugin_failures)
    failures: dict[Labels, float] = {key: state.plugin_failures.get(key, 0) for key in known}
    yield counters("ako_plugin_failures", "How often a plugin failed.", ("plugin", "hook"), failures)
    yield counters(
        "ako_faults",
        "Faults of this program, each contained, by what was at work.",
        ("stage",),
        by(state.faults, state.stages),
    )
