"""Past the number of DNS names that a Controller takes, the youngest hosts wait: told once, and nothing is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ako.core.avi.errors import AviError, AviRejected
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import MAX_DNS_NAMES, VsVip
from ako.core.plan.plan import Delete, Operation
from tests.builders import CLASS, Manifest, endpoints, ingress, service
from tests.core.control.echo import EchoingRig
from tests.core.control.rig import Rig

SMALL: dict[str, Any] = {"L7Settings__shardVSSize": "SMALL"}
NAME = "my-cluster--Shared-L7-0"
BASE = (service("web"), endpoints("web", "10.0.0.1"))
ROOM = MAX_DNS_NAMES - 1
"""For hosts: the virtual service has a name of its own."""
MORE = 120


def host(number: int) -> Manifest:
    created = f"2026-01-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
    return ingress(f"i{number:04d}", (f"h{number:04d}.com", "/", "web:80"), created=created)


def names(rig: Rig) -> set[str]:
    vsvip = rig.controller.observed.vsvip(TreeName(NAME))
    assert vsvip is not None
    return set(vsvip.fqdns)


def strict(operation: Operation) -> AviError | None:
    """Refuse what a Controller refuses."""
    wanted = None if isinstance(operation, Delete) else operation.object
    if isinstance(wanted, VsVip) and len(wanted.dns_info) > MAX_DNS_NAMES:
        return AviRejected(f"dns_info takes {MAX_DNS_NAMES} entries", status=400)
    return None


def refused(rig: Rig) -> list[Operation]:
    return [operation for operation in rig.sent if strict(operation)]


def hosts(numbers: range) -> set[str]:
    return {f"h{number:04d}.com" for number in numbers}


@pytest.mark.parametrize("at_once", [True, False])
def test_past_the_limit_the_oldest_are_served_and_the_others_told_once(*, at_once: bool) -> None:
    """Whether they all are there at the start, or the youngest come later."""
    first = (ROOM + MORE) if at_once else ROOM - 10
    rig = EchoingRig(*BASE, *map(host, range(first)), **SMALL)
    rig.faults.append(strict)
    rig.apply(*map(host, range(first, ROOM + MORE)))
    rig.settle()
    assert refused(rig) == []
    assert rig.served() == hosts(range(ROOM))
    assert names(rig) == {f"{NAME}.admin.com", *hosts(range(ROOM))}
    told = rig.news()
    assert {problem.source.name for problem in told} == {f"i{number:04d}" for number in range(ROOM, ROOM + MORE)}
    assert len(told) == MORE
    assert {problem.reason for problem in told} == {"LimitReached"}
    assert "1,000 DNS names" in told[0].message
    assert NAME in told[0].message
    assert "shardVSSize" in told[0].remedy
    assert rig.hosts(f"i{ROOM - 1:04d}")
    assert not rig.hosts(f"i{ROOM:04d}")
    for _ in range(2):
        rig.forget_writes()
        rig.sync()
        assert rig.writes == []
    assert rig.news() == []


def test_when_there_is_room_the_oldest_of_them_get_in() -> None:
    rig = Rig(*BASE, *map(host, range(ROOM + 3)), **SMALL)
    rig.faults.append(strict)
    rig.delete(host(7), host(8))
    rig.settle()
    assert rig.served() == hosts(range(ROOM + 2)) - {"h0007.com", "h0008.com"}
    assert refused(rig) == []


def test_another_virtual_service_has_room() -> None:
    rig = Rig(*BASE, *map(host, range(ROOM + 40)), **SMALL)
    live = rig.served()
    rig.use(L7Settings__shardVSSize="LARGE")
    rig.sync()
    late = rig.served() - live
    assert late
    assert all(rig.reconciler.elsewhere[name] == 0 for name in live if name in rig.reconciler.elsewhere)
    assert hosts(range(ROOM)) == live


@pytest.mark.long
def test_where_what_must_stay_leaves_no_room_what_is_new_waits() -> None:
    """Hosts that nobody wants any more wait for a word, and keep their names: those that came for them wait too."""
    by_name = [{**host(n), "spec": {**host(n)["spec"], "ingressClassName": "avi-lb"}} for n in range(400, ROOM + MORE)]
    rig = Rig(*BASE, *map(host, range(400)), *by_name, **SMALL)
    rig.faults.append(strict)
    rig.apply({**CLASS, "metadata": {"name": "avi-lb"}})
    rig.settle()
    assert rig.reconciler.held.served == hosts(range(400))
    assert hosts(range(ROOM)) <= rig.served()
    assert names(rig) == {f"{NAME}.admin.com", *hosts(range(ROOM))}
    rig.sync()
    assert refused(rig) == []
    rig.reconciler.confirm(rig.reconciler.held.id)
    rig.settle()
    assert refused(rig) == []
    assert names(rig) == {f"{NAME}.admin.com", *hosts(range(400, ROOM + MORE))}


def test_a_service_gets_as_many_names_as_the_controller_takes() -> None:
    asked = [f"n{number}.com" for number in range(MAX_DNS_NAMES + 2)]
    balanced = service("lb", type="LoadBalancer")
    annotated = {"external-dns.alpha.kubernetes.io/hostname": ",".join(asked)}
    rig = Rig({**balanced, "metadata": {**balanced["metadata"], "annotations": annotated}})
    vsvip = rig.controller.observed.get(AviRef("vsvip", "my-cluster--default-lb"))
    assert vsvip is not None
    assert isinstance(vsvip.object, VsVip)
    assert vsvip.object.fqdns == tuple(asked[:MAX_DNS_NAMES])
    (problem,) = (problem for problem in rig.desk.told if problem.reason == "LimitReached")
    assert "; 2 are left out" in problem.message


def test_without_ages_who_is_live_keeps_its_room() -> None:
    """A folder has none: one whose name comes first does not get in for another, now and after a restart."""
    live = [ingress(f"z{number:04d}", (f"h{number:04d}.com", "/", "web:80")) for number in range(ROOM)]
    rig = EchoingRig(*BASE, *live, **SMALL)
    rig.faults.append(strict)
    assert rig.served() == hosts(range(ROOM))
    newcomer = ingress("alpha", ("alpha.com", "/", "web:80"))
    rig.apply(newcomer)
    rig.settle()
    assert rig.served() == hosts(range(ROOM))
    assert [(problem.source.name, problem.reason) for problem in rig.news()] == [("alpha", "LimitReached")]
    again = EchoingRig(*BASE, *live, newcomer, controller=rig.controller, **SMALL)
    again.faults.append(strict)
    assert again.writes == []
    again.delete(live[7])
    again.settle()
    assert again.served() == hosts(range(ROOM)) - {"h0007.com"} | {"alpha.com"}
