"""Settings that cannot be used end every command with 64 and all faults at once."""

from __future__ import annotations

import json
import re

import pytest

from tests.builders import ingress
from tests.e2e.stage import Stage, config_map
from tests.waiting import eventually

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


@pytest.mark.as_typed
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


@pytest.mark.parametrize("command", [*COMMANDS, ("plugins", "list"), ("config", "show")], ids=" ".join)
def test_an_unknown_plugin_is_named_with_those_there_are(stage: Stage, command: tuple[str, ...]) -> None:
    stage.configure(ako={"plugins": {"enabled": ["ingress", "nonesuch"]}}, L7Settings={"shardVSSize": "HUGE"})
    done = stage.ako(*command) if command[0] in {"run", "plan"} else stage.without_cluster(*command)
    assert done.returncode == 64
    assert "2 faults" in done.stderr
    assert "ako.plugins.enabled" in done.stderr
    assert "unknown plugin nonesuch" in done.stderr
    assert "allowed: clusterip_routes, ingress," in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        ("ingres", "ingres: no plugin that runs reads sources under this name"),
        ("ingress, nodeport", "nodeport: no plugin"),
        (["openshift_route", "x"], "x: no plugin"),
        ("clusterip_routes", "every host would go"),
        ([], "names no plugin, so that nothing would be served"),
    ],
    ids=["misspelt", "a plugin that reads no sources", "one of several", "a plugin that reads no hosts", "none"],
)
def test_a_source_that_nobody_reads_deletes_nothing(stage: Stage, sources: object, reason: str) -> None:
    stage.converge()
    before = stage.avi.ours()
    stage.configure(ako={"sources": sources})
    done = stage.ako("run", "--once")
    assert done.returncode == 64
    assert f"ako.sources = {json.dumps(sources)} (file {stage.config}, line " in done.stderr
    assert reason in done.stderr
    assert "allowed: auto, " in done.stderr
    assert stage.avi.ours() == before


def test_a_source_is_not_read_by_a_plugin_that_is_not_enabled(stage: Stage) -> None:
    stage.configure(ako={"sources": ["ingress"], "plugins": {"enabled": ["openshift_route", "nodeport"]}})
    done = stage.ako("plan")
    assert done.returncode == 64
    assert "allowed: auto, openshift_route\n" in done.stderr


def test_a_list_of_sources_may_name_others_beside_them(stage: Stage) -> None:
    stage.configure(ako={"sources": ["ingress", "loadbalancer"]})
    stage.converge()
    assert stage.avi.pool_of("shop.com")


@pytest.mark.parametrize(
    "data", [{"sources": "ingres"}, {"pluginsEnabled": "ingress, nonesuch"}], ids=lambda data: next(iter(data))
)
def test_a_name_that_nobody_has_leaves_the_settings_in_force(stage: Stage, data: dict[str, str]) -> None:
    stage.put("config", config_map())
    with stage.start() as ako:
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        before = stage.avi.ours()
        stage.put("config", config_map(None, **data))
        ako.says("the settings in force stay")
        ako.says(next(iter(data.values())))
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("third.com"), "third.com served")
        assert before.keys() <= stage.avi.ours().keys()
        ako.stop()


@pytest.mark.as_typed
@pytest.mark.parametrize(
    "arguments", [("fly",), ("run", "--onec"), ("plan", "--format", "xml"), ("run", "--set", "nonsense")], ids=" ".join
)
def test_wrong_usage(stage: Stage, arguments: tuple[str, ...]) -> None:
    done = stage.ako(*arguments)
    assert done.returncode == 64
    assert re.fullmatch(r"ako.*: .*; see `ako.* --help`\n|ako.*: .*\? see `ako.* --help`\n", done.stderr)


def test_a_cloud_that_is_not_there_is_said_and_nothing_is_written(stage: Stage) -> None:
    stage.configure(ControllerSettings={"cloudName": "nowhere"})
    done = stage.ako("run", "--once")
    assert done.returncode == 1
    assert "Invalid input detected" in done.stderr
    assert "cloudName" in done.stderr
    assert stage.avi.ours() == {}
