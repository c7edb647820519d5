"""The replica that works is killed, frozen, cut off or ended: another one takes over, and never do two write.

Each story is interrupted at one of its requests: a sample always, all of them in `make campaign`.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from http import HTTPStatus

import pytest

from ako.core.control.ending import LONGEST_END
from tests.replicas.relay import Seen
from tests.replicas.rig import LEASE, LEASE_SECONDS, Replica, Rig, assert_one_writer_at_a_time, stateful_set
from tests.replicas.stall import Stall
from tests.waiting import eventually

AT_MOST = LEASE_SECONDS + 2.0
"""Seconds without a leader, of those in which the machine ran what was ready to."""

HOSTS = ("next", "third", "fourth")
STORY = 14
"""How many requests, those about the Lease apart, it takes at least to program these hosts."""


def cut_off(leader: Replica) -> None:
    leader.kube.cut()
    leader.avi.cut()


def end(leader: Replica) -> None:
    leader.running.process.send_signal(signal.SIGTERM)


WAYS: dict[str, Callable[[Replica], None]] = {
    "ended": end,
    "killed": Replica.kill,
    "frozen": Replica.freeze,
    "cut off from Kubernetes": lambda leader: leader.kube.cut(),
    "unheard by Kubernetes": lambda leader: setattr(leader.kube, "is_silent", True),
    "cut off from both": cut_off,
}
SAMPLE = {("killed", 3), ("frozen", 4), ("cut off from Kubernetes", 2), ("cut off from both", 5)}
CASES = [
    pytest.param(way, at, marks=() if (way, at) in SAMPLE else pytest.mark.campaign)
    for way in WAYS
    for at in range(1, STORY + 1)
]


class Interruption:
    """Does something to a replica at one of its requests; `at`: how many there are until then, from now on.

    Attributes:
        time: when it was done.
    """

    def __init__(self, rig: Rig, leader: Replica, act: Callable[[Replica], None], at: int) -> None:
        self._leader, self._act, self._left = leader, act, at
        self._lock = threading.Lock()
        self.done = threading.Event()
        self.time = 0.0
        rig.log.on_request = self._count

    def _count(self, seen: Seen) -> None:
        if seen.replica != self._leader.pod or "/leases" in seen.path:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.time = time.monotonic()
                self._act(self._leader)
                self.done.set()


def elected_at(replica: Replica) -> float | None:
    """Give when the API server answered the first write of the Lease by a replica that it took."""
    taken = (seen for seen in replica.requests if "/leases" in seen.path and seen.method == "PUT")
    return next((seen.ended for seen in taken if seen.status == HTTPStatus.OK), None)


@pytest.mark.parametrize(("way", "at"), CASES)
def test_another_one_takes_over_and_never_do_two_write(rig: Rig, way: str, at: int) -> None:
    leader, standby = rig.pair()
    transitions = rig.lease()["leaseTransitions"]
    interruption = Interruption(rig, leader, WAYS[way], at)
    for host in HOSTS:
        rig.declare(host)
    assert interruption.done.wait(60)
    with Stall() as stall:
        elected = eventually(lambda: elected_at(standby), "a successor")
        stalled = stall.seconds
    assert standby.leads()
    assert elected - interruption.time - stalled < AT_MOST, f"{stalled} s stalled"
    assert rig.lease()["leaseTransitions"] == transitions + 1
    eventually(lambda: all(map(rig.serves, HOSTS)), "all served")
    eventually(standby.running.is_ready, f"ready: {standby.running.err[-3000:]}")
    if way not in {"killed", "ended"}:
        mark = len(rig.log.seen)
        leader.thaw()
        leader.kube.mend()
        leader.avi.mend()
        leader.running.explains("standby, leader is ako-1_")
        rig.declare("last")
        eventually(lambda: rig.serves("last"), "last.com served")
        assert leader.metric("ako_leader") == 0
        late = rig.log.of(leader.pod, mark)
        assert not [seen for seen in late if seen.whole and (seen.is_avi_write or seen.is_kube_write)]
    assert_one_writer_at_a_time(rig.log)
    assert_one_writer_at_a_time(rig.log, lambda seen: seen.is_kube_write)


def test_a_leader_that_only_reads_hands_over_at_once(rig: Rig) -> None:
    """A Controller that does not answer keeps it from nothing: what is read is not waited for."""
    rig.cluster.apply(stateful_set(2), LEASE)
    rig.avi_control.misbehave({"match": {"method": "GET"}, "delay_ms": 3_600_000})
    leader = rig.start("ako-0")
    eventually(leader.leads, f"a leader: {leader.running.err[-2000:]}")
    eventually(lambda: any("initial-data" in seen.path for seen in leader.requests), "a request that hangs")
    began = time.monotonic()
    end(leader)
    assert leader.running.ends() == 0
    assert time.monotonic() - began < LONGEST_END
    assert rig.holder() == ""
    assert "no answer" not in leader.running.err
