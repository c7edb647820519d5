"""Replicas that come, go and stand by: what they ask for, what they say, and that one writes whatever their number."""

from __future__ import annotations

import time
from typing import Any

from tests.builders import ingress
from tests.e2e.stage import FULL_SYNCS
from tests.replicas.relay import Seen
from tests.replicas.rig import Replica, Rig, assert_one_writer_at_a_time, stateful_set
from tests.waiting import eventually

LISTED = ("vsvip", "pkiprofile", "sslkeyandcertificate", "pool", "networksecuritypolicy", "httppolicyset", "poolgroup",
          "l4policyset", "vsdatascriptset", "virtualservice")  # fmt: skip


def about_lease(seen: Seen) -> bool:
    return "/leases" in seen.path


def test_a_rolling_update_hands_over_at_once(rig: Rig) -> None:
    """And taking over costs one observation of the Controller, and no list."""
    leader, standby = rig.pair(election={"leaseDurationSeconds": 60, "renewDeadlineSeconds": 40})
    rig.cluster.apply(dict(ingress("broken", ("broken.com", "/", "none:80"))))  # whose problem both would tell
    eventually(lambda: any("/broken/status" in seen.path for seen in leader.requests), "its status")
    assert not [seen for seen in standby.requests if seen.path.startswith(("/login", "/api/")) and is_avi(seen)]
    eventually(lambda: any(seen.path.startswith("/api/v1/events?") for seen in standby.requests), "Events it knows")
    mark, begun = len(rig.log.seen), time.monotonic()
    leader.running.stop()
    eventually(standby.leads, "a successor")
    assert time.monotonic() - begun < 30  # it did not run out
    eventually(lambda: standby.metric(FULL_SYNCS) == 1, "all read")
    rig.declare("next")
    eventually(lambda: rig.serves("next"), "next.com served")
    eventually(lambda: any("/next/status" in seen.path for seen in standby.requests), "its status")
    asked = [seen for seen in rig.log.of(standby.pod, mark) if not about_lease(seen)]
    assert not [seen for seen in asked if seen.is_list]
    for listed in LISTED:
        assert len([seen for seen in asked if seen.path.startswith(f"/api/{listed}?")]) == 1, listed
    assert [seen.path for seen in asked].count("/login") == 1
    assert standby.metric("ako_leader") == 1
    assert standby.metric("ako_lease_transitions_total") == 7
    events = [event for event in rig.cluster.events() if event["reason"] == "LeaderElection"]
    assert [event["message"].partition("_")[0] for event in events] == ["ako-0", "ako-1"]
    assert all(event["involvedObject"]["kind"] == "Lease" for event in events)
    assert all(event["involvedObject"]["uid"] for event in events)
    assert_one_writer_at_a_time(rig.log)


def is_avi(seen: Seen) -> bool:
    return not seen.path.startswith("/api/v1/")


def test_one_replica_asks_for_the_lease_once_and_makes_none(rig: Rig) -> None:
    rig.cluster.apply(stateful_set(1))
    alone = rig.start("ako-0")
    eventually(lambda: rig.serves("shop"), "shop.com served")
    alone.running.becomes_ready()
    assert [seen.method for seen in alone.requests if about_lease(seen)] == ["GET"]
    assert not rig.lease()


def test_without_a_stateful_set_there_is_no_election(rig: Rig) -> None:
    alone = rig.start("somewhere")
    eventually(lambda: rig.serves("shop"), "shop.com served")
    assert not [seen for seen in alone.requests if about_lease(seen)]


def test_one_replica_becomes_two_and_one_again_while_all_goes_on(rig: Rig) -> None:
    rig.cluster.apply(stateful_set(1))
    first = rig.start("ako-0")
    eventually(lambda: rig.serves("shop"), "shop.com served")
    rig.cluster.apply(stateful_set(2))
    second = rig.start("ako-1")
    eventually(first.leads, "the first with the Lease")
    second.running.explains("standby, leader is ako-0_")
    rig.declare("next")
    eventually(lambda: rig.serves("next"), "next.com served")
    assert first.metric(FULL_SYNCS) == 1  # it was never interrupted
    second.running.stop()
    rig.cluster.apply(stateful_set(1))
    eventually(lambda: held_for_good(rig), "a Lease for good")
    count = len([seen for seen in first.requests if about_lease(seen)])
    first.kube.cut()
    rig.avi_control.delete("pool", "c--shop.com_-default-shop", force=True)
    first.kube.mend()
    rig.declare("third")
    eventually(lambda: rig.serves("third"), "third.com served")
    assert len([seen for seen in first.requests if about_lease(seen)]) == count
    assert not [seen for seen in second.requests if seen.is_avi_write]


def held_for_good(rig: Rig) -> bool:
    lease: Any = rig.lease()
    return bool(lease.get("leaseDurationSeconds") == 2**31 - 1 and lease["holderIdentity"].startswith("ako-0_"))


def test_a_second_one_waits_for_a_first_that_knows_nothing_of_it(rig: Rig) -> None:
    rig.cluster.apply(stateful_set(1))
    first = rig.start("ako-0")
    eventually(lambda: rig.serves("shop"), "shop.com served")
    first.kube.is_silent = True
    rig.cluster.apply(stateful_set(2))
    second = rig.start("ako-1")
    second.running.explains("standby, there is no leader")
    looked = len([seen for seen in second.requests if about_lease(seen)])
    # It would have taken the Lease after three looks a length of the Lease would take.
    eventually(lambda: len([seen for seen in second.requests if about_lease(seen)]) > looked + 8, "more looks")
    assert not rig.lease()
    assert not second.avi_writes
    first.kube.mend()
    eventually(first.leads, "the first with the Lease")
    second.running.explains("standby, leader is ako-0_")


def test_who_may_not_use_the_lease_says_so_and_writes_nothing(rig: Rig) -> None:
    rig.cluster.apply(stateful_set(2))
    refusal = rig.cluster.forbid("get", "leases")
    replica: Replica = rig.start("ako-0")
    replica.running.explains("forbidden")
    assert not replica.running.is_ready()
    assert not replica.avi_writes
    refusal.clear()
    eventually(replica.leads, "a leader")
    eventually(lambda: rig.serves("shop"), "shop.com served")
    eventually(replica.running.is_ready, "ready")


def test_who_may_not_make_the_lease_says_which_right_it_wants_and_stands_by(rig: Rig) -> None:
    rig.cluster.apply(stateful_set(2))
    refusal = rig.cluster.forbid("create", "leases")
    replica: Replica = rig.start("ako-0")
    replica.running.explains("the right to create Lease/avi-system/ako-leader is missing")
    assert not replica.running.is_ready()
    looked = len([seen for seen in replica.requests if about_lease(seen)])
    eventually(lambda: len([seen for seen in replica.requests if about_lease(seen)]) > looked + 4, "more tries")
    assert not replica.running.is_ready()  # that the Lease can be read takes nothing back
    assert replica.running.err.count("the right to create Lease/avi-system/ako-leader is missing") == 1
    assert "`ako rbac | kubectl apply -f -`" in replica.running.err
    assert not replica.avi_writes
    refusal.clear()
    eventually(replica.leads, "a leader")
    eventually(replica.running.is_ready, "ready")


def test_who_may_not_renew_the_lease_stops_and_says_which_right_it_wants(rig: Rig) -> None:
    leader, standby = rig.pair()
    refusal = rig.cluster.forbid("update", "leases")
    leader.running.explains("standby, leader is ako-0_")
    for replica in (leader, standby):
        replica.running.explains("the right to update Lease/avi-system/ako-leader is missing")
        assert not replica.running.is_ready()
        assert replica.metric("ako_leader") == 0
    assert "does not lead any more and writes nothing: the right to update" in leader.running.err
    refusal.clear()
    eventually(lambda: leader.leads() or standby.leads(), "a leader")
    eventually(leader.running.is_ready, "ready")
    eventually(standby.running.is_ready, "ready")
    assert_one_writer_at_a_time(rig.log)
