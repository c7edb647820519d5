"""What our product writes for the scenarios: cluster and Controller as they are whenever a scenario looks at them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.scenarios.scenario import DATA, JsonObject, Scenario, load
from tests.scenarios.steps import ScenarioRun
from tests.scenarios.surroundings import Surroundings, surroundings
from tests.scenarios.test_scenarios import WAITING
from tests.traffic.go_ako import State, domains_of
from tests.waiting import PATIENCE, SETTLING, eventually, wait_until

AREAS = ("ingress", "routes", "l4", "nodeport", "field")
KINDS = ("Namespace", "Node", "IngressClass", "ConfigMap", "Secret", "Service", "Endpoints", "EndpointSlice", "Ingress")


Field = tuple[str, str]
"""Type of an object, and a field of it with `[]` for any place in a list."""


@dataclass(frozen=True)
class Written:
    """A state, and the fields that the product wrote to come to it: the Controller fills in others."""

    state: State
    fields: frozenset[Field]


def scenario_ids() -> list[str]:
    """Name the scenarios."""
    found = [f"{area}/{path.stem}" for area in AREAS for path in sorted((DATA / area).glob("*.json"))]
    return [scenario for scenario in found if scenario not in WAITING]


def states_of(scenario_id: str) -> list[Written]:
    """Run a scenario, and give the state at each of its expectations; they are named by the step."""
    scenario = load(DATA / f"{scenario_id}.json")
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder, surroundings(scenario) as around:
        run = _Watched(scenario, around, Path(folder))
        run.run()
        fields = frozenset(_fields(around))
        return [Written(state, fields) for state in run.states]


class _Watched(ScenarioRun):
    """Takes the state after each expectation that holds."""

    def __init__(self, scenario: Scenario, around: Surroundings, folder: Path) -> None:
        super().__init__(scenario, around, folder)
        self.states: list[State] = []
        self._step = 0

    def perform(self, step: JsonObject) -> None:
        super().perform(step)
        self._step += 1
        if "expect" in step:
            self.states.append(self._state())

    def _state(self) -> State:
        controller = _settled(self._around)
        config = json.loads(json.dumps(self._config))
        name = f"{self._scenario.id}-{self._step:02}"
        return State(name, config, list(_things(self._around, self._scenario)), controller, domains_of(controller))


def _settled(around: Surroundings) -> dict[str, list[JsonObject]]:
    """Give all objects of the Controller, once they stay as they are."""
    with closing(requests.Session()) as http:
        http.trust_env = False

        def read() -> Any:
            return http.get(f"{around.controller_url}/_sim/state", timeout=PATIENCE).json()

        def same() -> Any:
            before = read()
            changed = wait_until(lambda: read() != before or None, SETTLING)
            return None if changed else before

        settled: dict[str, list[JsonObject]] = eventually(same, "the objects stay as they are")
        return settled


def _things(around: Surroundings, scenario: Scenario) -> Iterator[JsonObject]:
    kinds = (*KINDS, "Route") if scenario.platform == "openshift" else KINDS
    for kind in kinds:
        yield from ({"kind": kind, **thing} for thing in around.cluster.kube.list(kind))


def _fields(around: Surroundings) -> Iterator[Field]:
    """Give the fields of all that was sent to the Controller."""
    for sent in around.sent():
        if sent.method not in {"POST", "PUT", "PATCH"} or not isinstance(sent.body, dict):
            continue
        if sent.model == "macro":
            yield from _fields_of(str(sent.body["model_name"]).lower(), sent.body["data"], "")
        elif sent.method == "PATCH":
            for part in sent.body.values():
                yield from _fields_of(sent.model, part, "")
        else:
            yield from _fields_of(sent.model, sent.body, "")


def _fields_of(model: str, value: Any, path: str) -> Iterator[Field]:
    if isinstance(value, dict):
        for name, part in value.items():
            here = f"{path}.{name}" if path else name
            yield model, here
            yield from _fields_of(model, part, here)
    elif isinstance(value, list):
        for part in value:
            yield model, f"{path}[]"
            yield from _fields_of(model, part, f"{path}[]")
