"""Every acceptance scenario, against the product in a thread, and in a process where that shows something more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.ako_process import AkoAsTyped, AkoProcess
from tests.scenarios.ako_thread import AkoThread
from tests.scenarios.product import Product
from tests.scenarios.promised import ELSEWHERE, PromisedRun
from tests.scenarios.report import ScenarioError
from tests.scenarios.scenario import DATA, load
from tests.scenarios.surroundings import surroundings

# Scenarios that need a part which is not there yet, and which part that is.
WAITING: dict[str, str] = {}

# Scenarios whose product is started as a user starts it, and what that shows beside the scenario.
AS_TYPED: dict[str, str] = {
    "ingress/01-basic-host-path": "the most usual story, from the command line on",
    "routes/16-edge": "the same for OpenShift",
    "l4/01-single-port": "the same for a Service of type LoadBalancer",
}

# Scenarios whose product is a process of its own, and what that shows beside the scenario.
PROCESSES: dict[str, str] = {
    "lifecycle/01-delete-config": "one process takes in a ConfigMap twice",
    "lifecycle/02-boot-with-delete-config": "SIGTERM and 0, and a ConfigMap that is read before anything else",
    "lifecycle/04-unused-shared-vs-removed-at-restart": "SIGTERM and 0, and nothing is remembered from one to the next",
    "lifecycle/05-controller-down-at-boot": "it stays, though the Controller does not answer",
    "lifecycle/12-restart-repairs-deleted-objects": "SIGTERM and 0, and the next one finds what is missing",
    "lifecycle/13-full-sync-no-op": "SIGTERM and 0, and the next one finds nothing to do",
    "lifecycle/17-segroup-of-other-cluster": "it stays, though it may do nothing",
}


def _scenarios() -> list[str]:
    found = [f"{path.parent.name}/{path.stem}" for path in sorted(DATA.glob("*/*.json"))]
    return [scenario for scenario in found if scenario not in WAITING]


def _product(scenario_id: str) -> type[Product]:
    if scenario_id in AS_TYPED:
        return AkoAsTyped
    return AkoProcess if scenario_id in PROCESSES else AkoThread


@pytest.mark.parametrize("scenario_id", _scenarios())
def test_scenario(scenario_id: str, tmp_path: Path) -> None:
    scenario = load(DATA / f"{scenario_id}.json")
    with surroundings(scenario, forwards=True) as around:
        try:
            PromisedRun(scenario, around, tmp_path, _product(scenario_id)).run()
        except ScenarioError as failure:
            pytest.fail(str(failure), pytrace=False)


def test_every_scenario_that_is_named_exists() -> None:
    assert [
        scenario
        for scenario in (*WAITING, *AS_TYPED, *PROCESSES, *(name for name, _ in ELSEWHERE))
        if not (DATA / f"{scenario}.json").exists()
    ] == []


def test_every_file_is_named_after_its_scenario() -> None:
    files = sorted(DATA.glob("*/*.json"))
    assert [load(path).id for path in files] == [f"{path.parent.name}/{path.stem}" for path in files]
