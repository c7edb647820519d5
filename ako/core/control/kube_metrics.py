"""Metrics of Kubernetes: how each kind is followed, and what was written there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import Metric

from ako.core.base.tally import Labels
from ako.core.control.families import by, counters, gauge, gauges
from ako.core.control.figures import Scrape
from ako.core.kube.sight import End, WatchReport
from ako.core.report.announcer import Written

_KIND = ("kind",)


def watching(reports: Sequence[WatchReport]) -> Iterator[Metric]:
    """Give a row for each watch."""

    def of_each(read: Callable[[WatchReport], float]) -> dict[Labels, float]:
        return {(str(report.kind),): read(report) for report in reports}

    yield gauges(
        "ako_watch_up", "1: the kind was listed, and its changes are told.", _KIND, of_each(lambda one: one.is_up)
    )
    yield gauges(
        "ako_watch_last_heard_timestamp_seconds",
        "When anything came of the kind last, bookmarks included; 0: never.",
        _KIND,
        of_each(lambda one: one.heard_at),
    )
    yield gauges(
        "ako_watch_lost_timestamp_seconds",
        "Since when nothing is heard of the kind; 0: it is.",
        _KIND,
        of_each(lambda one: one.lost_at),
    )
    yield counters("ako_watch_lists", "How often the kind was read as a whole.", _KIND, of_each(lambda one: one.lists))
    yield counters(
        "ako_watch_restarts",
        "How often a watch was over, or could not begin, by reason.",
        (*_KIND, "reason"),
        {(str(report.kind), end): report.ends.get(end, 0) for report in reports for end in End},
    )


def reporting(scrape: Scrape) -> Iterator[Metric]:
    """Say what became of statuses and Events."""
    figures = scrape.figures
    yield counters(
        "ako_status_writes", "Statuses that were sent to Kubernetes.", ("result",), by(figures.statuses, Written)
    )
    yield counters("ako_event_writes", "Events that were sent to Kubernetes.", ("result",), by(figures.events, Written))
    if scrape.state.works:
        yield gauge("ako_reports_waiting", "Statuses and Events that are not written yet.", figures.reports_waiting)
