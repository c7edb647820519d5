"""Settings that cannot be used end every command with 64 and all faults at once."""

from __future__ import annotations

import pytest

from tests.e2e.stage import Stage

COMMANDS = (("run",), ("run", "--once"), ("plan",))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_all_faults_are_told_at_once(stage: Stage, command: tuple[str, ...]) -> None:
    stage.configure(
        L7Settings={"shardVSSize": "HUGE", "noSuchKey": 1},
        AKOSettings={"fullSyncFrequency": "often"},
        ako={"guard": {"maxDeletePercent": 101}},
    )
    done = stage.ako(*command)
    assert done.returncode == 64
    for words in ("shardVSSize", "noSuchKey", "fullSyncFrequency", "maxDeletePercent", "values.yaml"):
        assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert stage.avi.requests_since(0) == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_name_that_could_own_anothers_objects_is_refused(stage: Stage, command: tuple[str, ...]) -> None:
    stage.configure(AKOSettings={"clusterName": "a--b"})
    done = stage.ako(*command)
    assert done.returncode == 64
    assert "clusterName" in done.stderr


def test_a_file_that_is_not_there(stage: Stage) -> None:
    stage.config.unlink()
    done = stage.ako("plan")
    assert done.returncode == 64
    assert "values.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_yaml(stage: Stage) -> None:
    stage.config.write_text("AKOSettings: [\n")
    done = stage.ako("plan")
    assert done.returncode == 64
    assert "values.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_controller_named(stage: Stage) -> None:
    stage.configure(ControllerSettings={"controllerHost": ""})
    done = stage.ako("run", "--once")
    assert done.returncode == 64
    assert "controllerHost" in done.stderr


def test_an_unknown_plugin_is_named_with_those_there_are(stage: Stage) -> None:
    stage.configure(ako={"plugins": {"enabled": ["ingress", "nonesuch"]}})
    done = stage.ako("plan")
    assert done.returncode in {1, 64}
    assert "nonesuch" in done.stderr
    assert "clusterip_routes" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [("fly",), ("run", "--onec"), ("plan", "--format", "xml"), ("run", "--set", "nonsense")], ids=" ".join
)
def test_wrong_usage(stage: Stage, arguments: tuple[str, ...]) -> None:
    done = stage.ako(*arguments)
    assert done.returncode == 64
    assert "usage:" in done.stderr


def test_a_cloud_that_is_not_there_is_said_and_nothing_is_written(stage: Stage) -> None:
    stage.configure(ControllerSettings={"cloudName": "nowhere"})
    done = stage.ako("run", "--once")
    assert done.returncode == 1
    assert "Invalid input detected" in done.stderr
    assert "cloudName" in done.stderr
    assert stage.avi.ours() == {}
