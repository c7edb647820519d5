"""What is tried again, when, and what is read before: seen in what is sent, and when."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from ako.core.avi.errors import AviError, AviForbidden, AviNotFound, AviRejected, AviStale
from ako.core.base.refs import AviRef
from ako.core.model import AttachedPolicySet, HTTPPolicySet, PoolGroup, VirtualService, VsVip
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Delete, Operation, replace_fields
from tests.builders import Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.rig import Fault, Rig
from tests.core.control.test_not_yet import BASE, SHARED, SMALL, is_vsvip, plain, plain_rig, refuses, secure
from tests.core.control.test_not_yet import unavailable as away

POOL = AviRef("pool", "my-cluster--h0.com_-default-i0")
PARENT, VSVIP = (AviRef(kind, f"my-cluster--{SHARED}") for kind in ("virtualservice", "vsvip"))


def is_pool(operation: Operation) -> bool:
    return operation.ref == POOL


def once(error: Callable[[Operation], AviError], matches: Callable[[Operation], bool] = is_pool) -> Fault:
    """Give a fault that strikes the first operation that matches."""
    struck: list[Operation] = []

    def fault(operation: Operation) -> AviError | None:
        if struck or not matches(operation):
            return None
        struck.append(operation)
        return error(operation)

    return fault


def written(rig: Rig, ref: AviRef = POOL) -> list[float]:
    """Give the times at which an object was written."""
    return [time for time, operation in rig.writes if operation.ref == ref]


# What is refused.


def test_what_is_refused_is_written_again_at_a_full_sync_and_when_it_changes_and_not_before() -> None:
    rig = plain_rig(2)
    rig.faults.append(refuses(is_pool, lambda: AviRejected("no", status=400)))
    rig.forget_writes()
    rig.apply(endpoints("web", "10.0.0.2"))
    rig.wait(10_000)
    assert len(written(rig)) == 1
    rig.apply(plain(7))
    rig.wait(10_000)
    assert len(written(rig)) == 1, "a change of something else"
    rig.sync()
    rig.wait(10_000)
    assert len(written(rig)) == 2
    rig.apply(endpoints("web", "10.0.0.3"))
    rig.wait(10_000)
    assert len(written(rig)) == 3
    rig.faults.clear()
    rig.apply(endpoints("web", "10.0.0.4"))
    rig.settle()
    assert rig.reconciler.shortcomings() == (), "it is forgotten when it is taken"


def test_a_write_that_is_forbidden_is_not_tried_host_by_host() -> None:
    rig = plain_rig(3)
    rig.faults.append(refuses(is_vsvip, lambda: AviForbidden("no right", status=403)))
    rig.forget_writes()
    rig.apply(plain(3), plain(4), plain(5))
    rig.settle()
    assert len(written(rig, VSVIP)) == 1
    assert [problem for problem in rig.desk.told if problem.reason == "Rejected"] == []


def test_what_is_nobodys_fault_pauses_whatever_changes() -> None:
    rig = plain_rig(3)
    rig.faults.append(refuses(is_vsvip, lambda: AviForbidden("no right", status=403)))
    rig.apply(plain(3))
    rig.wait(60)
    tries = len(written(rig, VSVIP))
    for number in range(20):
        rig.apply(plain(10 + number))
        rig.settle()
    assert len(written(rig, VSVIP)) == tries


# What fails.


@pytest.mark.parametrize(("error", "is_at_once"), [(AviStale("412"), True), (away(), False)])
def test_the_first_retry_comes_at_once_but_not_in_an_outage(error: AviError, is_at_once: bool) -> None:
    rig = plain_rig(1)
    rig.forget_writes()
    rig.faults.append(refuses(is_pool, lambda: error))
    rig.apply(endpoints("web", "10.0.0.2"))
    rig.settle()
    assert len(written(rig)) == (2 if is_at_once else 1), "a second one waits in any case"
    assert rig.reconciler.next_due is not None
    assert rig.reconciler.next_due > rig.clock.now


def test_retry_after_stops_what_is_left_of_a_plan() -> None:
    rig = Rig(*BASE, tls_secret("cert"), secure(0), **SMALL)
    certificate = AviRef("sslkeyandcertificate", "my-cluster--h1.com")
    rig.faults.append(once(lambda _: away(30.0), lambda operation: operation.ref == certificate))
    rig.forget_writes()
    rig.apply(secure(1))
    rig.turn()
    sent, began = len(rig.sent), rig.clock.now
    rig.answer(certificate)
    assert "pool" in {ref.type for ref in rig.in_flight}
    rig.settle()
    assert len(rig.sent) == sent, "the pool was made, its group is not begun"
    rig.wait(31)
    assert min(time for time, _ in rig.writes[sent:]) >= began + 30
    assert rig.served() == {"h0.com", "h1.com"}


def test_a_full_sync_ends_a_back_off() -> None:
    """The Controller has just answered."""
    rig = plain_rig(1)
    rig.faults.append(once(lambda _: away(1000.0)))
    rig.apply(endpoints("web", "10.0.0.2"))
    rig.settle()
    rig.forget_writes()
    rig.wait(10)
    assert written(rig) == []
    rig.sync()
    assert written(rig) == [rig.clock.now]


# What is read before.


def test_what_is_said_to_be_gone_is_looked_at_before_that_is_believed() -> None:
    """It was restored, with another uuid."""
    rig = plain_rig(2)
    rig.forget_writes()
    rig.faults.append(once(lambda _: AviNotFound("no such uuid", status=404)))
    rig.delete(plain(0))
    rig.wait(60)
    assert [type(operation) for operation in rig.sent if is_pool(operation)] == [Delete, Delete]
    assert rig.lookups == [POOL]
    assert POOL not in rig.controller.observed


def test_what_may_have_been_carried_out_is_read_before_it_is_written_again() -> None:
    rig = plain_rig(1)

    def carried_out(operation: Operation) -> AviError:
        rig.controller.carry_out(operation)
        error = away()
        error.may_have_been_carried_out = True
        return error

    rig.faults.append(once(carried_out))
    rig.forget_writes()
    rig.apply(endpoints("web", "10.0.0.2"))
    rig.wait(30)
    assert rig.lookups == [POOL]
    assert len(written(rig)) == 1, "it was found as it should be"
    rig.wait(60)
    assert rig.lookups == [POOL, POOL], "it may have waited in a queue, and overtaken what came after it"
    rig.wait(10_000)
    assert len(rig.lookups) == 2


def test_a_policy_that_an_operator_attached_a_moment_ago_stays() -> None:
    rig = Rig(*BASE, tls_secret("cert"), plain(0), **SMALL)
    parent = rig.controller.observed.get(PARENT)
    assert parent is not None
    policy = HTTPPolicySet(name="theirs")
    theirs = AttachedPolicySet(5, policy.ref)
    rig.controller.observed.put(policy.ref, ObservedObject("theirs", policy))
    attached = replace_fields(parent.object, {"http_policies": (theirs,)})
    rig.controller.observed.put(PARENT, ObservedObject(parent.uuid, attached))
    rig.apply(secure(1))
    rig.settle()
    assert rig.lookups == [PARENT]
    now = rig.controller.observed.get(PARENT)
    assert now is not None
    assert isinstance(now.object, VirtualService)
    assert isinstance(now.object.http_policies, tuple)
    assert theirs in now.object.http_policies
    assert len(now.object.http_policies) == 2


def test_two_plans_about_one_object_are_not_under_way_at_a_time() -> None:
    """Its deletion was answered on one shard, whose plan is still under way, when another shard wants it."""
    rig = Rig(*BASE, plain(0), plain(1), L7Settings__shardVSSize=1)
    rig.use(L7Settings__shardVSSize=8)
    rig.sync()
    rig.delete(plain(0))
    rig.apply(plain(1, backend="other"), service("other"))
    rig.turn()
    while POOL in rig.reconciler.observed:
        rig.answer(next(ref for ref in rig.in_flight if "h1.com" not in ref.name))
    assert rig.in_flight
    rig.forget_writes()
    rig.apply(plain(0))
    rig.turn()
    assert POOL not in {operation.ref for operation in rig.sent}
    rig.settle()
    assert rig.served() == {"h0.com", "h1.com"}


def test_an_address_that_comes_late_is_looked_for_with_growing_pauses() -> None:
    rig = Rig(*BASE, **SMALL)
    rig.gives_addresses = False
    rig.apply(plain(0))
    rig.settle()
    rig.forget_writes()
    times = []
    for _ in range(20):
        assert rig.reconciler.next_due is not None
        times.append(rig.reconciler.next_due)
        rig.wait(times[-1] - rig.clock.now)
    assert rig.lookups == [VSVIP] * 20
    assert all(30 <= after - before <= 60 for before, after in pairwise(times[-10:]))
    assert times[1] - times[0] < 3
    rig.give_address(VSVIP)
    rig.wait(60)
    assert rig.reconciler.next_due is None
    assert rig.sent == []


# What moves.


def named(host: str) -> Manifest:
    """Give a young Service of type LoadBalancer that asks for a DNS name."""
    lb = service("lb", type="LoadBalancer")
    asks = {"external-dns.alpha.kubernetes.io/hostname": host}
    return {**lb, "metadata": {**lb["metadata"], "creationTimestamp": "2026-01-01T00:00:00Z", "annotations": asks}}


def holders(rig: Rig, host: str) -> list[str]:
    """Give the VsVips that have a DNS name."""
    found = ((ref.name, seen.object) for ref, seen in rig.controller.observed.items())
    return [name for name, item in found if isinstance(item, VsVip) and host in item.fqdns]


def test_trees_between_which_a_name_moves_are_planned_as_one() -> None:
    rig = Rig(*BASE, plain(0, created="2020-01-01T00:00:00Z"), plain(1), named("h0.com"), **SMALL)
    assert holders(rig, "h0.com") == [f"my-cluster--{SHARED}"]
    rig.delete(plain(0))
    rig.turn()
    seen = [rig.in_flight]
    while rig.in_flight:
        rig.answer()
        seen.append(rig.in_flight)
    moves = [[ref.name for ref in refs if ref.type == "vsvip"] for refs in seen]
    leaves, enters = [VSVIP.name], ["my-cluster--default-lb"]
    assert moves.index(leaves) < moves.index(enters), "it leaves before it enters"
    assert [*leaves, *enters] not in moves
    assert [*enters, *leaves] not in moves
    assert holders(rig, "h0.com") == ["my-cluster--default-lb"]


def test_so_are_they_where_a_name_moved_while_nobody_looked() -> None:
    before = Rig(*BASE, plain(0, created="2020-01-01T00:00:00Z"), plain(1), named("h0.com"), **SMALL)
    holders_then: list[AviRef | None] = []

    def look(operation: Operation) -> None:
        if operation.ref == AviRef("vsvip", "my-cluster--default-lb"):
            holders_then.append(before.controller.observed.holder("h0.com"))

    rig = Rig(*BASE, plain(1), named("h0.com"), controller=before.controller, faults=[look], **SMALL)
    assert holders_then == [None], "it has left before it enters"
    assert holders(rig, "h0.com") == ["my-cluster--default-lb"]


def test_a_host_stays_on_its_shard_when_its_oldest_claim_goes() -> None:
    """By its namespace it would be on another one; its address is in caches of DNS."""
    base = [made for n in "ab" for made in (service("web", namespace=n), endpoints("web", "10.0.0.1", namespace=n))]
    rig = Rig(*base, L7Settings__l7ShardingScheme="namespace")
    here, there = (
        ingress("x", ("h0.com", f"/{n}", "web:80"), namespace=n, created=f"202{year}-01-01T00:00:00Z")
        for year, n in enumerate("ab")
    )
    rig.apply(here, there)
    rig.settle()
    (before,) = holders(rig, "h0.com")
    rig.delete(here)
    rig.settle()
    assert holders(rig, "h0.com") == [before]
    alone = Rig(*base, there, L7Settings__l7ShardingScheme="namespace")
    assert holders(alone, "h0.com") != [before]


def test_a_name_that_is_on_its_way_to_one_vsvip_has_come_and_gone_before_it_enters_another() -> None:
    """An older claim of it is made just then; nobody is to blame for a name that is taken meanwhile."""
    rig = plain_rig(1)
    rig.apply(named("h1.com"))
    rig.turn()
    assert "my-cluster--default-lb" in {ref.name for ref in rig.in_flight}
    rig.apply(plain(1, created="2020-01-01T00:00:00Z"))
    rig.settle()
    assert holders(rig, "h1.com") == [VSVIP.name]
    assert rig.served() == {"h0.com", "h1.com"}


def test_a_culprit_gets_in_at_a_full_sync_though_the_search_for_it_was_not_over() -> None:
    """Both had objects of their own refused, so that nothing was written when the last one's turn came."""
    rig = plain_rig(2)
    own = ("my-cluster--h8", "my-cluster--h9")
    rig.faults.append(refuses(lambda operation: "h8.com" in named_in(operation), rejected))
    rig.faults.append(refuses(lambda operation: operation.ref.name.startswith(own), rejected))
    rig.apply(plain(9))
    rig.settle()
    rig.apply(plain(8))
    rig.wait(100)
    assert rig.served() == {"h0.com", "h1.com"}
    rig.faults.clear()
    rig.sync()
    rig.wait(100)
    assert rig.served() == {"h0.com", "h1.com", "h8.com", "h9.com"}


def rejected() -> AviError:
    return AviRejected("no", status=400)


def named_in(operation: Operation) -> frozenset[str]:
    """Give the DNS names that an operation would have a VsVip have."""
    item = None if isinstance(operation, Delete) else operation.object
    return frozenset(item.fqdns) if isinstance(item, VsVip) else frozenset()


@pytest.mark.parametrize("start", [(plain(2),), (plain(1), plain(2)), (plain(1), plain(2), secure(4))])
def test_one_object_that_fails_again_and_again_holds_up_nobody_else(start: tuple[Manifest, ...]) -> None:
    """Neither who goes, nor who comes, nor the redirects of others; who lacks the object keeps what he has."""
    rig = Rig(*BASE, tls_secret("cert"), plain(0), *start, **SMALL)
    child = AviRef("virtualservice", "my-cluster--h1.com")
    rig.faults.append(refuses(lambda operation: operation.ref == child, away))
    rig.apply(secure(1))
    rig.settle()
    rig.delete(plain(2))
    rig.apply(secure(3))
    rig.wait(4000)
    assert "h2.com" not in rig.served()
    assert labelled(rig) == {"h0.com"} | ({"h1.com"} if plain(1) in start else set())
    assert redirected(rig) == {"h3.com"} | ({"h4.com"} if len(start) == 3 else set())
    rig.faults.clear()
    rig.wait(4000)
    assert redirected(rig) >= {"h1.com", "h3.com"}


def labelled(rig: Rig) -> set[str]:
    """Give the hosts with labels in the pool group."""
    seen = rig.controller.observed.get(AviRef("poolgroup", PARENT.name))
    members = seen.object.members if seen and isinstance(seen.object, PoolGroup) else ()
    return {str(member.priority_label).strip("/") for member in members}


def redirected(rig: Rig) -> set[str]:
    """Give the hosts that are redirected whole."""
    seen = rig.controller.observed.get(AviRef("httppolicyset", PARENT.name))
    return set(seen.object.hosts) if seen and isinstance(seen.object, HTTPPolicySet) else set()
