"""Metrics of Kubernetes: how each kind is followed, and what was written there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ako.core.control.families import by, counters, gauge
from ako.core.control.figures import Scrape
from ako.core.kube.sight import End, WatchReport
from ako.core.report.announcer import Written


def watching(reports: Sequence[WatchReport]) -> Iterator[Metric]:
    """Give a row for each watch."""
    up = GaugeMetricFamily("ako_watch_up", "1: the kind was listed, and its changes are told.", labels=["kind"])
    heard = GaugeMetricFamily(
        "ako_watch_last_heard_timestamp_seconds",
        "When anything came of the kind last, bookmarks included; 0: never.",
        labels=["kind"],
    )
    lost = GaugeMetricFamily(
        "ako_watch_lost_timestamp_seconds", "Since when nothing is heard of the kind; 0: it is.", labels=["kind"]
    )
    lists = CounterMetricFamily("ako_watch_lists", "How often the kind was read as a whole.", labels=["kind"])
    restarts = CounterMetricFamily(
        "ako_watch_restarts",
        "How often a watch was over, or could not begin, by reason.",
        labels=["kind", "reason"],
    )
    for report in reports:
        kind = str(report.kind)
        up.add_metric([kind], float(report.is_up))
        heard.add_metric([kind], report.heard_at)
        lost.add_metric([kind], report.lost_at)
        lists.add_metric([kind], report.lists)
        for end in End:
            restarts.add_metric([kind, end], report.ends.get(end, 0))
    yield from (up, heard, lost, lists, restarts)


def reporting(scrape: Scrape) -> Iterator[Metric]:
    """Say what became of statuses and Events."""
    figures = scrape.figures
    yield counters(
        "ako_status_writes", "Statuses that were sent to Kubernetes.", ("result",), by(figures.statuses, Written)
    )
    yield counters("ako_event_writes", "Events that were sent to Kubernetes.", ("result",), by(figures.events, Written))
    if scrape.state.works:
        yield gauge("ako_reports_waiting", "Statuses and Events that are not written yet.", figures.reports_waiting)
