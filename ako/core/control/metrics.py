"""Counters and gauges for Prometheus. Labels are kinds, plugins and results, never hosts or object names."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """All metrics of one process."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._requests = Counter(
            "ako_avi_requests",
            "Requests to the Avi Controller; status 0: no answer.",
            ("method", "type", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "ako_avi_request_seconds", "Duration of requests to the Avi Controller.", ("method",), registry=registry
        )
        self.objects = Gauge("ako_avi_objects", "Our objects on the Avi Controller.", ("type",), registry=registry)
        self.problems = Gauge("ako_problems", "Faults in users' objects, by reason.", ("reason",), registry=registry)
        self.plugin_failures = Gauge(
            "ako_plugin_failures", "How often a plugin raised.", ("plugin", "hook"), registry=registry
        )
        self.faults = Gauge(
            "ako_faults", "Faults of this program, each contained, by what was at work.", ("stage",), registry=registry
        )
        self.leader = Gauge("ako_leader", "1 if this replica is the one that works, else 0.", registry=registry)
        self.lease_transitions = Gauge(
            "ako_lease_transitions", "How often the Lease went from one replica to another.", registry=registry
        )
        self.full_syncs = Gauge("ako_full_syncs", "Complete observations of the Avi Controller.", registry=registry)
        self.held = Gauge(
            "ako_guard_held", "Hosts and Services whose deletion waits for being confirmed.", registry=registry
        )
        self.odd = Gauge(
            "ako_guard_odd_virtual_services",
            "Virtual services of ours that this program would never make; while there are any, nothing is deleted.",
            registry=registry,
        )
        self.namesakes = Gauge(
            "ako_avi_objects_of_namesakes",
            "Objects on the Avi Controller that belong to another cluster of our clusterName.",
            registry=registry,
        )

    def observe_request(self, method: str, avi_type: str, status: int, seconds: float) -> None:
        """Count a request to the Avi Controller."""
        self._requests.labels(method, avi_type, str(status)).inc()
        self._seconds.labels(method).observe(seconds)

    def exposition(self) -> bytes:
        """Give all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)
