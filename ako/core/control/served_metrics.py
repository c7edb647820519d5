"""Metrics of what users ask for: who is served, who is not and why, and for how long certificates last."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from prometheus_client.core import Metric

from ako.core.control.families import bounded, by, gauge, gauges
from ako.core.control.figures import Scrape

DAY = 86400.0
EXPIRY = (("expired", 0.0), ("1d", DAY), ("7d", 7 * DAY), ("30d", 30 * DAY), ("90d", 90 * DAY))
"""Which certificates are counted under which word: those that end within so many seconds, and under no word before."""


def served(scrape: Scrape) -> Iterator[Metric]:
    """Say who is served, as far as that is known: not before the Controller has been read."""
    state, figures = scrape.state, scrape.figures
    if not state.knows_controller:
        return
    for what, words, counts in (
        ("hosts", "Hosts that objects ask for", figures.hosts),
        ("ports", "Services that ask for an address", figures.ports),
    ):
        yield gauge(f"ako_{what}_served", f"{words} and that are served.", counts.served)
        unserved = by(bounded(counts.unserved))
        yield gauges(f"ako_{what}_unserved", f"{words} and that are not served, by reason.", ("reason",), unserved)
    yield gauges("ako_problems", "Faults in users' objects, by reason.", ("reason",), by(bounded(state.problems)))
    yield gauges(
        "ako_certificates",
        "Certificates of hosts, by the time that is left: each is counted once, under the shortest that it is within.",
        ("expires",),
        by(_by_expiry(figures.expiries, scrape.now)),
    )
    if figures.expiries:
        yield gauge(
            "ako_certificate_soonest_expiry_timestamp_seconds",
            "When the first of these certificates ends.",
            figures.expiries[0],
        )


def holding(scrape: Scrape) -> Iterator[Metric]:
    """Say what waits for being confirmed."""
    state = scrape.state
    if state.knows_controller:
        yield gauge(
            "ako_guard_held", "Hosts and Services whose deletion waits for being confirmed.", len(state.held.served)
        )
        yield gauge(
            "ako_guard_held_since_timestamp_seconds",
            "Since when anything waits for being confirmed; 0: nothing does.",
            scrape.figures.held_since,
        )
        yield gauge(
            "ako_guard_odd_virtual_services",
            "Virtual services of ours that this program would never make; while there are any, nothing is deleted.",
            len(state.held.odd),
        )


def _by_expiry(expiries: Sequence[int], now: float) -> dict[str, float]:
    """Count certificates by the time that is left; `expiries` are in order."""
    found: dict[str, float] = {}
    before = 0
    for word, within in EXPIRY:
        upto = bisect_left(expiries, now + within)
        found[word], before = upto - before, upto
    found["later"] = len(expiries) - before
    return found
