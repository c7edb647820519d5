"""A scenario that the product cannot fulfil: it must fail, and say where."""

from __future__ import annotations

import copy
import dataclasses
import re
from pathlib import Path

import pytest

from tests.scenarios.report import ScenarioError
from tests.scenarios.scenario import DATA, JsonObject, load
from tests.scenarios.steps import ScenarioRun
from tests.scenarios.surroundings import surroundings

BASIC = load(DATA / "ingress" / "01-basic-host-path.json")


class HastyRun(ScenarioRun):
    """Loses patience at the last step: what that waits for will not come."""

    def perform(self, step: JsonObject) -> None:
        if self._number == len(self._scenario.steps) - 1:
            self.patience = 0.0
        super().perform(step)


def failure_of(steps: list[JsonObject], folder: Path, run: type[ScenarioRun] = HastyRun) -> str:
    scenario = dataclasses.replace(BASIC, steps=steps)
    with surroundings(scenario) as around, pytest.raises(ScenarioError) as failure:
        run(scenario, around, folder).run()
    return str(failure.value)


def test_a_wrong_port_is_found_and_shown(tmp_path: Path) -> None:
    wrong = copy.deepcopy(BASIC.steps[3])
    wrong["expect"]["virtualservices"][0]["pools"][0]["servers"][0]["port"] = 9999
    text = failure_of([*BASIC.steps[:4], wrong], tmp_path)
    assert text.startswith("ingress/01-basic-host-path, step 5 of 5 (expect)")
    assert "virtualservices[cluster--Shared-L7-0].pools" in text
    assert "9999" in text
    assert "8080" in text
    assert "POST /api/virtualservice" in text
    assert "ako-1.log" in text


def test_a_request_that_another_service_must_answer_is_found_and_shown(tmp_path: Path) -> None:
    to = {"to": "foo.com", "path": "/foo"}
    right = {"traffic": [{**to, "expect": {"service": "default/avisvc"}}]}
    wrong = {"expect": {"traffic": [{**to, "expect": {"service": "default/another"}}]}}
    text = failure_of([*BASIC.steps[:4], right, wrong], tmp_path)
    assert text.startswith("ingress/01-basic-host-path, step 6 of 6 (expect)")
    assert "traffic[GET http://foo.com/foo].service" in text
    assert '"server": "1.1.1.1:8080"' in text


def test_writes_where_none_were_expected_are_named(tmp_path: Path) -> None:
    pool = {"type": "pool", "name": "cluster--foo.com_foo-default-foo-with-targets"}
    expect = {"present": [pool], "no_writes": True}
    # A write is final: it ends the waiting, however long that might be.
    text = failure_of([BASIC.steps[0], BASIC.steps[2], {"expect": expect}], tmp_path, ScenarioRun)
    assert "step 3 of 3 (expect)" in text
    assert "no_writes" in text
    assert re.search(r"#\d+ (POST|PUT) /api/", text)


def test_a_full_sync_that_does_not_come_is_a_failure(tmp_path: Path) -> None:
    text = failure_of([{"fault": {"unreachable": True}}, {"wait_full_sync": True}], tmp_path)
    assert "step 2 of 2 (wait_full_sync)" in text
    assert "no full sync within 0 s" in text
