"""A sample of both campaigns: `make campaign` runs all of it."""

from __future__ import annotations

import pytest

from tests.campaign.crash import calm_views, crash_at, run_script
from tests.campaign.judgement import judge
from tests.campaign.schedule import schedule

FIRST_SEED = 20_000


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + 20))
def test_a_schedule_ends_as_if_nothing_had_happened(seed: int) -> None:
    verdict = judge(schedule(seed))
    assert not verdict.faults, f"{verdict}\nagain: python -m tests.campaign --schedules 1 --seed {seed}"


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_killed_process_goes_on_where_it_was(part: float) -> None:
    views = calm_views()
    calm = run_script(views)
    assert calm.faults == []
    assert crash_at(round(calm.requests * part), views, calm.created) == []
