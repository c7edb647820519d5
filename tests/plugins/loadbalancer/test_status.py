"""What a Service of type LoadBalancer is told: its address, with a name if it has one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ako import HostOutcome, HostState, Kind, NamespacedName, ObjectRef, Outcome, SourceObject
from ako.plugins.loadbalancer.plugin import ako_report
from ako.plugins.loadbalancer.records import BalancedService, ServiceStatusRecord

REF = ObjectRef(Kind("", "v1", "Service"), *NamespacedName("red", "web"))
OURS = frozenset({"10.0.0.1", "10.0.0.2"})


def live(host: str = "web.red.com", *addresses: str) -> HostOutcome:
    return HostOutcome(host, HostState.LIVE, addresses or ("10.0.0.1",))


def report(entries: list[dict[str, Any]] | None, *hosts: HostOutcome) -> Any:
    status = msgspec.convert({"status": {"loadBalancer": {"ingress": entries}}}, ServiceStatusRecord)
    record = msgspec.convert({"metadata": {"name": "web", "namespace": "red"}}, BalancedService)
    patch = ako_report(SourceObject(REF, record, status), Outcome(hosts, our_addresses=OURS))
    return patch and patch["loadBalancer"]["ingress"]


@pytest.mark.parametrize(
    ("seen", "hosts", "expected"),
    [
        (None, (live(),), [{"ip": "10.0.0.1", "hostname": "web.red.com"}]),
        (None, (live(""),), [{"ip": "10.0.0.1"}]),
        (None, (HostOutcome("web.red.com", HostState.PENDING),), None),
        (None, (HostOutcome("web.red.com", HostState.KEPT),), None),
        ([{"ip": "10.0.0.1", "hostname": "web.red.com"}], (HostOutcome("web.red.com", HostState.KEPT),), None),
        ([{"ip": "192.0.2.1", "hostname": "web.red.com"}], (HostOutcome("web.red.com", HostState.KEPT),), None),
        ([{"ip": "10.0.0.1"}], (HostOutcome("", HostState.KEPT),), None),
        (
            [{"ip": "10.0.0.1", "hostname": "old.com"}, {"ip": "10.0.0.1", "hostname": "web.red.com"}],
            (HostOutcome("web.red.com", HostState.KEPT),),
            [{"ip": "10.0.0.1", "hostname": "web.red.com"}],
        ),
        ([{"ip": "192.0.2.1", "hostname": "web.red.com"}], (HostOutcome("web.red.com", HostState.REJECTED),), None),
        (
            [{"ip": "192.0.2.1", "hostname": "web.red.com"}],
            (live(),),
            [{"ip": "10.0.0.1", "hostname": "web.red.com"}],
        ),
        ([{"ip": "10.0.0.1", "hostname": "web.red.com", "ipMode": "VIP"}], (live(),), None),
        ([{"ip": "10.0.0.1", "hostname": "old.com"}], (live(),), [{"ip": "10.0.0.1", "hostname": "web.red.com"}]),
        ([{"ip": "10.0.0.2"}], (), None),
        (
            [{"ip": "192.0.2.1", "ipMode": "VIP"}],
            (live(),),
            [{"ip": "192.0.2.1", "ipMode": "VIP"}, {"ip": "10.0.0.1", "hostname": "web.red.com"}],
        ),
        ([{"ip": "192.0.2.1"}, {"ip": "10.0.0.1"}], (), [{"ip": "192.0.2.1"}]),
        ([{"ip": "192.0.2.1"}], (), None),
        ([{"hostname": "elb.example.org"}], (), None),
    ],
)
def test_only_our_entries_change(
    seen: list[dict[str, Any]] | None, hosts: tuple[HostOutcome, ...], expected: object
) -> None:
    assert report(seen, *hosts) == expected


def test_our_last_entry_is_taken_away() -> None:
    status = msgspec.convert({"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.2"}]}}}, ServiceStatusRecord)
    record = msgspec.convert({"metadata": {"name": "web", "namespace": "red"}}, BalancedService)
    patch = ako_report(SourceObject(REF, record, status), Outcome(our_addresses=OURS))
    assert patch == {"loadBalancer": {"ingress": None}}
