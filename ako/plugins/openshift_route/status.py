"""What becomes of a Route → the entry of our router in its `status.ingress`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ako import HostOutcome, HostState, Moment, Outcome, domain_under
from ako.plugins.openshift_route.records import Route, RouteStatusRecord

Entry = Mapping[str, Any]


def route_status(route: Route, seen: RouteStatusRecord, outcome: Outcome) -> Mapping[str, Any] | None:
    """Give the status patch with our entries as they should be, None if they are.

    Entries of other routers stay as they are. A merge patch replaces the whole list, so they are part of it.
    """
    ours = [entry for entry in seen.entries if entry.get("routerName", "") == outcome.router_name]
    wanted = list(_entries(route, ours, outcome))
    if len(wanted) == len(ours) and all(map(_says_the_same, ours, wanted)):
        return None
    others = [entry for entry in seen.entries if entry.get("routerName", "") != outcome.router_name]
    return {"ingress": [*others, *wanted] or None}


def _entries(route: Route, ours: list[Entry], outcome: Outcome) -> Iterator[Entry]:
    """Give our entries: one for each host, or for a Route that claims none because something is wrong with it."""
    hosts = outcome.hosts
    if not hosts and outcome.problems:
        doubt = HostState.PENDING if outcome.doubt and any(map(_is_admitted, ours)) else HostState.REJECTED
        hosts = (HostOutcome(route.spec.host or "", doubt),)
    wildcard = {"wildcardPolicy": route.spec.wildcard_policy} if route.spec.wildcard_policy else {}
    for host in hosts:
        name = (route.spec.host or "") if domain_under(host.host) else host.host
        before = next((entry for entry in ours if entry.get("host", "") == name), None)
        if host.state in {HostState.LIVE, HostState.REJECTED}:
            yield {"host": name, **wildcard, **_entry(host, before, outcome)}
        elif before is not None:
            yield before


def _entry(host: HostOutcome, before: Entry | None, outcome: Outcome) -> Entry:
    condition = {"type": "Admitted", **_verdict(host, outcome)}
    known = _admitted(before or {})
    is_unchanged = _core(condition) == _core(known)
    time = known.get("lastTransitionTime") if is_unchanged else None
    condition["lastTransitionTime"] = time or Moment.OF_WRITING
    return {"routerName": outcome.router_name, "conditions": [condition]}


def _verdict(host: HostOutcome, outcome: Outcome) -> dict[str, str]:
    if host.state is HostState.LIVE:
        return {"status": "True", "message": ", ".join(host.addresses)}
    # The problem that says why is the one with these words, else the last one that was found.
    problems = [problem for problem in outcome.problems if problem.message == host.reason] or outcome.problems[-1:]
    for problem in problems[:1]:
        return {"status": "False", "reason": problem.reason, "message": problem.explanation}
    return {"status": "False", "reason": "NotServed", "message": host.reason}


def _admitted(entry: Entry) -> Entry:
    """Give the condition of an entry that says whether the Route is admitted; empty if there is none."""
    conditions: list[Entry] = entry.get("conditions") or []
    return next((condition for condition in conditions if condition.get("type") == "Admitted"), {})


def _is_admitted(entry: Entry) -> bool:
    return _admitted(entry).get("status") == "True"


def _core(condition: Entry) -> tuple[str, str, str]:
    return (condition.get("status", ""), condition.get("reason", ""), condition.get("message", ""))


def _says_the_same(seen: Entry, wanted: Entry) -> bool:
    return _what(seen) == _what(wanted) and _core(_admitted(seen)) == _core(_admitted(wanted))


def _what(entry: Entry) -> tuple[str, str]:
    """Give what an entry is about: the host, and whether it stands for all names beside it."""
    return entry.get("host", ""), entry.get("wildcardPolicy") or "None"
