"""How each kind is followed, as metrics: a row for each watch, whatever a scrape finds."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ako.core.kube.sight import End, WatchReport


class WatchMetrics(Collector):
    """Turns reports into metrics whenever somebody scrapes.

    Attributes:
        reports: how each kind was followed at the end of the last pass.
    """

    def __init__(self) -> None:
        self.reports: tuple[WatchReport, ...] = ()

    def collect(self) -> Iterator[Metric]:
        """Give a family for each question."""
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
        for report in self.reports:
            kind = str(report.kind)
            up.add_metric([kind], float(report.is_up))
            heard.add_metric([kind], report.heard_at)
            lost.add_metric([kind], report.lost_at)
            lists.add_metric([kind], report.lists)
            for end in End:
                restarts.add_metric([kind, end], report.ends.get(end, 0))
        yield from (up, heard, lost, lists, restarts)
