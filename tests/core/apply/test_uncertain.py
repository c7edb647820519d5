"""What an error says about the Controller, and what has to be looked up therefore."""

from __future__ import annotations

import pytest

from ako.core.apply.uncertain import is_refusal, uncertain_after
from ako.core.avi.errors import AviAuthError, AviConflict, AviError, AviNotFound, AviRejected, AviStale, AviUnreachable
from ako.core.model import Pool, PoolGroup, PoolGroupMember
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Create, Delete, Operation, Update

POOL, OTHER = Pool(name="c--p"), Pool(name="c--other")
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
        (CREATE, AviNotFound("NetworkProfile object not found!"), set()),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, (Operation, AviError)) else None,
)
def test_what_is_looked_up(operation: Operation, error: AviError, doubtful: set[object]) -> None:
    observed = Observed()
    observed.replace(SEEN)
    assert uncertain_after(operation, error, observed) == doubtful


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (AviRejected("no"), True),
        (AviNotFound("NetworkProfile object not found!"), True),
        (AviNotFound("Pool object not found!"), False),
        (AviNotFound("object not found"), False),
        (AviConflict("already exists"), False),
        (lost(sent=True), False),
    ],
)
def test_what_lasts_until_somebody_mends_it(error: AviError, is_one: bool) -> None:
    assert is_refusal(error) is is_one
