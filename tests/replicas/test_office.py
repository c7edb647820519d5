"""Whether a replica works, by what it is called and what is known of the StatefulSet and the Lease."""

from __future__ import annotations

import queue
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime

import pytest

from ako.core.base.fence import NEVER, Fence
from ako.core.base.refs import Kind, NamespacedName, ObjectRef
from ako.core.control.election import Standing
from ako.core.control.leadership import Candidate, Phase
from ako.core.control.office import Office, Replica
from ako.core.control.own_objects import KINDS, OwnObjects, OwnStatefulSet, ReplicaSpec, ordinal_of
from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed
from ako.core.engine.store import Store
from ako.core.kube.cluster import Event
from ako.core.kube.errors import KubeRefused
from ako.core.kube.lease import LEASES, Claim, Lease
from ako.core.kube.lease import _Metadata as Metadata
from ako.core.settings import Settings, Sources, load_settings
from tests.waiting import PATIENCE

NAMESPACE = "avi-system"
STATEFUL_SETS = Kind("apps", "v1", "StatefulSet")
FORBIDDEN = AvailabilityChanged(STATEFUL_SETS, Availability.UNKNOWN, "forbidden", is_forbidden=True)
FAILED = AvailabilityChanged(STATEFUL_SETS, Availability.UNKNOWN, "no answer")
OTHERS = Lease(Claim("ako-1_x", 15, None, "2026-01-01T00:00:00.000000Z", 1), Metadata("u", "1"))


def listed(replicas: int | None = None) -> Change:
    """Give the list of StatefulSets, with ours if it has so many replicas."""
    if replicas is None:
        return Listed(STATEFUL_SETS, {})
    found = OwnStatefulSet(spec=ReplicaSpec(replicas))
    return Listed(STATEFUL_SETS, {NamespacedName(NAMESPACE, "ako"): {OwnStatefulSet: found}})


class InMemory:
    """A Lease that nobody else looks at."""

    ref = ObjectRef(LEASES, NAMESPACE, "ako-leader")

    def __init__(self, lease: Lease | None, refusal: int) -> None:
        self.lease, self._refusal, self.reads = lease, refusal, 0

    def read(self, patience: float) -> Lease | None:
        del patience
        self.reads += 1
        if self._refusal:
            raise KubeRefused(self._refusal, "not granted")
        return self.lease

    def write(self, claim: Claim, before: Lease | None, patience: float) -> Lease:
        del before, patience
        self.lease = Lease(claim, Metadata("u", "2"))
        return self.lease

    def tell(self, lease: Lease, event: Event, now: datetime, patience: float) -> None:
        """Take an Event."""

    def close(self) -> None:
        """Let go."""


class Desk:
    """One replica whose office is told what comes."""

    def __init__(self) -> None:
        self.store = Store(KINDS)
        self.fence = Fence(until=NEVER)
        self.news: queue.Queue[Standing] = queue.Queue()
        self._office: Office | None = None

    def open(
        self,
        pod: str,
        settings: Mapping[str, object] | None = None,
        lease: Lease | None = None,
        refusal: int = 0,
    ) -> Office:
        self.lock = InMemory(lease, refusal)
        replica = Replica(Candidate(pod, f"{pod}_a", ordinal_of(pod)), self.lock, lambda: None)
        self._office = Office(replica, self.fence, _settings(settings or {}), self.news.put)
        return self._office

    def take(self, change: Change) -> None:
        list(self.store.apply(change))
        assert self._office
        self._office.consider(OwnObjects(NAMESPACE, self.store))

    def hear(self) -> Standing:
        """Follow what comes until the Lease was looked at, or could not be."""
        assert self._office
        while True:
            standing = self.news.get(timeout=PATIENCE)
            self._office.follow(standing)
            if standing.phase is not Phase.STANDBY or standing.holder or standing.trouble:
                return standing

    def close(self) -> None:
        if self._office is not None:
            self._office.close()


def _settings(given: Mapping[str, object]) -> Settings:
    needed = {"AKOSettings.clusterName": "c", "ControllerSettings.controllerHost": "http://127.0.0.1:1"}
    return load_settings(Sources(flags={**needed, **given})).settings


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


@pytest.mark.parametrize("known", [FORBIDDEN, listed(), listed(1)], ids=["forbidden", "absent", "of one"])
def test_the_first_pod_looks_whether_another_leads_whatever_it_may_see_of_the_stateful_set(
    desk: Desk, known: Change
) -> None:
    office = desk.open("ako-0", lease=OTHERS)
    desk.take(known)
    assert desk.hear() == Standing(Phase.STANDBY, "ako-1_x", 1)
    assert not office.works
    assert desk.fence.until == NEVER


@pytest.mark.parametrize("known", [FORBIDDEN, listed(), listed(1)], ids=["forbidden", "absent", "of one"])
def test_the_first_pod_works_where_there_is_no_lease_and_makes_none(desk: Desk, known: Change) -> None:
    office = desk.open("ako-0")
    desk.take(known)
    assert desk.hear().phase is Phase.ALONE
    assert office.works
    assert desk.lock.lease is None


def test_the_first_pod_that_may_not_look_does_not_work_at_once(desk: Desk) -> None:
    office = desk.open("ako-0", refusal=403)
    desk.take(listed(1))
    standing = desk.hear()
    assert standing.phase is Phase.STANDBY
    assert "the right to get Lease/avi-system/ako-leader is missing" in standing.trouble
    assert "ako rbac | kubectl apply -f -" in standing.trouble
    assert not office.works


@pytest.mark.parametrize(("refusal", "lines"), [(403, 1), (422, 1), (401, 0), (409, 0), (429, 0), (500, 0)])
def test_a_refusal_that_will_not_end_by_itself_is_a_line(
    desk: Desk, caplog: pytest.LogCaptureFixture, refusal: int, lines: int
) -> None:
    desk.open("ako-0", refusal=refusal)
    desk.take(listed(2))
    assert "Lease/avi-system/ako-leader" in desk.hear().trouble
    assert len([one for one in caplog.records if "ako-leader" in one.getMessage()]) == lines


def test_who_is_no_pod_of_the_stateful_set_waits_for_the_first_answer_about_it(desk: Desk) -> None:
    office = desk.open("web")
    desk.take(Listed(Kind("", "v1", "ConfigMap"), {}))
    assert not office.works
    desk.take(FAILED)
    assert office.works
    assert not desk.lock.reads


def test_who_worked_without_an_election_stops_where_others_like_it_turn_up(desk: Desk) -> None:
    """Each of them may have worked so far, and each may make the Lease."""
    office = desk.open("web", lease=OTHERS)
    desk.take(FAILED)
    assert office.works
    desk.take(listed(2))
    assert desk.fence.until == NEVER
    desk.hear()
    assert not office.works


def test_the_first_pod_goes_on_when_there_is_a_second_one(desk: Desk) -> None:
    office = desk.open("ako-0")
    desk.take(listed(1))
    desk.hear()
    desk.take(listed(2))
    assert desk.hear().phase is Phase.LEADING
    assert office.works


def test_several_without_an_election_are_a_hazard_until_there_is_one_again(desk: Desk) -> None:
    office = desk.open("ako-0", {"ako.leaderElection.enabled": False})
    desk.take(listed(1))
    assert not office.hazard
    desk.take(listed(2))
    assert office.works
    assert office.hazard.startswith("StatefulSet ako has 2 replicas, and ako.leaderElection.enabled is false")
    desk.take(listed(1))
    assert not office.hazard
    assert not desk.lock.reads


@pytest.mark.parametrize("is_writing", [False, True])
def test_the_lease_is_given_back_only_if_nothing_is_under_way_any_more(desk: Desk, *, is_writing: bool) -> None:
    office = desk.open("ako-0", lease=Lease(Claim("", 1, None, "2026-01-01T00:00:00.000000Z", 1), Metadata("u", "1")))
    desk.take(listed(2))
    while desk.hear().phase is not Phase.LEADING:
        pass
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if is_writing:
            desk.fence.pass_through(ours)
        office.close()
        assert desk.fence.until == NEVER
        lease = desk.lock.lease
        assert lease is not None
        assert (lease.claim.holder_identity == "") is not is_writing
        desk.fence.ended(ours)
