"""What a Route is told: the entry of our router, and nothing of the entries of others."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ako import HostOutcome, HostState, Moment, ObjectRef, Outcome, Problem, SourceObject
from ako.core.base.moment import filled
from ako.plugins.openshift_route.plugin import ako_report
from ako.plugins.openshift_route.records import ROUTE, Route, RouteStatusRecord

REF = ObjectRef(ROUTE, "default", "shop")
US, OTHER = "ako-my-cluster", "default"
BEFORE = "2026-01-01T00:00:00Z"
NOW = Moment.OF_WRITING
TWICE = Problem(REF, "MultipleBackendsWithSameServiceError", "multiple backends with name web found.", "Name it once.")

LIVE = HostOutcome("shop.com", HostState.LIVE, ("10.0.0.1",))
PENDING = HostOutcome("shop.com", HostState.PENDING)
KEPT = HostOutcome("shop.com", HostState.KEPT, reason=TWICE.message)
REJECTED = HostOutcome("shop.com", HostState.REJECTED, reason=TWICE.message)


def entry(status: str, time: str, *, host: str = "shop.com", router: str = US, **texts: str) -> dict[str, Any]:
    condition = {"type": "Admitted", "status": status, **texts, "lastTransitionTime": time}
    return {"host": host, "routerName": router, "conditions": [condition]}


def admitted(time: str = NOW, message: str = "10.0.0.1", host: str = "shop.com") -> dict[str, Any]:
    return entry("True", time, message=message, host=host)


def rejected(time: str = NOW, problem: Problem = TWICE) -> dict[str, Any]:
    return entry("False", time, reason=problem.reason, message=problem.explanation)


FOREIGN = {
    **entry("True", BEFORE, router=OTHER),
    "routerCanonicalHostname": "router.example.org",
    "wildcardPolicy": "None",
}


def report(seen: list[dict[str, Any]] | None, outcome: Outcome, host: str = "shop.com", **spec: str) -> Any:
    status = msgspec.convert({"status": {"ingress": seen}}, RouteStatusRecord)
    asked = {"host": host, "to": {"name": "web"}, **spec}
    record = msgspec.convert({"metadata": {"name": "shop", "namespace": "default"}, "spec": asked}, Route)
    return ako_report(SourceObject(REF, record, status), outcome)


def outcome(*hosts: HostOutcome, problems: tuple[Problem, ...] = (), doubt: str = "") -> Outcome:
    return Outcome(hosts, problems, router_name=US, doubt=doubt)


UNREADABLE = Problem(REF, "Unreadable", "cannot be read: x", "The version before it stays in force.")
TABLE: dict[str, tuple[list[dict[str, Any]] | None, Outcome, list[dict[str, Any]] | None]] = {
    "first": (None, outcome(LIVE), [admitted()]),
    "beside another router": ([FOREIGN], outcome(LIVE), [FOREIGN, admitted()]),
    "right as it is": ([FOREIGN, admitted(BEFORE)], outcome(LIVE), None),
    "another address": ([admitted(BEFORE, "10.0.0.9")], outcome(LIVE), [admitted()]),
    "another host": ([admitted(BEFORE, host="old.com")], outcome(LIVE), [admitted()]),
    "not there yet": ([FOREIGN], outcome(PENDING), None),
    "not there any more": ([admitted(BEFORE)], outcome(PENDING), None),
    "kept": ([FOREIGN, admitted(BEFORE)], outcome(KEPT, problems=(TWICE,)), None),
    "kept without an entry": ([FOREIGN], outcome(KEPT, problems=(TWICE,)), None),
    "kept, and another host is live": (
        [admitted(BEFORE, host="old.com")],
        outcome(LIVE, HostOutcome("old.com", HostState.KEPT)),
        [admitted(), admitted(BEFORE, host="old.com")],
    ),
    "old host, new one not there yet": ([admitted(BEFORE, host="old.com")], outcome(PENDING), []),
    "rejected": ([FOREIGN], outcome(REJECTED, problems=(TWICE,)), [FOREIGN, rejected()]),
    "still rejected": ([rejected(BEFORE)], outcome(REJECTED, problems=(TWICE,)), None),
    "rejected after all": ([admitted(BEFORE)], outcome(REJECTED, problems=(TWICE,)), [rejected()]),
    "admitted again": ([rejected(BEFORE)], outcome(LIVE), [admitted()]),
    "rejected without a claim": (None, outcome(problems=(TWICE,)), [rejected()]),
    "a problem that costs nothing": (None, outcome(LIVE, problems=(TWICE,)), [admitted()]),
    "never readable": (None, outcome(problems=(UNREADABLE,), doubt="x"), [rejected(problem=UNREADABLE)]),
    "unreadable now, admitted before": ([admitted(BEFORE)], outcome(problems=(UNREADABLE,), doubt="x"), None),
    "nothing claimed": ([FOREIGN, admitted(BEFORE)], outcome(), [FOREIGN]),
    "nothing claimed, nothing said": ([FOREIGN], outcome(), None),
    "two entries of ours": ([admitted(BEFORE), rejected(BEFORE)], outcome(LIVE), [admitted(BEFORE)]),
}


@pytest.mark.parametrize("case", TABLE)
def test_only_our_entry_changes(case: str) -> None:
    seen, became, expected = TABLE[case]
    assert report(seen, became) == (None if expected is None else {"ingress": expected or None})


@pytest.mark.parametrize("case", TABLE)
def test_what_was_written_is_right_as_it_is(case: str) -> None:
    seen, became, _ = TABLE[case]
    patch = report(seen, became)
    if patch is not None:
        assert report(filled(patch, "2026-02-02T00:00:00Z")["ingress"], became) is None


def test_a_route_that_is_to_have_all_names_under_its_domain_now_says_so() -> None:
    all_names = outcome(HostOutcome("*.com", HostState.LIVE, ("10.0.0.1",)))
    (found,) = report([admitted(BEFORE)], all_names, wildcardPolicy="Subdomain")["ingress"]
    assert found == {**admitted(BEFORE), "wildcardPolicy": "Subdomain"}
    assert report([found], all_names, wildcardPolicy="Subdomain") is None
    (found,) = report([found], outcome(LIVE), wildcardPolicy="None")["ingress"]
    assert found["wildcardPolicy"] == "None"
    assert report([admitted(BEFORE)], outcome(LIVE), wildcardPolicy="None") is None


def test_without_a_reason_that_is_known_the_last_problem_is_told() -> None:
    vague = HostOutcome("shop.com", HostState.REJECTED, reason="not taken in")
    first = Problem(REF, "InsecurePolicyUnsupported", "served as None.")
    (found,) = report(None, outcome(vague, problems=(first, TWICE)))["ingress"]
    assert found == rejected()
    (found,) = report(None, outcome(vague))["ingress"]
    assert found["conditions"][0]["reason"] == "NotServed"


def test_several_addresses_are_told_in_one_message() -> None:
    both = HostOutcome("shop.com", HostState.LIVE, ("10.0.0.1", "fd00::1"))
    (found,) = report(None, outcome(both))["ingress"]
    assert found["conditions"][0]["message"] == "10.0.0.1, fd00::1"
