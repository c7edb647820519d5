"""What became of a MySource → its status."""

from __future__ import annotations

from collections.abc import Mapping

from ako import HostState, Outcome
from ako_my_source.records import MySourceStatus, Told


def status_patch(seen: MySourceStatus, outcome: Outcome) -> Mapping[str, bool | str | None] | None:
    """Give the status patch, None if the status is right; in a merge patch None takes a field away."""
    if any(host.state is HostState.KEPT for host in outcome.hosts):
        return None  # served as it was, which the status says
    wanted = _wanted(outcome)
    if seen.status == wanted:
        return None
    return {"served": wanted.served, "address": wanted.address, "reason": wanted.reason}


def _wanted(outcome: Outcome) -> Told:
    for host in outcome.hosts:
        if host.state is HostState.LIVE and host.addresses:
            return Told(served=True, address=host.addresses[0])
    reasons = [host.reason for host in outcome.hosts] + [problem.message for problem in outcome.problems]
    return Told(served=False, reason=next(filter(None, reasons), "not programmed yet"))
