"""Settings that are wrong: every fault, at its file and line, wherever settings come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.check.running import Done, check

VALUES = """\
AKOSettings:
  clusterName: my
  logLevl: INFO
L7Settings:
  shardVSSize: HUGE
  serviceType: ClusterIP
avicredentials:
  password: [hunter2]
"""
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: avi-k8s-config
  namespace: avi-system
data:
  clusterName: my
  shardVSSize: HUGE
  unknownKey: "1"
---
apiVersion: v1
kind: Secret
metadata: {name: avi-secret, namespace: avi-system}
stringData:
  usernme: admin
"""


def of_settings(done: Done) -> list[str]:
    return [line for line in done.told if line.endswith(" InvalidSettings")]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "k8s").mkdir()
    return tmp_path


def test_every_fault_of_a_file_has_its_line(repo: Path) -> None:
    (repo / "values.yaml").write_text(VALUES)
    done = check(repo, "k8s", "--config", "values.yaml", "--format", "json")
    assert done.code == 3
    assert done.told == [
        "values.yaml:3 AKOSettings.logLevl InvalidSettings",
        "values.yaml:5 L7Settings.shardVSSize InvalidSettings",
        "values.yaml:8 avicredentials.password InvalidSettings",
    ]
    assert "hunter2" not in done.out
    assert done.problems[1]["message"].startswith('"HUGE" is')
    assert done.problems[1]["remedy"].startswith("Allowed: LARGE (8)")


def test_of_several_files_each_fault_is_in_its_own(repo: Path) -> None:
    (repo / "a.yaml").write_text("AKOSettings:\n  logLevel: LOUD\n")
    (repo / "b.yaml").write_text("\nL7Settings:\n  shardVSSize: HUGE\n")
    (repo / "c.yaml").write_text("L7Settings:\n  a: [\n")
    done = check(repo, "k8s", "--config", "a.yaml", "--config", "b.yaml", "--config", "c.yaml", "--format", "json")
    assert done.told == [
        "a.yaml:2 AKOSettings.logLevel InvalidSettings",
        "b.yaml:3 L7Settings.shardVSSize InvalidSettings",
        "c.yaml:3 c.yaml InvalidSettings",
    ]


def test_config_map_and_secret_among_the_manifests_are_settings_too(repo: Path) -> None:
    (repo / "k8s" / "own.yaml").write_text(CONFIG_MAP)
    assert of_settings(check(repo, "k8s", "--format", "json")) == [
        "own.yaml:8 L7Settings.shardVSSize InvalidSettings",
        "own.yaml:9 unknownKey InvalidSettings",
        "own.yaml:15 usernme InvalidSettings",
    ]


def test_a_secret_that_cannot_be_read_is_found(repo: Path) -> None:
    text = CONFIG_MAP[CONFIG_MAP.index("---") :].replace("stringData:\n  usernme: admin", "data:\n  username: '???'")
    (repo / "k8s" / "own.yaml").write_text(text)
    assert of_settings(check(repo, "k8s", "--format", "json")) == [
        "own.yaml:6 Secret/avi-system/avi-secret InvalidSettings"
    ]


def test_what_is_in_no_file_has_no_place(repo: Path) -> None:
    done = check(repo, "k8s", "--set", "L7Settings.shardVSSize=HUGE")
    assert done.code == 3
    assert done.lines[0].startswith('settings: L7Settings.shardVSSize: InvalidSettings: "HUGE" is')
    assert done.lines[-1] == "1 problem; 0 objects checked"


def test_files_are_checked_beside_wrong_settings_and_objects_are_not(repo: Path) -> None:
    (repo / "values.yaml").write_text(VALUES)
    (repo / "k8s" / "bad.yaml").write_text("a: 1\n")
    done = check(repo, "k8s", "--config", "values.yaml")
    assert done.lines[0].startswith("k8s/bad.yaml:1: InvalidObject: ")
    assert "note: the objects were not checked: the settings have to be right first" in done.lines


def test_what_has_no_effect_is_noted(repo: Path) -> None:
    (repo / "values.yaml").write_text("AKOSettings:\n  deleteConfig: true\nNetworkSettings:\n  subnetIP: 10.0.0.0\n")
    done = check(repo, "k8s", "--config", "values.yaml")
    assert done.code == 0
    assert any("NetworkSettings.subnetIP (file values.yaml, line 4) has no effect" in line for line in done.lines)
    assert any(line.startswith("note: deleteConfig is true") for line in done.lines)


def test_settings_in_another_namespace_are_none_of_ours_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "cm.yaml").write_text(CONFIG_MAP[: CONFIG_MAP.index("---")].replace("  namespace: avi-system\n", ""))
    done = check(tmp_path, "cm.yaml")
    assert done.code == 0
    assert (
        "note: ConfigMap default/avi-k8s-config is not read for settings: those are in namespace avi-system, or in "
        "POD_NAMESPACE"
    ) in done.lines
