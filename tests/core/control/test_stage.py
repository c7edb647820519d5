"""A part of each turn that fails is left out for a while, each time for longer."""

from __future__ import annotations

import random

import pytest

from ako.core.base.backoff import Pace
from ako.core.control.stage import Stage
from tests.core.clock import Clock


class Act:
    """Fails as long as it is told to; counts."""

    def __init__(self) -> None:
        self.count = 0
        self.fault: BaseException | None = None

    def __call__(self) -> None:
        self.count += 1
        if self.fault is not None:
            raise self.fault


def test_a_stage_that_fails_rests_each_time_for_longer() -> None:
    clock, act = Clock(), Act()
    stage = Stage("act", act, Pace(clock, random.Random(1)))
    assert stage.run()
    act.fault = ZeroDivisionError("spilled")
    waits = []
    for faults in range(1, 5):
        assert not stage.run()
        assert stage.faults.count == faults
        began = clock.now
        while stage.is_resting:
            assert stage.run(), "left out, which is no fault"
            clock.now += 0.01
        waits.append(clock.now - began)
    assert act.count == 5, "one success, four failures, and not a single try in between"
    assert waits == sorted(waits)
    assert waits[3] > 4 * waits[0]

    act.fault = None
    assert stage.run()
    act.fault = ZeroDivisionError("spilled again")
    assert not stage.run()
    clock.now += waits[0] * 2
    assert not stage.is_resting, "the waits start over after a success"


def test_what_is_meant_to_end_the_process_does() -> None:
    act = Act()
    act.fault = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        Stage("act", act, Pace(Clock(), random.Random(1))).run()
