"""The files of `--config`: several are laid on each other, and `run` follows them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ako.testing import KubeApi
from tests.builders import CLASS, ingress, service
from tests.e2e.stage import Stage, config_map
from tests.waiting import eventually


def overlay(stage: Stage, text: str) -> Path:
    """Write a file beside the first one, as editors do: another one takes its place."""
    path, draft = stage.folder / "overlay.yaml", stage.folder / "overlay.draft"
    draft.write_text(text)
    stage.overlays = [draft.replace(path)]
    return path


def shards(stage: Stage) -> int:
    return sum(name.startswith("virtualservice/c--Shared-L7-") for name in stage.avi.ours())


def test_several_files_for_every_command(stage: Stage) -> None:
    path = overlay(stage, "AKOSettings: {clusterName: d}\nL7Settings: {shardVSSize: SMALL}\n")
    shown = stage.without_cluster("config", "show")
    lines = {line.split()[0]: line.split(maxsplit=2)[1:] for line in shown.stdout.splitlines()}
    assert lines["AKOSettings.clusterName"] == ["d", f"file {path}, line 1"]
    assert lines["avicredentials.username"][1].startswith(f"file {stage.config}, line ")
    assert " d--Shared-L7-0" in stage.ako("plan").stdout
    stage.converge()
    assert {item["name"][:3] for item in stage.avi.objects("virtualservice")} == {"d--"}
    assert stage.ako("cleanup", "--yes").returncode == 0
    assert not stage.avi.objects("virtualservice")


@pytest.mark.parametrize("command", [("run",), ("run", "--once"), ("plan",), ("cleanup", "--yes")], ids=" ".join)
def test_faults_of_every_file_are_told_at_once(stage: Stage, command: tuple[str, ...]) -> None:
    path = overlay(stage, "L7Settings:\n  shardVSSize: HUGE\n")
    absent = stage.folder / "absent.yaml"
    stage.overlays += [absent, path]
    done = stage.ako(*command)
    assert done.returncode == 64
    assert "3 faults" in done.stderr
    assert f'L7Settings.shardVSSize = "HUGE" (file {path}, line 2)' in done.stderr
    assert f"--config {absent}: cannot be read: No such file or directory; name a file" in done.stderr
    assert f"--config {path}: is given twice" in done.stderr
    assert stage.avi.requests_since(0) == []


def test_files_are_followed_and_bad_ones_leave_the_settings_in_force(stage: Stage) -> None:
    path = overlay(stage, "L4Settings: {defaultLBController: true}\n")
    stage.put("lb", service("lb", type="LoadBalancer"))
    with stage.start("--report", str(stage.report)) as ako:
        eventually(lambda: "virtualservice/c--default-lb" in stage.avi.ours(), "the Service served")
        ako.becomes_ready()
        before, mark = stage.avi.ours(), stage.avi.mark()
        for bad, words in (
            ("L4Settings:\n  defaultLBController: maybe\n", f"(file {path}, line 2): is neither true nor false"),
            ("", f"--config {path}: is empty"),
            ("AKOSettings: {clusterName: e}\n", f"AKOSettings.clusterName (file {path}, line 1) names every object"),
        ):
            overlay(stage, bad)
            ako.says(words)
        path.unlink()
        ako.says(f"--config {path}: cannot be read: No such file or directory")
        assert stage.avi.ours() == before
        assert stage.avi.writes_since(mark) == []
        assert ako.err.count("is empty") == 1
        assert "can be used again" not in ako.err
        assert ako.err.count("\n") == 4, "a line for each"
        overlay(stage, "L4Settings: {defaultLBController: false}\nako: {logFormat: json}\n")
        eventually(lambda: "virtualservice/c--default-lb" not in stage.avi.ours(), "the Service let go")
        ako.says("ako.logFormat was changed and takes effect at the next start")
        assert stage.avi.pool_of("shop.com")
        ako.stop()
    assert set(stage.reasons()) >= {"InvalidConfiguration", "ValidatedUserInput", "RestartNeeded"}


def test_the_config_map_stays_above_a_file_that_changes(stage: Stage) -> None:
    stage.put("config", config_map(defaultLBController="true"))
    stage.put("lb", service("lb", type="LoadBalancer"))
    with stage.start() as ako:
        eventually(lambda: "virtualservice/c--default-lb" in stage.avi.ours(), "the Service served")
        stage.configure(
            L4Settings={"defaultLBController": False}, ako={"logFormat": "json", "api": {"retryCeilingSeconds": 1}}
        )
        ako.says("ako.logFormat was changed")
        assert "virtualservice/c--default-lb" in stage.avi.ours()
        stage.put("config", config_map())
        eventually(lambda: "virtualservice/c--default-lb" not in stage.avi.ours(), "the Service let go")
        ako.stop()


def test_files_are_followed_while_the_config_map_may_not_be_read(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    """It counts as at the start, until it can be read."""
    balanced = "virtualservice/c--default-lb"
    for manifest in (CLASS, service("lb", type="LoadBalancer")):
        kube.apply(dict(manifest))
    refusal = kube.forbid("*", "configmaps")
    with stage.start(kubeconfig=kubeconfig) as ako:
        eventually(lambda: balanced in stage.avi.ours(), "the Service served")
        stage.configure(L4Settings={"defaultLBController": False})
        eventually(lambda: balanced not in stage.avi.ours(), "the Service let go")
        kube.apply(dict(config_map(defaultLBController="true")))
        refusal.clear()
        eventually(lambda: balanced in stage.avi.ours(), "the Service served again")
        ako.stop()


def test_what_has_no_effect_is_told_of_a_file_that_changes_too(stage: Stage) -> None:
    stage.configure(NetworkSettings={"subnetIP": "10.0.0.0"})
    with stage.start() as ako:
        ako.says("NetworkSettings.subnetIP (file ")
        stage.configure(nodePortSelector={"value": "x"})
        ako.says("nodePortSelector.value (file ")
        assert ako.err.count("has no effect without NetworkSettings.subnetPrefix") == 1
        ako.stop()


def test_what_runs_once_reads_once(stage: Stage) -> None:
    """The file is gone as soon as it was read, and nobody misses it."""
    stage.put("third", ingress("third", ("third.com", "/", "web:80")))
    stage.avi.delay(50)
    settings = yaml.safe_load(stage.config.read_text())
    with stage.start("--once") as ako:
        eventually(lambda: stage.avi.requests_since(0), "its first request")
        stage.config.unlink()
        assert ako.ends() == 0
        assert "in force" not in ako.err
    stage.config.write_text(yaml.safe_dump(settings))
    assert stage.avi.pool_of("third.com")
