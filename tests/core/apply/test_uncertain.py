"""What an error says about the Controller, and what has to be looked up therefore."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ako.core.apply.uncertain import is_loss, is_refusal, uncertain_after
from ako.core.avi.errors import AviAuthError, AviConflict, AviError, AviNotFound, AviRejected, AviStale, AviUnreachable
from ako.core.base.refs import AviRef
from ako.core.model import HealthMonitor, Pool, PoolGroup, PoolGroupMember
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Create, Delete, Operation, Update

POOL = Pool(name="c--p", health_monitor_refs=(AviRef("healthmonitor", "System-TCP"),))
OTHER = Pool(name="c--other")
GROUP = PoolGroup(name="c--g", members=(PoolGroupMember(POOL.ref),))
SEEN = {item.ref: ObservedObject("uuid", item) for item in (POOL, OTHER, GROUP)}
CREATE, UPDATE, DELETE = Create(GROUP), Update(GROUP, SEEN[GROUP.ref], ()), Delete(GROUP.ref, SEEN[GROUP.ref])
POOL_UPDATE = Update(POOL, SEEN[POOL.ref], ())


def lost(*, sent: bool) -> AviUnreachable:
    error = AviUnreachable("connection lost")
    error.may_have_been_carried_out = sent
    return error


@pytest.mark.parametrize(
    ("operation", "error", "doubtful"),
    [
        (CREATE, AviRejected("no"), set()),
        (UPDATE, AviRejected("no"), set()),
        (DELETE, AviRejected("it is referred to"), {GROUP.ref}),
        (CREATE, AviConflict("already exists"), {GROUP.ref}),
        (UPDATE, AviStale("412"), {GROUP.ref}),
        (UPDATE, lost(sent=True), {GROUP.ref}),
        (UPDATE, lost(sent=False), set()),
        (UPDATE, AviAuthError("password"), set()),
        (UPDATE, AviNotFound("object not found"), {GROUP.ref, POOL.ref}),
        (CREATE, AviNotFound("Pool object not found!"), {GROUP.ref, POOL.ref}),
        (POOL_UPDATE, AviNotFound("object not found"), {GROUP.ref, POOL.ref}),
        (CREATE, AviNotFound("NetworkProfile object not found!"), {GROUP.ref, POOL.ref}),
        (POOL_UPDATE, AviNotFound("HealthMonitor object not found!"), set()),
        (POOL_UPDATE, AviNotFound("Page not found"), {GROUP.ref, POOL.ref}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, (Operation, AviError)) else None,
)
def test_what_is_looked_up(operation: Operation, error: AviError, doubtful: set[object]) -> None:
    observed = Observed()
    observed.replace(SEEN)
    assert uncertain_after(operation, error, observed) == doubtful


@pytest.mark.parametrize(
    ("operation", "error", "is_one"),
    [
        (CREATE, AviRejected("no"), True),
        (DELETE, AviRejected("it is referred to"), False),
        (POOL_UPDATE, AviNotFound("HealthMonitor object not found!"), True),
        (POOL_UPDATE, AviNotFound("HealthMonitor not found"), True),
        (DELETE, AviNotFound("HealthMonitor object not found!"), False),
        (POOL_UPDATE, AviNotFound("Pool object not found!"), False),
        (CREATE, AviNotFound("Pool object not found!"), False),
        (CREATE, AviConflict("already exists"), False),
        (CREATE, lost(sent=True), False),
    ],
)
def test_what_lasts_until_somebody_mends_it(operation: Operation, error: AviError, *, is_one: bool) -> None:
    assert is_refusal(operation, error, SEEN) is is_one


@pytest.mark.parametrize(
    "words",
    [
        "object not found",
        "Object not found",
        "Page not found",
        "Resource not found (404)",
        "<html><title>URL not found</title></html>",
        "NetworkProfile object not found!",
        "healthmonitor missing",
        "Le HealthMonitor est introuvable",
        "",
    ],
)
def test_other_words_for_it_are_no_verdict(words: str) -> None:
    """A pool refers to a health monitor, and to no page, resource or network profile: it is tried again."""
    assert not is_refusal(POOL_UPDATE, AviNotFound(words), SEEN)
    observed = Observed()
    observed.replace(SEEN)
    assert uncertain_after(POOL_UPDATE, AviNotFound(words), observed) == {GROUP.ref, POOL.ref}


def test_a_monitor_of_ours_that_is_missing_is_looked_up_and_one_of_others_is_a_refusal() -> None:
    monitor = HealthMonitor(name="c--m", monitor_type="HEALTH_MONITOR_TCP")
    monitored = Pool(name="c--p", health_monitor_refs=(monitor.ref,))
    observed = Observed()
    observed.replace({item.ref: ObservedObject("uuid", item) for item in (monitor, GROUP)})
    gone = AviNotFound("HealthMonitor object not found!")
    assert not is_refusal(Create(monitored), gone, observed)
    assert is_loss(Create(monitored), gone, observed)
    assert uncertain_after(Create(monitored), gone, observed) == {POOL.ref, GROUP.ref, monitor.ref}
    both = replace(monitored, health_monitor_refs=(monitor.ref, *POOL.health_monitor_refs))
    assert is_refusal(Create(both), gone, observed), "one of others may be what is missing"
