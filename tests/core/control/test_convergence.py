"""Whatever was declared before, in whatever order answers come: the Controller ends as if started from scratch."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.apply.dispatcher import Dispatcher
from ako.core.apply.jobs import Halt
from ako.core.avi.errors import AviError, AviNotFound, AviUnreachable
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject
from ako.core.model.mark import UNMARKED, Mark
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Operation, changed_fields
from tests.builders import Fed, Manifest, endpoints, ingress, service, tls_secret
from tests.core.strict_controller import StrictController, contents
from tests.properties import share_of

HOSTS = ("a.com", "b.com", "c.com", "shop.com")
PREFIX = "my-cluster--"


class Rig:
    """Pipeline, dispatcher and strict Controller, with answers in an order that chance decides."""

    def __init__(self, rng: random.Random, clock: Callable[[], float] = lambda: 0.0) -> None:
        self.rng = rng
        self.controller = StrictController()
        self.fed = Fed()
        self.in_flight: list[Operation | AviRef] = []
        pace = Pace(clock, rng)
        self.dispatcher = Dispatcher(Observed(), self._desired_of, self, PREFIX, pace)
        self.fed.apply(*BASE)
        self.dispatcher.knowledge.adopt({})
        self.dispatcher.plan_anew(())

    def carry_out(self, operation: Operation, halt: Halt, mark: Mark = UNMARKED) -> None:
        """Keep an operation until its answer is due."""
        self.in_flight.append(operation)

    def look_up(self, ref: AviRef) -> None:
        """Keep a question until its answer is due."""
        self.in_flight.append(ref)

    def retire(self) -> None:
        """Lose everything that is under way."""
        self.in_flight.clear()

    def observe(self) -> None:
        """Have the Controller read as a whole."""
        self.dispatcher.knowledge.begin_observation()
        self.dispatcher.knowledge.adopt(dict(self.controller.observed.items()))
        self.dispatcher.plan_anew(self._trees())

    def move(self) -> None:
        """Go on with another Controller, which is empty."""
        self.controller = StrictController()
        self.dispatcher.start_over(self)
        self.observe()

    def _trees(self) -> tuple[TreeName, ...]:
        return self.fed.pipeline.tree_names()

    def _desired_of(self, tree: TreeName) -> Mapping[AviRef, AviObject]:
        found = self.fed.pipeline.trees.value(tree)
        return found.objects if found is not None else {}

    def converge(self) -> None:
        """Carry everything out, in any order that is allowed."""
        while True:
            self.dispatcher.touch(self.fed.pipeline.refresh().trees)
            self.dispatcher.start_due()
            if not self.in_flight:
                break
            self.answer_one()
        assert self.dispatcher.is_idle

    def answer_one(self, error: AviError | None = None) -> None:
        """Carry out one of the operations in flight, or answer with an error."""
        operation = self.in_flight.pop(self.rng.randrange(len(self.in_flight)))
        if isinstance(operation, AviRef):
            self.dispatcher.looked_up(operation, error or self.controller.observed.get(operation))
            return
        if isinstance(error, AviNotFound) and operation.ref in self.controller.observed:
            if self.controller.users(operation.ref):
                error = AviUnreachable("away")  # a Controller does not say of what is in use that it is not there
            else:
                self.controller.observed.forget(operation.ref)
        if error is not None:
            self.dispatcher.finished(operation, error)
            return
        self.controller.carry_out(operation)
        seen = self.controller.observed.get(operation.ref)
        result: ObservedObject | AviError | None = seen
        self.dispatcher.finished(operation, result)


BASE = (
    service("web"),
    endpoints("web", "10.0.0.1", "10.0.0.2"),
    service("api", 8080),
    endpoints("api", "10.0.1.1"),
    *(tls_secret(f"tls-{host}", host) for host in HOSTS),
)
BACKENDS = ("web:80", "api:8080")
RULES = st.lists(
    st.tuples(
        st.sampled_from(HOSTS), st.sampled_from(("/", "/foo", "/foo/bar")), st.sampled_from(("web:80", "api:8080"))
    ),
    min_size=1,
    max_size=4,
)
INGRESSES = st.builds(
    lambda name, rules, secure, created: ingress(
        name, *rules, tls={host: f"tls-{host}" for host in secure}, created=created
    ),
    st.sampled_from(("one", "two", "three")),
    RULES,
    st.sets(st.sampled_from(HOSTS)),
    st.sampled_from(("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(("apply", "apply", "delete", "observe", "move")), INGRESSES, st.integers(0, 9)),
    min_size=1,
    max_size=7,
)


@settings(max_examples=share_of(150))
@given(STEPS, st.integers(0, 2**32))
def test_any_history_converges_to_the_result_from_scratch(
    steps: Sequence[tuple[str, Manifest, int]], seed: int
) -> None:
    """Edits and full syncs that come while others are being carried out included, and another Controller too."""
    rig = Rig(random.Random(seed))
    final: dict[str, Manifest] = {}
    for action, manifest, answers in steps:
        name = manifest["metadata"]["name"]
        if action == "apply":
            rig.fed.apply(manifest)
            final[name] = manifest
        elif action == "delete":
            rig.fed.delete(manifest)
            final.pop(name, None)
        elif action == "observe":
            rig.observe()
        else:
            rig.move()
        rig.dispatcher.touch(rig.fed.pipeline.refresh().trees)
        rig.dispatcher.start_due()
        for _ in range(min(answers, len(rig.in_flight))):
            rig.answer_one()
    rig.converge()

    fresh = Rig(random.Random(seed))
    fresh.fed.apply(*final.values())
    fresh.converge()
    assert_same_but_for_empty_parents(contents(rig.controller.observed), contents(fresh.controller.observed))


def assert_same_but_for_empty_parents(seen: Mapping[AviRef, object], wanted: Mapping[AviRef, object]) -> None:
    """Compare; shared virtual services that lost their last host stay until the next start."""
    for ref, item in wanted.items():
        assert isinstance(item, AviObject)
        found = seen[ref]
        assert isinstance(found, AviObject)
        assert not list(changed_fields(item, found))
    trees_in_use = {ref.name for ref in wanted if ref.type == "vsvip"}
    left_over = {ref for ref in seen.keys() - wanted.keys() if ref.name not in trees_in_use}
    assert {ref.name for ref in left_over} <= {f"{PREFIX}Shared-L7-{n}" for n in range(8)}
    assert not {ref for ref in seen.keys() - wanted.keys() if ref.name in trees_in_use}


def test_a_second_round_writes_nothing() -> None:
    """What is in line stays untouched, after a complete observation too."""
    rig = Rig(random.Random(1))
    rig.fed.apply(ingress("one", ("a.com", "/", "web:80"), ("b.com", "/", "api:8080"), tls={"b.com": "tls-b.com"}))
    rig.converge()
    rig.controller.writes.clear()
    rig.observe()
    rig.converge()
    assert rig.controller.writes == []
