"""The operations of a plan one after the other: a strict Controller takes them in that order."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ako.core.apply.sequence import in_sequence
from ako.core.plan.plan import Plan
from tests.core.control.rig import Rig
from tests.core.explain.worlds import BASE, World, worlds


@given(worlds(), worlds(), st.sampled_from(["MEDIUM", 1]), st.randoms(use_true_random=False))
def test_it_can_be_carried_out_as_it_stands_and_does_not_depend_on_how_it_arrived(
    before: World, now: World, shards: object, chance: Random
) -> None:
    rig = Rig(*BASE, *before.values(), L7Settings__shardVSSize=shards)
    rig.delete(*(before[name] for name in before if name not in now))
    rig.apply(*now.values())
    operations = rig.preview().plan.operations
    shuffled = list(operations)
    chance.shuffle(shuffled)
    assert in_sequence(Plan(tuple(shuffled))) == operations
    for operation in operations:
        rig.controller.carry_out(operation)
