"""From what was asked for to what is asked for now: who is answered as before in the end is so after each write."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ako.core.apply.execution import Execution
from ako.core.base.refs import AviRef
from ako.core.model import AviObject
from ako.core.plan.left_out import Refusal, without_refused
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


def refusing(before: Objects, after: Objects, seed: int, refused: AviRef) -> Iterator[tuple[Operation, Answers]]:
    """The same, while one object is refused whenever it is to be made."""
    chance = random.Random(seed)
    controller = StrictController(*before.values())
    refusals: dict[AviRef, Refusal] = {}
    for _ in range(6):
        there = dict(controller.observed.items())
        plan = plan_changes(without_refused(after, refusals, there), there, "my-cluster--")
        if not plan:
            return
        execution = Execution(plan)
        flying = execution.start()
        while flying:
            operation = flying.pop(chance.randrange(len(flying)))
            is_ok = operation.ref != refused
            if is_ok:
                controller.carry_out(operation)
                yield operation, answers({ref: seen.object for ref, seen in controller.observed.items()})
            else:
                refusals[refused] = Refusal(after[refused], "not today")
            execution.finish(operation, succeeded=is_ok)
            flying += execution.start()
        assert not execution.stuck
    raise AssertionError("six plans do not do it")


def moments(before: Objects, after: Objects, seed: int) -> Iterator[tuple[Operation, Answers]]:
    """Carry out what leads from one to the other, answers in any order; tell who is answered after each write."""
    chance = random.Random(seed)
    controller = StrictController(*before.values())
    while plan := plan_changes(after, dict(controller.observed.items()), "my-cluster--"):
        execution = Execution(plan)
        for operation in controller.carried_out(execution, lambda flying: chance.randrange(len(flying))):
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
    "an older one takes the prefix, and the exact path its plain names": (
        "kubernetes",
        [ing("i", (EXACT, "/a/"), (PREFIX, "/a/"), secure=True, day=1)],
        [ing("i", (EXACT, "/a/"), (PREFIX, "/a/"), secure=True, day=1), ing("h", (PREFIX, "/a"), secure=True)],
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


@pytest.mark.parametrize("forth", [True, False], ids=["forth", "back"])
@pytest.mark.parametrize("edit", EDITS)
def test_a_host_whose_new_objects_are_refused_stays_served_by_what_it_has(edit: str, forth: bool) -> None:
    mode, *ends = EDITS[edit]
    before, after = (wanted(mode, objects) for objects in (ends if forth else reversed(ends)))
    old, new = answers(before), answers(after)
    served = [request for request in REQUESTS if NOTHING not in {old[request], new[request]}]
    own = [ref for ref in after.keys() - before.keys() if "Shared" not in ref.name]  # who spoils others is left out
    for refused in sorted(own):
        for seed in range(3):
            for operation, now in refusing(before, after, seed, refused):
                lost = {str(r): (old[r], now[r], new[r]) for r in served if now[r] not in {old[r], new[r]}}
                assert not lost, f"after {type(operation).__name__} {operation.ref!r} while {refused!r} is refused"


def wanted(mode: str, objects: Sequence[Object]) -> dict[AviRef, AviObject]:
    fed = world_of(mode)
    fed.apply(*(item.manifest for item in objects))
    fed.pipeline.refresh()
    return objects_of(fed)


ONE_NAME_FOR_TWO_PATHS = (
    [(Object("i", "n", DAYS[1], tuple(Rule("a.com", path, PREFIX, "s0") for path in ("/a/b", "/a_b"))), True)],
    Object("r", "n", DAYS[0], (Rule("a.com", "/a/b", PREFIX, "s0"),)),
)
"""When the older owner of a path goes, the pool of the other path comes behind this one: AKO has one name for both."""


@pytest.mark.long
@settings(max_examples=share_of(300), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["ako", "kubernetes"]), EVENTS, SMALL, st.booleans(), st.integers(0, 99))
def test_an_object_of_one_path_comes_and_goes_without_a_gap(
    mode: str, others: Sequence[tuple[Object, bool]], item: Object, comes: bool, seed: int
) -> None:
    """Who is answered before and after is so all the time."""
    before, after = ends(mode, [other for other, is_there in others if is_there], item, comes=comes)
    old, new = answers(before), answers(after)
    for operation, now in moments(before, after, seed):
        lost = [str(r) for r in REQUESTS if now[r] == NOTHING and NOTHING not in {old[r], new[r]}]
        assert not lost, f"after {type(operation).__name__} {operation.ref!r}"


@pytest.mark.long
@settings(max_examples=share_of(600), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["ako", "kubernetes"]), EVENTS, SMALL, st.booleans(), st.integers(0, 99))
@example(mode="ako", others=ONE_NAME_FOR_TWO_PATHS[0], item=ONE_NAME_FOR_TWO_PATHS[1], comes=False, seed=0)
def test_nor_is_there_one_whatever_new_object_is_refused(
    mode: str, others: Sequence[tuple[Object, bool]], item: Object, comes: bool, seed: int
) -> None:
    """Only a host that somebody has before and after is kept from falling between the two."""
    there = [other for other, is_there in others if is_there]
    before, after = ends(mode, there, item, comes=comes)
    own = [ref for ref in sorted(after.keys() - before.keys()) if "Shared" not in ref.name]
    named = {rule.host for other in there if other.key != item.key for rule in other.rules}
    old, new = answers(before), answers(after)
    asked = [r for r in REQUESTS if r.host.lower() in named and NOTHING not in {old[r], new[r]}]
    for refused in own[seed % len(own) :][:1] if own else ():
        for operation, now in refusing(before, after, seed, refused):
            lost = [str(r) for r in asked if now[r] == NOTHING]
            assert not lost, f"after {type(operation).__name__} {operation.ref!r} while {refused!r} is refused"


def ends(mode: str, others: Sequence[Object], item: Object, *, comes: bool) -> tuple[Objects, Objects]:
    """Give the objects before and after one of a few comes or goes."""
    fed = world_of(mode)
    fed.apply(*(other.manifest for other in others if other.key != item.key))
    fed.pipeline.refresh()
    without = objects_of(fed)
    fed.apply(item.manifest)
    fed.pipeline.refresh()
    return (without, objects_of(fed)) if comes else (objects_of(fed), without)
