"""What became of a Site → its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ako import HostState, Outcome
from ako_sites.records import Served, SiteStatus


def site_status(seen: SiteStatus, outcome: Outcome) -> Mapping[str, Any] | None:
    """Give the status patch, None if the status is right; in a merge patch None takes a field away."""
    if any(host.state is HostState.KEPT for host in outcome.hosts):
        return None  # served as it was, which the status says
    wanted = _wanted(outcome)
    if seen.status == wanted:
        return None
    return {"served": wanted.served, "address": wanted.address, "reason": wanted.reason}


def _wanted(outcome: Outcome) -> Served:
    for host in outcome.hosts:
        if host.state is HostState.LIVE and host.addresses:
            return Served(served=True, address=host.addresses[0])
    reasons = [host.reason for host in outcome.hosts] + [problem.message for problem in outcome.problems]
    return Served(served=False, reason=next(filter(None, reasons), "not programmed yet"))
