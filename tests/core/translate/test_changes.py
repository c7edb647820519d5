"""From what was asked for to what is asked for now: who is answered as before in the end is so after each write."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ako.core.apply.execution import Execution
from ako.core.base.refs import AviRef
from ako.core.model import AviObject
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Operation, plan_changes
from tests.core.assemble.worlds import objects_of
from tests.core.strict_controller import StrictController, contents
from tests.core.translate.promised import EXACT, PREFIX, TEXT
from tests.core.translate.requests import NOTHING, Answer, Objects, Request, World
from tests.core.translate.test_requests import DAYS, EVENTS, INGRESSES, REQUESTS, ROUTES, Object, Rule, world_of
from tests.properties import share_of

Answers = Mapping[Request, Answer]
SMALL = INGRESSES.map(lambda item: item._replace(rules=item.rules[:1])) | ROUTES


def answers(objects: Objects) -> Answers:
    world = World(objects, is_ordered=True)
    return {request: world.answer(request) for request in REQUESTS}


def moments(before: Objects, after: Objects, seed: int) -> Iterator[tuple[Operation, Answers]]:
    """Carry out what leads from one to the other, answers in any order; tell who is answered after each write."""
    chance = random.Random(seed)
    controller = StrictController()
    for ref, item in before.items():
        controller.observed.put(ref, ObservedObject("uuid", item))
    while plan := plan_changes(after, dict(controller.observed.items()), "my-cluster--"):
        execution = Execution(plan)
        flying = execution.start()
        while flying:
            operation = flying.pop(chance.randrange(len(flying)))
            controller.carry_out(operation)
            execution.finish(operation, succeeded=True)
            flying += execution.start()
            yield operation, answers({ref: seen.object for ref, seen in controller.observed.items()})
        assert not execution.stuck
    assert contents(controller.observed) == after


def ing(name: str, *paths: tuple[str, str], secure: bool = False, day: int = 0) -> Object:
    """Give an Ingress of a.com, whose backends follow from the day."""
    rules = tuple(Rule("a.com", path, kind, f"s{day}") for kind, path in paths)
    return Object(name, "n", DAYS[day], rules, frozenset({"a.com"} if secure else ()))


def under(name: str, host: str, day: int) -> Object:
    return Object(name, "n", DAYS[day], (Rule(host, "/", PREFIX, f"s{day}"),))


EDITS: Mapping[str, tuple[str, Sequence[Object], Sequence[Object]]] = {
    "text becomes a prefix by elements": ("kubernetes", [ing("i", (TEXT, "/a"))], [ing("i", (PREFIX, "/a"))]),
    "a prefix gets an exact path beside it": (
        "ako",
        [ing("i", (PREFIX, "/a"))],
        [ing("i", (PREFIX, "/a")), ing("j", (EXACT, "/a"), day=1)],
    ),
    "an exact path gets a prefix beside it": (
        "ako",
        [ing("i", (EXACT, "/a"))],
        [ing("i", (EXACT, "/a")), ing("j", (PREFIX, "/a"), day=1)],
    ),
    "a host that is redirected whole gets a plain path": (
        "ako",
        [ing("i", (PREFIX, "/"), secure=True)],
        [ing("i", (PREFIX, "/"), secure=True), ing("j", (PREFIX, "/b"), day=1)],
    ),
    "a host that is redirected whole gets all its paths plain": (
        "ako",
        [ing("i", (PREFIX, "/a"), secure=True)],
        [ing("i", (PREFIX, "/a"), secure=True), ing("j", (PREFIX, "/"), day=1)],
    ),
    "a name under a domain has a host of its own": (
        "ako",
        [under("i", "*.a.com", 0)],
        [under("i", "*.a.com", 0), under("j", "x.a.com", 1)],
    ),
    "an exact path that is redirected has no prefix beside it any more": (
        "ako",
        [ing("i", (PREFIX, "/a/")), ing("j", (EXACT, "/a"), secure=True, day=1), ing("k", (PREFIX, "/a"), day=2)],
        [ing("i", (PREFIX, "/a/")), ing("j", (EXACT, "/a"), secure=True, day=1)],
    ),
    "TLS goes": ("ako", [ing("i", (PREFIX, "/"), secure=True)], [ing("i", (PREFIX, "/"))]),
    "a plain host gets TLS for a path": (
        "ako",
        [ing("i", (PREFIX, "/"), (PREFIX, "/a/b"))],
        [ing("i", (PREFIX, "/"), (PREFIX, "/a/b")), ing("j", (PREFIX, "/a"), secure=True, day=1)],
    ),
}


@pytest.mark.parametrize("forth", [True, False], ids=["forth", "back"])
@pytest.mark.parametrize("edit", EDITS)
def test_a_path_is_handed_over_without_a_gap(edit: str, forth: bool) -> None:
    mode, *ends = EDITS[edit]
    other = ing("other", (PREFIX, "/c"), secure=True, day=2)
    other = other._replace(rules=(other.rules[0]._replace(host="x.a.com"),), secure=frozenset({"x.a.com"}))
    for others in ((), (other,)):
        before, after = (wanted(mode, [*objects, *others]) for objects in (ends if forth else reversed(ends)))
        old, new = answers(before), answers(after)
        served = [request for request in REQUESTS if NOTHING not in {old[request], new[request]}]
        for seed in range(10):
            for operation, now in moments(before, after, seed):
                lost = {str(r): now[r] for r in served if now[r] not in {old[r], new[r]}}
                assert not lost, f"after {type(operation).__name__} {operation.ref!r}"


def wanted(mode: str, objects: Sequence[Object]) -> dict[AviRef, AviObject]:
    fed = world_of(mode)
    fed.apply(*(item.manifest for item in objects))
    fed.pipeline.refresh()
    return objects_of(fed)


@settings(max_examples=share_of(300), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["ako", "kubernetes"]), EVENTS, SMALL, st.booleans(), st.integers(0, 99))
def test_an_object_of_one_path_comes_and_goes_without_a_gap(
    mode: str, others: Sequence[tuple[Object, bool]], item: Object, comes: bool, seed: int
) -> None:
    """Who is answered before and after is so all the time."""
    fed = world_of(mode)
    fed.apply(*(other.manifest for other, is_there in others if is_there and other.key != item.key))
    if not comes:
        fed.apply(item.manifest)
    fed.pipeline.refresh()
    before = objects_of(fed)
    if comes:
        fed.apply(item.manifest)
    else:
        fed.delete(item.manifest)
    fed.pipeline.refresh()
    after = objects_of(fed)
    old, new = answers(before), answers(after)
    for operation, now in moments(before, after, seed):
        lost = [str(r) for r in REQUESTS if now[r] == NOTHING and NOTHING not in {old[r], new[r]}]
        assert not lost, f"after {type(operation).__name__} {operation.ref!r}"
