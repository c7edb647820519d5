"""Every acceptance scenario, against the product as it is run by a user."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.scenarios.report import ScenarioError
from tests.scenarios.scenario import DATA, load
from tests.scenarios.steps import ScenarioRun
from tests.scenarios.surroundings import surroundings

# Scenarios that need a part which is not there yet, and which part that is.
WAITING: dict[str, str] = {
    "namespace/01-selector-match-and-mismatch": "namespace selection is not built yet",
    "namespace/02-valid-to-invalid": "namespace selection is not built yet",
    "namespace/04-invalid-to-invalid": "namespace selection is not built yet",
    "namespace/06-route-transitions": "namespace selection is not built yet",
}

# A development run may want to fail sooner than the 60 s that an expectation is given.
LIMIT_SECONDS = float(os.environ.get("SCENARIO_TIMEOUT", "60"))


def _scenarios() -> list[str]:
    found = [f"{path.parent.name}/{path.stem}" for path in sorted(DATA.glob("*/*.json"))]
    return [scenario for scenario in found if scenario not in WAITING]


@pytest.mark.parametrize("scenario_id", _scenarios())
def test_scenario(scenario_id: str, tmp_path: Path) -> None:
    scenario = load(DATA / f"{scenario_id}.json")
    with surroundings(scenario) as around:
        try:
            ScenarioRun(scenario, around, tmp_path, LIMIT_SECONDS).run()
        except ScenarioError as failure:
            pytest.fail(str(failure), pytrace=False)


def test_every_scenario_that_waits_exists() -> None:
    assert [scenario for scenario in WAITING if not (DATA / f"{scenario}.json").exists()] == []


def test_every_file_is_named_after_its_scenario() -> None:
    files = sorted(DATA.glob("*/*.json"))
    assert [load(path).id for path in files] == [f"{path.parent.name}/{path.stem}" for path in files]
