"""A full sync takes a while: what is written or looked up meanwhile is known better than what it read."""

from __future__ import annotations

import random

import pytest

from ako.core.base.refs import AviRef
from ako.core.model import Pool, PoolServer
from ako.core.observe.observed import ObservedObject
from tests.builders import endpoints, ingress
from tests.core.control.test_convergence import Rig

POOL = AviRef("pool", "my-cluster--a.com_-default-one")


@pytest.fixture
def rig() -> Rig:
    """Give a world in which one host is served."""
    made = Rig(random.Random(1))
    made.fed.apply(ingress("one", ("a.com", "/", "web:80")))
    made.converge()
    return made


def read(rig: Rig) -> dict[AviRef, ObservedObject]:
    """Give what a full sync that began now would find."""
    return dict(rig.controller.observed.items())


def adopt(rig: Rig, observation: dict[AviRef, ObservedObject]) -> None:
    rig.dispatcher.knowledge.adopt(observation)
    rig.dispatcher.plan_anew(rig.fed.pipeline.tree_names())


def start(rig: Rig) -> None:
    rig.dispatcher.touch(rig.fed.pipeline.refresh().trees)
    rig.dispatcher.start_due()


def test_what_was_written_while_it_read_is_not_written_again(rig: Rig) -> None:
    old = read(rig)
    rig.dispatcher.knowledge.begin_observation()
    rig.fed.apply(endpoints("web", "10.0.0.7"))
    rig.converge()
    written = len(rig.controller.writes)
    adopt(rig, old)
    rig.converge()
    assert len(rig.controller.writes) == written


def test_what_was_under_way_when_it_began_is_not_written_again(rig: Rig) -> None:
    rig.fed.apply(endpoints("web", "10.0.0.7"))
    start(rig)
    assert rig.in_flight
    old = read(rig)
    rig.dispatcher.knowledge.begin_observation()
    while rig.in_flight:
        rig.answer_one()
    written = len(rig.controller.writes)
    adopt(rig, old)
    rig.converge()
    assert len(rig.controller.writes) == written


def test_what_was_created_while_it_read_is_not_created_again(rig: Rig) -> None:
    old = read(rig)
    rig.dispatcher.knowledge.begin_observation()
    rig.fed.apply(ingress("two", ("b.com", "/", "web:80")))
    rig.converge()
    adopt(rig, old)
    rig.converge()
    created = [op.ref for op in rig.controller.writes if type(op).__name__ == "Create"]
    assert len(created) == len(set(created))


def test_what_was_looked_up_while_it_read_counts(rig: Rig) -> None:
    old = read(rig)
    rig.dispatcher.knowledge.begin_observation()
    edited = ObservedObject("pool-1", Pool(name=POOL.name, servers=(PoolServer.at("9.9.9.9", 1),)))
    rig.dispatcher.looked_up(POOL, edited)
    adopt(rig, old)
    assert rig.dispatcher.knowledge.observed.get(POOL) == edited


def test_what_nobody_touched_is_as_it_read(rig: Rig) -> None:
    rig.dispatcher.knowledge.begin_observation()
    edited = ObservedObject("pool-1", Pool(name=POOL.name, servers=(PoolServer.at("9.9.9.9", 1),)))
    adopt(rig, {**read(rig), POOL: edited})
    assert rig.dispatcher.knowledge.observed.get(POOL) == edited


def test_what_was_written_before_an_observation_was_taken_over_is_known_better_by_the_next(rig: Rig) -> None:
    """One follows the other: what is written after the first was taken over is in neither."""
    adopt(rig, _begun(rig))
    old = _begun(rig)
    rig.fed.apply(ingress("two", ("b.com", "/", "web:80")))
    rig.converge()
    written = len(rig.controller.writes)
    adopt(rig, old)
    rig.converge()
    assert len(rig.controller.writes) == written


def _begun(rig: Rig) -> dict[AviRef, ObservedObject]:
    rig.dispatcher.knowledge.begin_observation()
    return read(rig)
