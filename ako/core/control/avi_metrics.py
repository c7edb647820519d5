"""Metrics of the Avi Controller: what is there, what was asked of it, and what came of that."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from ako.core.apply.retries import Retry
from ako.core.control.families import bounded, by, counters, gauge, gauges, histogram
from ako.core.control.figures import Scrape, Timings
from ako.core.plan.left_out import RefusalReason


def contact(scrape: Scrape) -> Iterator[Metric]:
    """Say whether the Controller answers; a replica that stands by does not ask it."""
    if scrape.state.works:
        yield gauge("ako_avi_up", "1: the Avi Controller answers and we are logged in, else 0.", scrape.contact.is_up)
        yield gauge(
            "ako_avi_state_since_timestamp_seconds",
            "Since when that is as it is; 0: it has not been asked yet.",
            scrape.contact.since,
        )


def traffic(requests: dict[tuple[str, ...], float], seconds: Timings) -> Iterator[Metric]:
    """Say what was asked, and how long answers took."""
    yield counters(
        "ako_avi_requests",
        "Requests to the Avi Controller, by HTTP status; 0: no answer.",
        ("method", "type", "status"),
        requests,
    )
    yield histogram(
        "ako_avi_request_duration_seconds", "How long requests to the Avi Controller took.", ("method",), seconds
    )


def writing(scrape: Scrape) -> Iterator[Metric]:
    """Say what was written, tried again and refused."""
    figures = scrape.figures
    yield counters(
        "ako_avi_writes",
        "Objects that were created, updated or deleted on the Avi Controller.",
        ("action", "type"),
        dict(figures.writes),
    )
    yield counters(
        "ako_avi_retries",
        "How often the plan of a virtual service was to be tried again, by reason.",
        ("reason",),
        by(figures.retries, Retry),
    )
    yield counters(
        "ako_avi_refusals",
        "How often the Avi Controller would not take an object as it is wanted, by reason.",
        ("reason",),
        by(figures.refusals, RefusalReason),
    )
    for name, text, counts in (
        ("ako_drift_found", "Objects that somebody else changed, as found by full syncs.", figures.drift_found),
        ("ako_drift_repaired", "Objects that somebody else changed and that were repaired.", figures.drift_repaired),
    ):
        yield counters(name, text, ("type",), by(counts))


def syncing(scrape: Scrape) -> Iterator[Metric]:
    """Say how full syncs go."""
    state, figures = scrape.state, scrape.figures
    results = {"done": state.full_syncs, "failed": figures.failed_syncs}
    yield counters("ako_full_syncs", "Complete observations of the Avi Controller.", ("result",), by(results))
    yield gauge(
        "ako_full_sync_interval_seconds",
        "Seconds between two full syncs, as set; 0: there is none after the first.",
        figures.sync_interval,
    )
    if state.works:
        yield gauge(
            "ako_full_sync_last_success_timestamp_seconds",
            "When the last good full sync of this Avi Controller ended; 0: there was none.",
            figures.synced_at,
        )
        yield gauge("ako_full_sync_last_duration_seconds", "How long it took; 0: there was none.", figures.sync_seconds)


def contents(scrape: Scrape) -> Iterator[Metric]:
    """Say what is there; nothing before it has been read."""
    state, figures = scrape.state, scrape.figures
    if not state.knows_controller:
        return
    yield gauges("ako_avi_objects", "Our objects on the Avi Controller.", ("type",), by(state.objects))
    yield gauges(
        "ako_avi_tenant_objects",
        "Our objects in tenants that Namespaces name, beside that of the settings.",
        ("tenant",),
        by(bounded(state.in_tenants)),
    )
    yield gauge("ako_avi_tenants_unread", "Tenants that could not be read in the last full sync.", len(state.tenants))
    yield gauge(
        "ako_avi_objects_of_namesakes",
        "Objects on the Avi Controller that belong to another cluster of our clusterName.",
        sum(len(namesake.objects) for namesake in state.namesakes),
    )
    yield gauge("ako_avi_refused", "Objects that the Avi Controller will not take as they are wanted.", figures.refused)
    yield gauge(
        "ako_virtual_services_without_address",
        "Virtual services (VsVips) of ours that have no address.",
        figures.without_address,
    )
