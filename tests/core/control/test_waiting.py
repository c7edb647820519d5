"""When the loop has to go round again: never at once for what cannot be done yet, and never for nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.apply.dispatcher import Dispatcher
from ako.core.avi.errors import AviError, AviNotFound, AviRejected, AviUnreachable
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, DnsInfo, IpAddr, Pool, Vip, VsVip
from ako.core.observe.full_sync import Observation
from ako.core.observe.observed import Observed, ObservedObject
from tests.builders import CLOUD_FACTS, endpoints, ingress, service
from tests.core.clock import Clock
from tests.core.control.passes import Passes
from tests.core.control.test_convergence import INGRESSES, Rig
from tests.core.silence import Silence
from tests.properties import share_of

ADDRESS = (Vip(ip_address=IpAddr("10.9.9.9", "V4")),)
SHOP = (service("web"), endpoints("web", "10.0.0.1"), ingress("shop", ("shop.com", "/", "web:80")))


@pytest.fixture
def passes() -> Iterator[Passes]:
    with Passes() as made:
        made.declare(*SHOP)
        made.observe()
        yield made


def test_nothing_is_due_where_nothing_is_left_to_do(passes: Passes) -> None:
    passes.settle()
    assert passes.reconciler.is_idle
    assert passes.reconciler.next_due is None


def test_an_address_that_is_missing_is_looked_for_with_pauses(passes: Passes) -> None:
    passes.gives_addresses = False
    passes.settle()
    for looks in range(1, 5):
        due = passes.reconciler.next_due
        assert due is not None
        assert due > passes.clock.now
        passes.turn(due - passes.clock.now)
        assert len(passes.worker.asked) == looks
        passes.reconciler.dispatcher.looked_up(passes.worker.asked[-1], _as_known(passes, passes.worker.asked[-1]))
        passes.turn()


def test_nothing_is_due_at_a_controller_that_cannot_be_read(passes: Passes) -> None:
    """What was missing on the one before is not looked for: nothing is known of this one."""
    passes.gives_addresses = False
    passes.settle()
    assert passes.reconciler.next_due is not None
    passes.reconciler.start_over(Silence())
    passes.turn(600)
    assert passes.reconciler.next_due is None
    passes.observe()
    passes.turn()
    assert passes.reconciler.is_observed


def _as_known(passes: Passes, ref: AviRef) -> ObservedObject | None:
    return passes.reconciler.observed.get(ref)


def test_a_retry_waits_for_the_plan_of_a_linked_tree_without_a_due_time() -> None:
    """A name moves between two trees, and a plan for one of them is under way."""
    clock, worker = Clock(), Silence()
    before = VsVip(name="c--old", dns_info=(DnsInfo("moving.com"),), vip=ADDRESS)
    pools = {name: Pool(name=f"c--{name}") for name in ("old", "new")}
    trees: dict[str, list[AviObject]] = {"old": [before], "new": [pools["new"]]}
    dispatcher = Dispatcher(
        Observed(),
        lambda tree: {item.ref: item for item in trees.get(tree.name, ())},
        worker,
        "c--",
        Pace(clock, random.Random(1)),
    )
    dispatcher.knowledge.adopt({before.ref: ObservedObject("u", before)})
    dispatcher.plan_anew(map(TreeName, trees))
    dispatcher.start_due()
    (creation,) = worker.sent
    dispatcher.finished(creation, AviUnreachable("away"))
    due = dispatcher.next_due
    assert due is not None
    assert due > clock.now
    trees["old"].append(pools["old"])
    dispatcher.touch([TreeName("old")])
    dispatcher.start_due()
    assert worker.sent[1].ref == pools["old"].ref, "the other tree is under way"
    trees["new"].append(VsVip(name="c--new", dns_info=before.dns_info, vip=ADDRESS))
    trees["old"][0] = VsVip(name="c--old", vip=ADDRESS)
    clock.now = due
    dispatcher.start_due()
    assert len(worker.sent) == 2
    assert dispatcher.next_due is None, "the answer about the other one is what it waits for"
    dispatcher.finished(worker.sent[1], ObservedObject("u", pools["old"]))
    dispatcher.touch([TreeName("old")])
    dispatcher.start_due()
    assert [operation.ref for operation in worker.sent[2:]] == [pools["new"].ref], "what serves the name is there first"
    dispatcher.finished(worker.sent[2], ObservedObject("u", pools["new"]))
    dispatcher.start_due()
    assert [operation.ref for operation in worker.sent[3:]] == [before.ref], "and the name leaves before it comes"


def test_a_retry_waits_for_an_object_that_another_plan_is_about_without_a_due_time() -> None:
    clock, worker = Clock(), Silence()
    own, wanted = Pool(name="c--own"), Pool(name="c--wanted")
    trees: dict[str, list[AviObject]] = {"one": [], "two": [own]}
    pace = Pace(clock, random.Random(1))
    dispatcher = Dispatcher(Observed(), lambda tree: {item.ref: item for item in trees[tree.name]}, worker, "c--", pace)
    dispatcher.knowledge.adopt({})
    dispatcher.touch([TreeName("two")])
    dispatcher.start_due()
    dispatcher.finished(worker.sent[0], AviUnreachable("away"))
    due = dispatcher.next_due
    assert due is not None
    clock.now = due
    trees["one"] = [wanted]
    trees["two"] = [own, wanted]
    dispatcher.touch([TreeName("one")])
    dispatcher.start_due()
    assert [operation.ref for operation in worker.sent[1:]] == [wanted.ref]
    assert dispatcher.next_due is None
    dispatcher.finished(worker.sent[1], ObservedObject("u", wanted))
    dispatcher.start_due()
    assert [operation.ref for operation in worker.sent[2:]] == [own.ref]


ANSWERS: Sequence[AviError | None] = (
    None,
    None,
    None,
    AviUnreachable("away"),
    AviRejected("not like that"),
    AviNotFound("Pool object not found!"),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("apply", "apply", "delete", "observe", "pass")),
        INGRESSES,
        st.lists(st.sampled_from(range(len(ANSWERS))), max_size=6),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=share_of(100))
@given(STEPS, st.integers(0, 2**32))
def test_after_a_pass_nothing_is_due_that_could_not_be_done(
    steps: Sequence[tuple[str, dict[str, object], Sequence[int]]], seed: int
) -> None:
    """Whatever was answered: else the loop would go round as fast as it can."""
    clock = Clock()
    rig = Rig(random.Random(seed), clock)
    for action, manifest, answers in steps:
        if action == "apply":
            rig.fed.apply(manifest)
        elif action == "delete":
            rig.fed.delete(manifest)
        elif action == "observe":
            rig.observe()
        else:
            clock.now += 0.3
        _pass(rig, clock)
        for answer in answers:
            if rig.in_flight:
                rig.answer_one(ANSWERS[answer])
                _pass(rig, clock)


def _pass(rig: Rig, clock: Clock) -> None:
    rig.dispatcher.touch(rig.fed.pipeline.refresh().trees)
    rig.dispatcher.start_due()
    due = rig.dispatcher.next_due
    assert due is None or due > clock.now


def test_who_lives_where_is_not_forgotten_while_the_controller_is_read_anew() -> None:
    """Another password, say: that nothing is known for a moment moves nobody."""
    name = "my-cluster--Shared-L7-3"
    with Passes(L7Settings__shardVSSize="LARGE") as passes:
        passes.declare(*SHOP)
        passes.observe(VsVip(name=name, dns_info=(DnsInfo("shop.com"),), vip=ADDRESS))
        passes.turn()
        assert passes.reconciler.elsewhere == {"shop.com": 3}
        steps = passes.reconciler.pipeline.engine.steps
        passes.reconciler.start_over(Silence())
        passes.reconciler.use(passes.reconciler.settings)
        passes.turn()
        assert passes.reconciler.elsewhere == {"shop.com": 3}
        assert passes.reconciler.pipeline.engine.steps == steps, "nothing is worked out anew"
        passes.observe()
        passes.turn()
        assert passes.reconciler.elsewhere == {}, "it was read, and is not there"


def test_what_could_not_be_taken_over_before_the_next_reading_began_is_dropped() -> None:
    """What is written from then on is known better than by the newer one; of the older one that is not remembered."""
    with Passes() as passes:
        passes.declare(*SHOP)
        passes.observe()
        passes.settle()
        there = dict(passes.reconciler.observed.items())
        older = Observation(CLOUD_FACTS, {})
        passes.reconciler.begin_observation()
        passes.reconciler.observe(older)
        passes.reconciler.begin_observation()
        passes.turn()
        assert dict(passes.reconciler.observed.items()) == there
        assert passes.take_sent() == []
        passes.reconciler.observe(Observation(CLOUD_FACTS, {}))
        passes.turn()
        assert not passes.reconciler.observed
