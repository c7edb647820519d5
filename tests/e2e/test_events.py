"""Events for the operator: on the ConfigMap, and only as many as are wanted."""

from __future__ import annotations

import pytest

from tests.e2e.stage import Stage, config_map
from tests.waiting import eventually


@pytest.mark.parametrize("wanted", [True, False])
def test_normal_events_can_be_done_without(stage: Stage, *, wanted: bool) -> None:
    stage.configure(AKOSettings={"enableEvents": wanted})
    stage.put("config", config_map(deleteConfig="true", sources="ingress"))
    with stage.start("--report", str(stage.report)) as ako:
        ako.becomes_ready()
        stage.put("config", config_map(deleteConfig="true", sources="ingres"))
        eventually(lambda: "InvalidConfiguration" in stage.reasons(), "the Warning")
        ako.stop()
    assert ("AKODeleteConfigSet" in stage.reasons()) is wanted


def test_a_setting_that_waits_for_the_next_start_is_said(stage: Stage) -> None:
    stage.put("config", config_map(logFormat="text"))
    with stage.start("--report", str(stage.report)) as ako:
        ako.becomes_ready()
        stage.put("config", config_map(logFormat="json"))
        ako.says("ako.logFormat was changed and takes effect at the next start")
        stage.put("config", config_map(logFormat="text"))
        eventually(lambda: stage.reasons() == ["RestartNeeded", "RestartNotNeeded"], "all in effect again")
        ako.stop()


def test_a_default_domain_that_the_cloud_does_not_serve_is_said(stage: Stage) -> None:
    stage.put("config", config_map(defaultDomain="elsewhere.org"))
    with stage.start() as ako:
        ako.says(
            "NetworkSettings.defaultDomain: the cloud does not serve elsewhere.org; generated DNS names end with com."
        )
        ako.becomes_ready()
        ako.stop()
