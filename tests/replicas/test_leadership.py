"""What replicas conclude from a Lease: never two may write, whatever clocks, processes and the network do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ako.core.control.leadership import Candidate, Leadership, Look, Phase, Put, Terms
from ako.core.kube.lease import FOR_GOOD, Claim, Lease
from ako.core.kube.lease import _Metadata as Metadata
from tests.properties import share_of

TERMS = Terms(15, 10.0, 2.0)
TICK = 0.1
DRIFT = 0.02
"""How much faster or slower than the true time a clock may go."""
MARGIN = TERMS.lease_seconds - TERMS.renew_seconds - 2 * DRIFT * TERMS.lease_seconds - TICK


class Server:
    """Holds the Lease, and takes writes as the API server does."""

    def __init__(self) -> None:
        self.lease: Lease | None = None
        self._versions = 0

    def carry_out(self, step: Look | Put) -> Lease | int | None:
        """Give the Lease, or the status of a refusal."""
        if isinstance(step, Look):
            return self.lease
        if step.before is None and self.lease is not None:
            return 409
        if step.before is not None and self.lease is None:
            return 404
        if step.before is not None and self.lease is not None and step.before.version != self.lease.version:
            return 409
        self._versions += 1
        self.lease = Lease(step.claim, Metadata("uid", str(self._versions)))
        return self.lease


@dataclass
class Request:
    step: Look | Put
    sent: float
    arrives: float
    answered: float
    answer: Lease | int | None = None
    has_arrived: bool = False


class Replica:
    """A process with a clock of its own, which may stand still."""

    def __init__(self, pod: str, number: int, rng: random.Random, *, alone: bool) -> None:
        identity = Candidate(f"ako-{pod}", f"ako-{pod}_{number}", int(pod))
        self._offset, self._rate = rng.uniform(0, 1e6), rng.uniform(1 - DRIFT, 1 + DRIFT)
        self._wall = timedelta(seconds=rng.uniform(-1e5, 1e5))
        self.view = Leadership(identity, TERMS, lambda: datetime(2026, 1, 1, tzinfo=UTC) + self._wall)
        self.view.want(self.now(0.0), alone=alone)
        self.request: Request | None = None
        self.frozen_until = self.cut_until = 0.0
        self.lingering: list[Request] = []

    def now(self, time: float) -> float:
        return self._offset + self._rate * time

    def phase(self, time: float) -> Phase:
        return self.view.phase(self.now(time))

    def live(self, time: float, server: Server, delays: Callable[[], tuple[float, float]]) -> None:
        """Go on for a moment."""
        for late in [late for late in self.lingering if late.arrives <= time]:
            self.lingering.remove(late)
            server.carry_out(late.step)
        if (request := self.request) is not None and not request.has_arrived and request.arrives <= time:
            request.answer, request.has_arrived = server.carry_out(request.step), True
        if time < self.frozen_until:
            return
        now = self.now(time)
        if request is None:
            step = self.view.step(now)
            if step is not None:
                there, back = delays() if time >= self.cut_until else (float("inf"), 0.0)
                self.request = Request(step, now, time + there, time + there + back)
        elif request.has_arrived and request.answered <= time:
            self.request = None
            self._take(request, now)
        elif now - request.sent > 2 * TERMS.patience:
            self.request = None
            if not request.has_arrived:
                self.lingering.append(request)
            self.view.failed(now, 0, "no answer")

    def _take(self, request: Request, now: float) -> None:
        answer = request.answer
        if isinstance(answer, int):
            self.view.failed(now, answer, "refused")
        elif isinstance(request.step, Look):
            self.view.looked(now, answer)
        else:
            assert answer is not None
            self.view.written(request.sent, now, answer)


class Scene:
    """Up to two pods of a StatefulSet whose number of replicas changes, all of it by chance."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.server = Server()
        self.replicas = self.rng.choice([1, 2, 2, 2])
        self.pods: dict[str, Replica] = {}
        self.told_at: dict[str, float] = {}
        self.restart_at = {"0": 0.0, "1": 0.0}
        self.is_calm = False
        self.starts = 0
        self.stopped_at: dict[str, float] = {}
        self.leader = ""

    def delays(self) -> tuple[float, float]:
        kind = 0.0 if self.is_calm else self.rng.random()
        if kind < 0.8:
            return self.rng.uniform(0, 0.1), self.rng.uniform(0, 0.1)
        if kind < 0.9:
            return self.rng.uniform(0, 8), self.rng.uniform(0, 3)
        return self.rng.choice([(float("inf"), 0.0), (0.05, float("inf")), (self.rng.uniform(5, 40), 0.0)])

    def disturb(self, time: float) -> None:
        """Do something to somebody, now and then."""
        rng = self.rng
        if self.pods and rng.random() < 0.006:
            name = self.leader if self.leader in self.pods and rng.random() < 0.6 else rng.choice(sorted(self.pods))
            pod, until = self.pods[name], time + rng.choice([2, 12, 20, 40])
            what = rng.choice(["freeze", "cut", "kill"])
            if what == "kill":
                del self.pods[name]
                self.restart_at[name] = time + rng.choice([0.1, 5, 20])
                self.leader = "" if self.leader == name else self.leader
            setattr(pod, {"freeze": "frozen_until", "cut": "cut_until"}.get(what, "gone"), until)
        if rng.random() < 0.0015:
            self.replicas = 3 - self.replicas
            self.told_at = {name: time + rng.choice([0.0, 0.3, 30.0]) for name in self.pods}

        if rng.random() < 0.003:
            self.edit()

    def edit(self) -> None:
        """Have somebody edit the Lease by hand, unless it is held for good: who holds it so does not look any more."""
        lease = self.server.lease
        if lease is None or lease.claim.lease_duration_seconds == FOR_GOOD:
            return
        holders = ["", "somebody", *(pod.view.me.identity for pod in self.pods.values())]
        lengths = [lease.claim.lease_duration_seconds, None, 2, 15, 10**6]
        claim = replace(
            lease.claim, holder_identity=self.rng.choice(holders), lease_duration_seconds=self.rng.choice(lengths)
        )
        self.server.carry_out(Put(self.rng.choice([claim, Claim()]), lease))

    def live(self, time: float) -> None:
        for name in ("0", "1")[: self.replicas]:
            if name not in self.pods and time >= self.restart_at[name]:
                self.starts += 1
                self.pods[name] = Replica(name, self.starts, self.rng, alone=self.replicas == 1)
        for name, pod in list(self.pods.items()):
            if time >= self.told_at.get(name, 0.0) and time >= pod.frozen_until:
                pod.view.want(pod.now(time), alone=self.replicas == 1)
            pod.live(time, self.server, self.delays)
        if self.replicas == 1 and "1" in self.pods and self.rng.random() < 0.05:
            self._end("1", time)

    def _end(self, name: str, time: float) -> None:
        """End a pod in good order."""
        pod = self.pods.pop(name)
        last = pod.view.resignation(pod.now(time))
        if last is not None:
            self.server.carry_out(last)
        self.leader = "" if self.leader == name else self.leader

    def check(self, time: float) -> None:
        """Insist that one may write at most, and that others have stopped well before."""
        writing = {name for name, pod in self.pods.items() if pod.phase(time) is not Phase.STANDBY}
        assert len(writing) <= 1, f"{time:.1f}: {writing}"
        (name,) = writing or {""}
        if name and self.leader and name != self.leader:
            assert time - self.stopped_at[self.leader] >= MARGIN, f"{time:.1f}: {name} so soon after {self.leader}"
        if name:
            self.leader = name
            self.stopped_at[name] = time

    def ticks(self, start: float, seconds: float) -> Iterator[float]:
        for tick in range(int(seconds / TICK)):
            time = start + tick * TICK
            if not self.is_calm:
                self.disturb(time)
            self.live(time)
            self.check(time)
            yield time


@settings(max_examples=share_of(300))
@given(st.integers(0, 2**32))
def test_never_may_two_write_and_somebody_does_again_soon(seed: int) -> None:
    scene = Scene(seed)
    for _ in scene.ticks(0.0, 150):
        pass
    scene.is_calm, scene.replicas, scene.told_at = True, 2, {}
    scene.restart_at = {"0": 0.0, "1": 0.0}
    for pod in scene.pods.values():
        pod.frozen_until = pod.cut_until = 0.0
        pod.lingering.clear()
    within = TERMS.lease_seconds + 2.0 + 2 * TERMS.patience
    for _ in scene.ticks(150.0, within * (1 + 2 * DRIFT)):
        pass
    assert [name for name, pod in scene.pods.items() if pod.phase(150.0 + within) is not Phase.STANDBY]


# One replica, step by step.

FIRST, SECOND = Candidate("ako-0", "ako-0_a", 0), Candidate("ako-1", "ako-1_b", 1)


def view(me: Candidate = SECOND, *, alone: bool = False) -> Leadership:
    made = Leadership(me, TERMS, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    made.want(0.0, alone=alone)
    return made


def lease(holder: str, version: int = 1, seconds: int | None = 15, transitions: int | None = 3) -> Lease:
    return Lease(Claim(holder, seconds, "a", "2026-01-01T00:00:00.000000Z", transitions), Metadata("u", str(version)))


GIVEN_BACK = lease("", seconds=1)


def test_a_lease_is_taken_when_it_has_stayed_the_same_for_its_length_and_not_before() -> None:
    one = view()
    one.looked(100.0, lease("ako-0_x"))
    assert isinstance(one.step(114.9), Look)
    one.looked(114.9, lease("ako-0_x"))
    put = one.step(115.0)
    assert isinstance(put, Put)
    assert (put.claim.holder_identity, put.claim.lease_transitions) == ("ako-1_b", 4)
    one.looked(115.0, lease("ako-0_x", version=2))
    assert isinstance(one.step(129.0), Look)


def test_the_length_that_counts_is_the_one_that_the_holder_wrote() -> None:
    one = view()
    one.looked(100.0, lease("ako-0_x", seconds=60))
    assert isinstance(one.step(159.0), Look)
    assert isinstance(one.step(160.0), Put)


@pytest.mark.parametrize("seconds", [None, 0])
def test_a_lease_without_a_length_has_ours(seconds: int | None) -> None:
    one = view()
    one.looked(100.0, lease("ako-0_x", seconds=seconds))
    assert isinstance(one.step(114.0), Look)
    assert isinstance(one.step(115.0), Put)


def test_validity_counts_from_before_the_request_was_sent() -> None:
    one = view()
    one.looked(0.0, GIVEN_BACK)
    assert isinstance(one.step(1.0), Put)
    one.written(1.0, 8.0, lease("ako-1_b", 2))
    assert one.phase(10.9) is Phase.LEADING
    assert one.phase(11.0) is Phase.STANDBY


def test_an_answer_that_comes_too_late_wins_nothing() -> None:
    one = view()
    one.looked(0.0, GIVEN_BACK)
    one.written(1.0, 12.0, lease("ako-1_b", 2))
    assert one.phase(12.0) is Phase.STANDBY


def test_a_lease_that_another_has_ends_our_time_at_once() -> None:
    one = view()
    one.looked(0.0, GIVEN_BACK)
    one.written(0.0, 0.1, lease("ako-1_b", 2))
    one.failed(2.0, 409, "conflict")
    assert one.phase(2.0) is Phase.LEADING
    one.looked(2.1, lease("ako-0_x", 3))
    assert one.phase(2.1) is Phase.STANDBY


def test_what_is_renewed_keeps_its_beginning_and_always_differs() -> None:
    one = view()
    one.looked(0.0, GIVEN_BACK)
    one.written(0.0, 0.1, lease("ako-1_b"))
    put = one.step(2.0)
    assert isinstance(put, Put)
    assert (put.claim.acquire_time, put.claim.lease_transitions) == ("a", 3)
    assert put.claim.renew_time
    assert "2026-01-01T00:00:00.000000Z" < put.claim.renew_time < "2026-01-01T00:00:01.1"  # the clock stands still


@pytest.mark.parametrize(("me", "is_made"), [(FIRST, True), (SECOND, False), (Candidate("web", "web_c"), True)])
def test_where_there_is_no_lease_only_the_first_pod_of_a_stateful_set_makes_one(me: Candidate, is_made: bool) -> None:
    one = view(me)
    one.looked(0.0, None)
    assert isinstance(one.step(14.9), Look)
    assert isinstance(one.step(15.0), Put) == is_made


def test_one_replica_works_without_a_lease() -> None:
    one = view(FIRST, alone=True)
    assert one.step(0.0) == Look()
    one.looked(0.0, None)
    assert one.phase(1e9) is Phase.ALONE
    assert one.step(1e9) is None


def test_one_replica_waits_for_another_that_has_the_lease_and_then_holds_it_for_good() -> None:
    one = view(FIRST, alone=True)
    one.looked(0.0, lease("ako-1_b"))
    assert one.phase(0.0) is Phase.STANDBY
    put = one.step(15.0)
    assert isinstance(put, Put)
    assert put.claim.lease_duration_seconds == FOR_GOOD
    one.written(15.0, 15.1, Lease(put.claim, Metadata("u", "2")))
    assert one.phase(1e9) is Phase.ALONE


def test_one_replica_that_becomes_two_goes_on_and_makes_the_lease_at_once() -> None:
    one = view(FIRST, alone=True)
    one.looked(0.0, None)
    one.want(50.0, alone=False)
    assert one.phase(50.0) is Phase.LEADING
    assert one.step(50.0) == Look()
    one.looked(50.1, None)
    assert isinstance(one.step(50.1), Put)


def test_nobody_else_takes_a_lease_that_is_held_for_good() -> None:
    other = view(SECOND)
    other.looked(0.0, lease("ako-0_x", seconds=FOR_GOOD))
    assert isinstance(other.step(1e9), Look)
    same = view(FIRST)
    same.looked(0.0, lease("ako-0_x", seconds=FOR_GOOD))
    assert isinstance(same.step(0.0), Put)


def test_who_ends_gives_the_lease_back() -> None:
    one = view()
    one.looked(0.0, GIVEN_BACK)
    one.written(0.0, 0.1, lease("ako-1_b", 2))
    last = one.resignation(1.0)
    assert last is not None
    assert (last.claim.holder_identity, last.claim.lease_duration_seconds) == ("", 1)
    assert one.phase(1.0) is Phase.STANDBY
    assert view().resignation(1.0) is None


# A Lease that somebody edits by hand: who worked may work still, for as long as it takes to see that.


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param(lease("", 2), id="nobody has it"),
        pytest.param(Lease(None, Metadata("u", "2")), id="it has no spec"),
        pytest.param(lease("ako-1_b", 2), id="it is ours, as they say"),
        pytest.param(lease("ako-0_x", 2, seconds=1), id="it lasts a second"),
        pytest.param(lease("ako-0_x", 2, seconds=-5), id="it is over since long"),
        pytest.param(lease("ako-0_x", 2, seconds=10**6), id="it lasts for days"),
        pytest.param(lease("somebody", 2, seconds=FOR_GOOD), id="somebody has it for good"),
        pytest.param(lease("", 2, seconds=FOR_GOOD), id="nobody has it for good"),
    ],
)
def test_what_was_edited_by_hand_is_had_a_length_later_and_not_before(edited: Lease) -> None:
    one = view()
    one.looked(100.0, lease("ako-0_x"))
    one.looked(101.0, edited)
    assert isinstance(one.step(115.9), Look)
    one.looked(115.9, edited)
    assert isinstance(one.step(116.0), Put)


def test_who_leads_goes_on_when_nobody_has_the_lease_and_stops_when_another_has() -> None:
    one = view()
    one.looked(0.0, GIVEN_BACK)
    one.written(0.0, 0.1, lease("ako-1_b", 2))
    one.failed(2.0, 409, "conflict", is_write=True)
    one.looked(2.1, lease("", 3))
    assert one.phase(2.1) is Phase.LEADING
    one.looked(2.2, lease("anybody", 4))
    assert one.phase(2.2) is Phase.STANDBY


def test_who_has_no_answer_to_its_write_takes_what_it_wrote_at_once() -> None:
    one = view()
    one.looked(0.0, GIVEN_BACK)
    put = one.step(0.0)
    assert isinstance(put, Put)
    one.failed(5.0, 0, "no answer", is_write=True)
    one.looked(6.0, Lease(put.claim, Metadata("u", "2")))
    assert isinstance(one.step(6.0), Put)


def test_a_lease_that_went_from_hand_to_hand_too_often_to_count_is_taken_still() -> None:
    one = view()
    one.looked(0.0, lease("", seconds=1, transitions=2**31 - 1))
    put = one.step(0.0)
    assert isinstance(put, Put)
    assert put.claim.lease_transitions == 2**31 - 1


def test_one_replica_that_saw_a_lease_does_not_take_its_end_for_its_own_at_once() -> None:
    one = view(FIRST, alone=True)
    one.looked(0.0, lease("ako-1_b"))
    one.looked(1.0, None)
    assert one.phase(15.9) is Phase.STANDBY
    one.looked(15.9, None)
    assert one.phase(15.9) is Phase.STANDBY
    one.looked(16.0, None)
    assert one.phase(16.0) is Phase.ALONE


# Rights that are missing.


def test_one_replica_that_may_not_look_works_only_when_that_has_lasted() -> None:
    """An API server that has just started may forbid what it allows a moment later."""
    one = view(FIRST, alone=True)
    one.failed(0.0, 403, "no")
    one.failed(14.0, 403, "no")
    assert one.phase(14.0) is Phase.STANDBY
    one.failed(15.0, 0, "no answer")
    one.failed(16.0, 403, "no")
    assert one.phase(16.0) is Phase.STANDBY
    one.failed(31.0, 403, "no")
    assert one.phase(31.0) is Phase.ALONE


def test_one_replica_that_saw_a_lease_and_may_not_look_any_more_stands_by() -> None:
    one = view(FIRST, alone=True)
    one.looked(0.0, lease("ako-1_b"))
    for time in range(1, 100):
        one.failed(float(time), 403, "no")
        assert one.phase(float(time)) is Phase.STANDBY


def test_what_cannot_be_written_is_in_the_way_until_it_can_or_another_does() -> None:
    one = view()
    one.looked(0.0, lease("ako-0_x"))
    one.failed(16.0, 403, "no update", is_write=True)
    one.looked(16.5, lease("ako-0_x"))
    assert one.trouble == "no update"
    one.looked(17.0, lease("ako-0_y", 2))
    assert not one.trouble
    one.failed(40.0, 403, "no update", is_write=True)
    one.written(41.0, 41.1, lease("ako-1_b", 3))
    assert not one.trouble
    one.failed(43.0, 409, "somebody was first", is_write=True)
    assert not one.trouble


def test_who_may_not_renew_leads_no_longer_than_its_deadline() -> None:
    one = view()
    one.looked(0.0, GIVEN_BACK)
    one.written(0.0, 0.1, lease("ako-1_b", 2))
    for time in range(2, 10):
        one.failed(float(time), 403, "no update", is_write=True)
        one.looked(time + 0.1, lease("ako-1_b", 2))
        assert one.phase(time + 0.1) is Phase.LEADING
    assert one.phase(10.0) is Phase.STANDBY
    assert one.trouble == "no update"
