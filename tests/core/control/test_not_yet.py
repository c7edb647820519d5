"""Not yet, not so much, not that: what waits, how much is sent, and what is held back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from ako.core.avi.errors import AviError, AviForbidden, AviRejected, AviUnreachable
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import VirtualService, VsVip
from ako.core.plan.plan import Create, Delete, Operation
from tests.builders import NOT_DEFAULT, Manifest, endpoints, ingress, secret, service, tls_secret
from tests.core.control.rig import Fault, Rig

BASE = (service("web"), endpoints("web", "10.0.0.1"))
SHARED = "Shared-L7-0"
SMALL: dict[str, Any] = {"L7Settings__shardVSSize": "SMALL"}


def plain(number: int, *, backend: str = "web", created: str | None = None) -> Manifest:
    return ingress(f"i{number}", (f"h{number}.com", "/", f"{backend}:80"), created=created)


def secure(number: int) -> Manifest:
    return ingress(f"i{number}", (f"h{number}.com", "/", "web:80"), tls={f"h{number}.com": "cert"})


def plain_rig(count: int, **flags: Any) -> Rig:
    return Rig(*BASE, *map(plain, range(count)), **{**SMALL, **flags})


def refuses(matches: Callable[[Operation], bool], error: Callable[[], AviError]) -> Fault:
    """Give a fault: an error for operations that match."""
    return lambda operation: error() if matches(operation) else None


def names(operation: Operation) -> frozenset[str]:
    wanted = operation.object if not isinstance(operation, Delete) else None
    return frozenset(wanted.fqdns) if isinstance(wanted, VsVip) else frozenset()


def is_vsvip(operation: Operation) -> bool:
    return operation.ref.type == "vsvip"


def unavailable(retry_after: float | None = None) -> AviUnreachable:
    error = AviUnreachable("not now", status=503)
    error.retry_after = retry_after
    return error


# Not yet.


def test_an_empty_shared_virtual_service_goes_when_its_grace_period_is_over_and_not_before() -> None:
    rig = plain_rig(1, ako__gc__sharedVsGracePeriod=600)
    rig.delete(plain(0))
    rig.settle()
    rig.wait(599)
    assert rig.has("virtualservice", SHARED)
    rig.wait(1)
    assert not rig.has("virtualservice", SHARED)


def test_a_host_that_comes_back_ends_the_grace_period() -> None:
    rig = plain_rig(1, ako__gc__sharedVsGracePeriod=600)
    rig.delete(plain(0))
    rig.settle()
    rig.wait(400)
    rig.apply(plain(0))
    rig.settle()
    rig.delete(plain(0))
    rig.settle()
    rig.wait(599)
    assert rig.has("virtualservice", SHARED)


def test_without_a_grace_period_it_stays() -> None:
    rig = plain_rig(1)
    rig.delete(plain(0))
    rig.settle()
    rig.wait(100_000)
    assert rig.has("virtualservice", SHARED)


@pytest.mark.parametrize("what", ["servers", "another host", "the same edit again", "a full sync of settings"])
def test_after_retry_after_nothing_is_sent_for_so_long_whatever_changes(what: str) -> None:
    rig = plain_rig(2)
    rig.faults.append(lambda operation: unavailable(30.0))
    rig.apply(endpoints("web", "10.0.0.2"))
    rig.settle()
    mark, began = len(rig.writes), rig.clock.now
    for second in range(1, 30):
        rig.wait(began + second - rig.clock.now)
        if what == "servers":
            rig.apply(endpoints("web", f"10.0.1.{second}"))
        elif what == "another host":
            rig.apply(plain(10 + second))
        elif what == "the same edit again":
            rig.apply(endpoints("web", "10.0.0.2"))
        else:
            rig.use(**SMALL, ako__guard__maxDeletePercent=second)
        rig.settle()
        assert len(rig.writes) == mark, f"after {second} s"
    rig.faults.clear()
    rig.wait(1)
    assert len(rig.writes) > mark


def test_a_change_during_an_outage_does_not_shorten_its_back_off() -> None:
    rig = plain_rig(1)
    rig.faults.append(lambda operation: unavailable())
    rig.apply(endpoints("web", "10.0.0.2"))
    rig.wait(60)
    tries = len(rig.writes)
    for number in range(100):
        rig.apply(endpoints("web", f"10.0.1.{number}"))
        rig.settle()
    assert len(rig.writes) == tries
    assert rig.reconciler.next_due is not None
    assert rig.reconciler.next_due > rig.clock.now


def test_waits_between_tries_grow_to_the_ceiling_and_no_further() -> None:
    rig = plain_rig(1)
    rig.faults.append(lambda operation: unavailable())
    rig.apply(endpoints("web", "10.0.0.2"))
    rig.wait(3600)
    times = [time for time, _ in rig.writes[-20:]]
    gaps = [after - before for before, after in pairwise(times)]
    assert all(30 <= gap <= 60 for gap in gaps)


# Not so much.


def test_an_idle_controller_has_nothing_due() -> None:
    rig = plain_rig(3)
    assert rig.reconciler.is_idle
    assert rig.reconciler.next_due is None
    rig.forget_writes()
    for _ in range(10):
        rig.turn()
    assert rig.sent == []


def test_an_idle_turn_plans_nothing_while_a_deletion_waits() -> None:
    rig = plain_rig(8)
    rig.apply(NOT_DEFAULT)
    rig.settle()
    assert len(rig.reconciler.held.served) == 8
    planned = rig.proposals
    for _ in range(10):
        rig.turn()
    assert rig.proposals == planned
    assert rig.reconciler.is_idle
    assert rig.reconciler.next_due is None


def test_a_full_sync_of_what_is_in_line_sends_nothing() -> None:
    rig = plain_rig(5)
    rig.forget_writes()
    rig.sync()
    assert rig.sent == []
    assert rig.lookups == []


def test_a_change_of_one_host_plans_its_tree_alone() -> None:
    rig = Rig(*BASE, *map(plain, range(16)))
    planned = rig.proposals
    rig.apply(plain(3, backend="other"))
    rig.settle()
    assert rig.proposals - planned <= 2, "one for the change, one after its look-ups at most"


@pytest.mark.parametrize("trouble", ["unreadable", "refused"])
def test_one_bad_object_makes_nobodys_plan_a_full_comparison(trouble: str) -> None:
    """Looked at is what changed, and the bad host's few objects beside it."""
    hosts = [secure(n) for n in range(60)]
    bad = ingress("bad", ("bad.com", "/", "web:80"), tls={"bad.com": "odd"})
    first = Rig(*BASE, tls_secret("cert"), tls_secret("odd"), *hosts, bad, **SMALL)
    compared = first.compared
    first.apply(secure(100))
    first.settle()
    well = first.compared - compared
    if trouble == "unreadable":
        there = (*BASE, tls_secret("cert"), secret("odd", "garbage", "garbage"), *hosts, bad, secure(100))
        rig = Rig(*there, controller=first.controller, **SMALL)
        assert rig.reconciler.dispatcher.planner.protected.protection
    else:
        rig = first
        rig.faults.append(refuses(lambda op: "bad.com_" in op.ref.name, lambda: AviRejected("no", status=400)))
        rig.apply(ingress("bad", ("bad.com", "/", "web:80"), ("bad.com", "/new", "web:80"), tls={"bad.com": "odd"}))
        rig.wait(60)
        assert rig.reconciler.dispatcher.planner.refused.items()
    compared = rig.compared
    rig.apply(secure(101))
    rig.settle()
    assert rig.compared - compared <= well + 24
    assert {"h101.com", "bad.com"} <= rig.served()


def test_a_refused_host_costs_a_known_number_of_writes() -> None:
    rig = plain_rig(8)
    rig.forget_writes()
    rig.faults.append(refuses(lambda op: "h8.com" in names(op), lambda: AviRejected("no such name", status=400)))
    rig.apply(plain(8))
    rig.settle()
    assert sorted((type(op).__name__, op.ref.type) for op in rig.sent) == [
        ("Create", "pool"),
        ("Delete", "pool"),
        ("Update", "poolgroup"),
        ("Update", "poolgroup"),
        ("Update", "vsvip"),
    ]
    assert rig.served() == {f"h{n}.com" for n in range(8)}


@pytest.mark.parametrize("count", [1, 5, 40, 120])
def test_hosts_refused_for_an_unknown_reason_are_found_once(count: int) -> None:
    rig = plain_rig(3)
    bad = {f"h{n}.com" for n in range(10, 10 + count)}
    rig.faults.append(refuses(lambda op: bool(names(op) & bad), lambda: AviRejected("not that one", status=400)))
    rig.forget_writes()
    rig.apply(*map(plain, range(10, 10 + count)))
    rig.settle()
    refused = [op for op in rig.sent if is_vsvip(op) and names(op) & bad]
    assert len(refused) <= 2 * count
    made_or_gone = Counter((type(op), op.ref) for op in rig.sent if op.ref.type == "pool")
    assert len(made_or_gone) == made_or_gone.total() == 2 * count, "a pool each, which goes again"
    shared = Counter(op.ref for op in rig.sent if op.ref.type != "pool")
    assert max(shared.values()) <= 2 * count
    assert len({problem.source for problem in rig.desk.told if problem.reason == "Rejected"}) == count
    told = len(rig.desk.told)
    for _ in range(5):
        rig.forget_writes()
        rig.sync()
        assert [op.ref.type for op in rig.sent if names(op) & bad] == ["vsvip"]
        assert not [op for op in rig.sent if op.ref.type != "vsvip"], "no pool is made or deleted"
    assert len(rig.desk.told) == told
    assert rig.served() == {"h0.com", "h1.com", "h2.com"}


def test_whoever_is_mended_gets_in_at_a_full_sync() -> None:
    rig = plain_rig(3)
    bad = {f"h{n}.com" for n in range(10, 15)}
    rig.faults.append(refuses(lambda op: bool(names(op) & bad), lambda: AviRejected("not that one", status=400)))
    rig.apply(*map(plain, range(10, 15)))
    rig.settle()
    bad.clear()
    rig.sync()
    assert rig.served() == {f"h{n}.com" for n in (0, 1, 2, *range(10, 15))}


@pytest.mark.parametrize(
    "error", [lambda: AviForbidden("no right", status=403), lambda: AviRejected("No available free IPs", status=400)]
)
def test_what_is_refused_whoever_is_on_it_is_nobodys_fault(error: Callable[[], AviError]) -> None:
    rig = Rig(*BASE, **SMALL)
    rig.faults.append(refuses(is_vsvip, error))
    rig.apply(*map(plain, range(60)))
    rig.settle()
    assert [op.ref.type for op in rig.sent].count("vsvip") <= 2
    assert not [op for op in rig.sent if isinstance(op, Delete)]
    assert rig.desk.told == [], "no host is blamed"
    troubles = rig.reconciler.dispatcher.troubles
    assert len(troubles) == 1
    sent = len(rig.sent)
    rig.wait(600)
    assert len(rig.sent) - sent < 30, "with growing pauses"
    assert rig.reconciler.dispatcher.troubles == troubles, "one message, which does not change"
    assert rig.desk.told == []
    rig.faults.clear()
    rig.wait(60)
    assert rig.served() == {f"h{n}.com" for n in range(60)}
    assert not rig.reconciler.dispatcher.troubles


def test_a_right_that_is_missing_for_one_hosts_own_object_is_told_to_its_owner() -> None:
    rig = plain_rig(2)
    rig.faults.append(refuses(lambda op: "h2.com" in op.ref.name, lambda: AviForbidden("no right", status=403)))
    rig.apply(plain(2))
    rig.settle()
    assert {problem.source.name for problem in rig.desk.told} == {"i2"}
    assert rig.reconciler.dispatcher.troubles == ()


# Not that.


@pytest.mark.parametrize("kind", [plain, secure])
def test_hosts_that_lose_their_class_stay_served_until_that_is_confirmed(kind: Callable[[int], Manifest]) -> None:
    rig = Rig(*BASE, tls_secret("cert"), *map(kind, range(40)), **SMALL)
    served = rig.served()
    assert len(served) == 40
    rig.apply(NOT_DEFAULT)
    rig.settle()
    rig.sync()
    rig.wait(10_000)
    assert rig.served() == served
    assert rig.reconciler.held.served == served
    rig.reconciler.confirm(rig.reconciler.held.id)
    rig.settle()
    assert not rig.served()
    assert not rig.reconciler.held


def test_hosts_that_have_no_class_at_a_start_stay_served() -> None:
    before = plain_rig(40)
    rig = Rig(*BASE, *map(plain, range(40)), controller=before.controller, **SMALL)
    assert rig.sent == []
    rig = Rig(*BASE, controller=before.controller, **SMALL)
    assert len(rig.served()) == 40
    assert len(rig.reconciler.held.served) == 40


def test_what_users_delete_goes_at_once_all_of_it() -> None:
    rig = plain_rig(40)
    rig.delete(*map(plain, range(40)))
    rig.settle()
    assert rig.served() == set()
    assert not rig.reconciler.held


def test_what_a_new_list_lacks_waits() -> None:
    rig = plain_rig(40)
    rig.relist(plain(0))
    rig.settle()
    assert len(rig.reconciler.held.served) == 39
    assert len(rig.served()) == 40


def test_deletions_in_small_parts_are_judged_together() -> None:
    """While one tree waits for its retry, another one's host goes: together they are too much."""
    rig = Rig(*BASE, *map(plain, range(8)))
    trees = {
        n: tree
        for n in range(8)
        for tree, found in rig.reconciler.pipeline.trees.values()
        for p in found.hosts
        if p.key == f"h{n}.com"
    }
    first, *rest = sorted(trees, key=lambda n: str(trees[n]))
    other = next(n for n in rest if trees[n] != trees[first])
    pool = {n: AviRef("pool", f"my-cluster--h{n}.com_-default-i{n}") for n in (first, other)}
    rig.use(ako__guard__maxDeletePercent=20)
    rig.faults.append(refuses(lambda op: op.ref == pool[first], lambda: unavailable(1000.0)))
    rig.apply(endpoints("web", "10.0.0.9"))
    rig.settle()  # the tree of the first host waits for its retry now
    remaining = [plain(n) for n in range(8) if n not in {first, other}]
    rig.relist(*remaining)
    rig.settle()
    assert pool[other] in rig.controller.observed
    assert rig.reconciler.held.served == {f"h{first}.com", f"h{other}.com"}


def shared(rig: Rig) -> set[str]:
    return {ref.name for ref in rig.controller.observed if ref.type == "virtualservice" and SHARED[:-1] in ref.name}


def test_empty_virtual_services_at_a_start_are_not_counted_and_go() -> None:
    """Five of six; and when one Service is deleted afterwards, it goes, however little else is served."""
    six: dict[str, Any] = {"L7Settings__shardVSSize": 6}
    balanced = service("lb", type="LoadBalancer")
    before = Rig(*BASE, balanced, *map(plain, range(24)), **six)
    assert len(shared(before)) == 6
    before.delete(*map(plain, range(1, 24)))
    before.settle()
    assert len(shared(before)) == 6, "they stay without hosts"
    rig = Rig(*BASE, plain(0), balanced, controller=before.controller, **six)
    assert not rig.reconciler.held
    assert len(shared(rig)) == 1
    rig.delete(balanced)
    rig.settle()
    for _ in range(3):
        assert not rig.reconciler.held
        assert rig.served() == {"h0.com"}
        assert not rig.has("virtualservice", "default-lb")
        assert len(shared(rig)) == 1
        rig.sync()


def test_a_shared_vsvip_that_is_deleted_by_hand_costs_the_one_whose_name_is_taken_meanwhile() -> None:
    rig = plain_rig(6)
    for ref in [AviRef("virtualservice", f"my-cluster--{SHARED}"), AviRef("vsvip", f"my-cluster--{SHARED}")]:
        rig.controller.observed.forget(ref)
    taken = {"h3.com"}
    rig.faults.append(refuses(lambda op: bool(names(op) & taken), lambda: AviRejected("h3.com is taken", status=400)))
    others = {f"h{n}.com" for n in range(6) if n != 3}
    for _ in range(3):
        rig.sync()
        assert rig.has("virtualservice", SHARED)
        vsvip = rig.controller.observed.vsvip(TreeName(f"my-cluster--{SHARED}"))
        assert vsvip is not None
        assert {name for name in vsvip.fqdns if name.startswith("h")} == others
        assert others <= rig.served()
        (problem,) = (problem for problem in rig.desk.told if problem.reason == "Rejected")
        assert (problem.source.name, "h3.com is taken" in problem.message) == ("i3", True)
    taken.clear()
    rig.sync()
    vsvip = rig.controller.observed.vsvip(TreeName(f"my-cluster--{SHARED}"))
    assert vsvip is not None
    assert {name for name in vsvip.fqdns if name.startswith("h")} == {*others, "h3.com"}


def test_what_waits_is_forgotten_when_it_is_not_there_any_more() -> None:
    rig = Rig(*BASE, *(service(f"lb{n}", type="LoadBalancer") for n in range(8)))
    assert len(rig.controller.observed.all_served()) == 8
    rig.relist(service("web"))
    rig.settle()
    assert len(rig.reconciler.held.served) == 8
    for ref, _ in list(rig.controller.observed.items()):
        rig.controller.observed.forget(ref)
    rig.sync()
    assert not rig.reconciler.held
    assert rig.reconciler.is_idle


def test_an_assignment_ends_with_the_last_claim_of_its_host() -> None:
    rig = Rig(*BASE, plain(0), L7Settings__shardVSSize=1)
    rig.use(L7Settings__shardVSSize=8)
    rig.sync()
    assert rig.reconciler.elsewhere == {"h0.com": 0}
    rig.delete(plain(0))
    rig.settle()
    rig.apply(plain(0))
    rig.settle()
    shard = next(str(tree) for tree, found in rig.reconciler.pipeline.trees.values() if found.hosts)
    assert shard != f"my-cluster--{SHARED}", "it is where the settings put it now"


def test_a_virtual_service_that_serves_a_host_is_not_deleted_before_its_stand_in_is_there() -> None:
    rig = Rig(*BASE, tls_secret("cert"), secure(0), **SMALL)
    rig.forget_writes()
    rig.apply(plain(0))
    rig.settle()
    kinds = [(type(op), op.ref.type) for op in rig.sent]
    assert kinds.index((Delete, "virtualservice")) > kinds.index((Create, "pool"))
    assert all(
        isinstance(op.observed.object, VirtualService)
        for op in rig.sent
        if isinstance(op, Delete) and op.ref.type == "virtualservice"
    )
