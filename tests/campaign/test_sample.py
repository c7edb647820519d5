"""A sample of both campaigns: `make campaign` runs all of it."""

from __future__ import annotations

import pytest

from tests.campaign.crash import calm_views, crash_at, run_script
from tests.campaign.judgement import judge
from tests.campaign.schedule import Schedule, schedule
from tests.campaign.steps import BackUp, Kill, Restore, Visit

FIRST_SEED = 20_000


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + 6))
def test_a_schedule_ends_as_if_nothing_had_happened(seed: int) -> None:
    verdict = judge(schedule(seed))
    assert not verdict.faults, f"{verdict}\nagain: python -m tests.campaign --schedules 1 --seed {seed}"


def brings_back(schedule: Schedule) -> bool:
    """Say whether a backup is put back in it, and not only asked for before there is one."""
    kinds = [type(step) for step in schedule.steps]
    return BackUp in kinds and Restore in kinds[kinds.index(BackUp) :]


@pytest.mark.parametrize("first", [0, FIRST_SEED, 123_456_789])
def test_any_500_schedules_restore_the_controller_and_have_a_second_one_often_enough(first: int) -> None:
    written = [schedule(seed) for seed in range(first, first + 500)]
    assert sum(map(brings_back, written)) >= 20
    for kind in (Kill, Visit):
        assert sum(any(isinstance(step, kind) for step in one.steps) for one in written) >= 50


@pytest.mark.long
@pytest.mark.parametrize("request_number", range(4, 102, 16))
def test_a_killed_process_goes_on_where_it_was(request_number: int) -> None:
    assert crash_at(request_number) == []


def test_the_script_takes_so_many_requests_that_the_kills_above_hit() -> None:
    calm = run_script(calm_views())
    assert calm.faults == []
    assert calm.requests >= 95
    assert set(calm.created.values()) == {1}
