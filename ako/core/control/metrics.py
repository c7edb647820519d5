"""All metrics of one process, in the text format of Prometheus.

What is told at one scrape is made at that scrape, from values that do not change any more: no series outlives what it
was about, and what is not known has none. Labels are kinds, types, plugins, tenants and words of closed lists, never
hosts or objects. `docs/metrics.md` lists all of them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ako.core.base.tally import Durations
from ako.core.control import avi_metrics, kube_metrics, program_metrics, served_metrics
from ako.core.control.figures import Scrape, Timings

REQUESTS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Takes note of each request to the Controller, and gives the exposition."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, ...]] = Counter()
        self._seconds = Durations(REQUESTS)
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        PlatformCollector(registry=self._process)
        GCCollector(registry=self._process)

    def observe_request(self, method: str, avi_type: str, status: int, seconds: float) -> None:
        """Count a request to the Avi Controller."""
        with self._lock:
            self._requests[method, avi_type, str(status)] += 1
        self._seconds.observe(seconds, method)

    def exposition(self, scrape: Scrape) -> bytes:
        """Give all metrics in the text format of Prometheus."""
        registry = CollectorRegistry()
        registry.register(_Families(tuple(self._families(scrape))))
        return generate_latest(registry) + generate_latest(self._process)

    def _families(self, scrape: Scrape) -> Iterator[Metric]:
        with self._lock:
            requests = {labels: float(count) for labels, count in self._requests.items()}
        yield from program_metrics.build()
        yield from program_metrics.leading(scrape)
        yield from program_metrics.readiness(scrape)
        yield from program_metrics.settings(scrape)
        yield from program_metrics.work(scrape)
        yield from served_metrics.served(scrape)
        yield from served_metrics.holding(scrape)
        yield from avi_metrics.contact(scrape)
        yield from avi_metrics.traffic(requests, Timings.of(self._seconds))
        yield from avi_metrics.writing(scrape)
        yield from avi_metrics.syncing(scrape)
        yield from avi_metrics.contents(scrape)
        yield from kube_metrics.watching(scrape.state.watches)
        yield from kube_metrics.reporting(scrape)
        yield from program_metrics.faults(scrape)


class _Families(Collector):
    """Families of one scrape."""

    def __init__(self, families: tuple[Metric, ...]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Give them."""
        return iter(self._families)
