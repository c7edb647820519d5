"""`ako config`, as a user sees it."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ako.cli.config import declare
from ako.cli.main import main
from ako.core.settings import Sources, load_settings
from ako.core.settings.keys import key_table
from ako.core.settings.plain import changed
from tests.builders import certificate_for
from tests.core.settings.given import values_file


def ako_config(*arguments: str) -> int:
    parser = argparse.ArgumentParser(prog="ako config")
    declare(parser)
    args = parser.parse_args(arguments)
    code: int = args.run(args)
    return code


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = {key.variable for key in key_table({}).by_helm.values()}
    for name in list(os.environ):
        if name in theirs or name.startswith("AKO_"):
            monkeypatch.delenv(name)


def test_show_says_value_and_origin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTRL_PASSWORD", "hunter2")
    path = values_file(tmp_path, "logFile: x\nControllerSettings:\n  controllerHost: avi:8443\n")
    assert ako_config("show", "--config", str(path), "--set", "L7Settings.shardVSSize=12") == 0
    out, err = capsys.readouterr()
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()}
    assert lines["L7Settings.shardVSSize"] == "12 flag --set"
    assert lines["ControllerSettings.controllerHost"] == f"https://avi:8443 file {path}, line 3"
    assert lines["AKOSettings.clusterName"] == "my-cluster default"
    assert lines["avicredentials.password"] == "*** variable CTRL_PASSWORD"
    assert not err
    assert "hunter2" not in out


def test_show_warns_of_what_has_no_effect_and_at_debug_names_what_has_no_meaning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = values_file(tmp_path, "logFile: x\nL7Settings: {noPGForSNI: true}\nAKOSettings: {logLevel: debug}\n")
    assert ako_config("show", "--config", str(path)) == 0
    warning, note = capsys.readouterr().err.splitlines()
    assert warning.startswith(f"warning: these settings have no effect: L7Settings.noPGForSNI (file {path}, line 2): ")
    assert note.startswith(f"debug: logFile (file {path}, line 1) has no meaning here: logs go to the standard output")


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_show_for_programs(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ako_config("show", "--format", form, "--set", 'ako.drift.policy={"pool": "report"}') == 0
    shown: Any = yaml.safe_load(capsys.readouterr().out)  # JSON is YAML too
    assert shown["ako.drift.policy"] == {"value": {"pool": "report"}, "origin": "flag --set"}
    assert shown["AKOSettings.deleteConfig"] == {"value": False, "origin": "default"}


def test_faults_end_with_64_and_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert ako_config("show", "--set", "L7Settings.shardVSSize=HUGE", "--set", "a=b") == 64
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("2 faults in the settings\n")


def test_a_plugin_that_is_not_there_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert ako_config("show", "--set", "ako.plugins.enabled=absent") == 64
    assert "absent" in capsys.readouterr().err


@pytest.mark.parametrize("names", ["[]", "nodeport"])
def test_plugins_that_read_no_source_are_a_fault(names: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ako_config("show", "--set", f"ako.plugins.enabled={names}") == 64
    assert "every host would go" in capsys.readouterr().err


def test_a_malformed_flag_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ako_config("show", "--set", "=hunter2")
    err = capsys.readouterr().err
    assert "KEY=VALUE" in err
    assert "hunter2" not in err


def schema(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert ako_config("schema") == 0
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


def property_of(root: dict[str, Any], helm: str) -> dict[str, Any]:
    found = root
    for name in helm.split("."):
        found = found["properties"][name]
    return found


def test_schema_describes_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    root = schema(capsys)
    for helm in key_table({}).by_helm:
        assert property_of(root, helm)["description"]
    assert "$ref" not in json.dumps(root)
    assert not root["additionalProperties"]


def test_schema_takes_what_the_loader_takes(capsys: pytest.CaptureFixture[str]) -> None:
    root = schema(capsys)
    arms = property_of(root, "AKOSettings.fullSyncFrequency")["anyOf"]
    assert {"minimum": 0, "maximum": 2**31 - 1, "type": "integer"} in arms
    assert any(re.search(arm["pattern"], "1800") for arm in arms if "pattern" in arm)
    assert any(arm.get("type") == "boolean" for arm in property_of(root, "AKOSettings.layer7Only")["anyOf"])
    assert any(
        "[Tt][Rr][Uu][Ee]" in arm.get("pattern", "") for arm in property_of(root, "AKOSettings.layer7Only")["anyOf"]
    )
    assert {"enum": [True, False, "true", "false"]} in property_of(root, "AKOSettings.deleteConfig")["anyOf"]
    items = property_of(root, "NetworkSettings.nodeNetworkList")["anyOf"][0]["items"]
    assert set(items["properties"]) == {"networkName", "networkUUID", "cidrs"}
    assert property_of(root, "AKOSettings.enableEVH")
    assert "Older spelling" in property_of(root, "L4Settings.defaultDomain")["description"]


@pytest.mark.parametrize("key", ["avicredentials.password", "avicredentials.authtoken"])
def test_a_secret_on_the_command_line_is_warned_of_once_and_taken(capsys: pytest.CaptureFixture[str], key: str) -> None:
    assert main(["config", "show", "--format", "json", "--set", f"{key}=hunter2hunter2"]) == 0
    out, err = capsys.readouterr()
    (line,) = [line for line in err.splitlines() if "--set" in line]
    variable = f"AKO_{key.replace('.', '__').upper()}"
    assert line.startswith(f"warning: {key} (flag --set): whoever may list the processes of this machine can read it")
    assert f"in a file (--config), in the variable {variable}, or in the Secret" in line
    assert json.loads(out)[key] == {"value": "***", "origin": "flag --set"}
    assert "hunter2" not in out + err


@pytest.mark.parametrize("place", ["file", "variable", "another key"])
def test_a_secret_elsewhere_is_not_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    words = []
    if place == "file":
        (tmp_path / "secret.yaml").write_text("avicredentials: {password: hunter2}\n")
        words = ["--config", str(tmp_path / "secret.yaml")]
    elif place == "variable":
        monkeypatch.setenv("AKO_AVICREDENTIALS__PASSWORD", "hunter2")
    else:
        words = ["--set", "avicredentials.username=admin"]
    assert main(["config", "show", *words]) == 0
    assert capsys.readouterr().err == ""


def test_words_that_nobody_knows_are_named_without_their_values(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["config", "show", "--password", "hunter2", "--token=hunter2"])
    assert ended.value.code == 64
    err = capsys.readouterr().err
    assert "unknown arguments --password, --token" in err
    assert "hunter2" not in err


def test_what_stands_where_a_password_was_to_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "v.yaml").write_text("avicredentials: {hunter2zzzzzz: , pasword: hunter2}\n")
    assert main(["config", "show", "--config", str(tmp_path / "v.yaml")]) == 64
    err = capsys.readouterr().err
    assert "avicredentials.***" in err
    assert "avicredentials.pasword" in err
    assert "did you mean avicredentials.password?" in err
    assert "hunter2" not in err


def test_a_secret_may_be_in_a_file_that_a_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "password").write_text(" hunter2 \n")
    monkeypatch.setenv("AKO_AVICREDENTIALS__PASSWORD_FILE", str(tmp_path / "password"))
    loaded = load_settings(Sources(environ=dict(os.environ)))
    assert loaded.settings.credentials.password.get_secret_value() == " hunter2 "
    assert loaded.origins["avicredentials.password"] == (
        f"file {tmp_path / 'password'}, which variable AKO_AVICREDENTIALS__PASSWORD_FILE names"
    )
    monkeypatch.setenv("AKO_AVICREDENTIALS__PASSWORD_FILE", str(tmp_path / "nonesuch"))
    assert main(["config", "show"]) == 64
    assert "nonesuch cannot be read: No such file or directory" in capsys.readouterr().err


def test_a_setting_that_is_no_secret_has_no_such_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AKO_AVICREDENTIALS__USERNAME_FILE", "/nonesuch")
    assert main(["config", "show"]) == 64
    assert "AKO_AVICREDENTIALS__USERNAME_FILE: unknown variable" in capsys.readouterr().err


def test_the_stack_of_a_fault_is_masked_as_all_that_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = certificate_for("stack.com")[1]

    def broken(*_: object) -> None:
        raise RuntimeError(f"cannot take {key}")

    monkeypatch.setattr("ako.cli.config.load_with_plugins", broken)
    assert main(["config", "show"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "RuntimeError: cannot take ***" in err
    assert key.split("-----")[2].split()[0] not in err


def test_changed_is_what_is_not_as_by_default_though_a_file_says_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = values_file(tmp_path, "AKOSettings: {clusterName: mine, logLevel: WARN, fullSyncFrequency: '1800'}\n")
    assert ako_config("show", "--changed", "--config", str(path), "--set", "avicredentials.password=hunter2") == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        f"AKOSettings.clusterName  mine  file {path}, line 1",
        "avicredentials.password  ***   flag --set",
    ]
    assert ako_config("show", "--changed", "--format", "json", "--config", str(path)) == 0
    assert list(json.loads(capsys.readouterr().out)) == ["AKOSettings.clusterName"]
    assert ako_config("show", "--changed") == 0
    assert not capsys.readouterr().out


def test_by_default_nothing_is_changed() -> None:
    assert changed(load_settings(Sources())) == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("AKOSettings.clusterName", "my-cluster"),
        ("AKOSettings.fullSyncFrequency", "1800"),
        ("AKOSettings.deleteConfig", "false"),
        ("NetworkSettings.networkName", ""),
        ("NetworkSettings.nodeNetworkList", "[]"),
        ("ControllerSettings.controllerHost", "null"),
        ("avicredentials.password", "***"),
    ],
)
def test_get_gives_the_value_alone(key: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ako_config("get", key, "--set", "avicredentials.password=hunter2hunter2") == 0
    assert capsys.readouterr().out == f"{value}\n"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("logLevl", "there is no logLevl; did you mean AKOSettings.logLevel?"),
        ("L7Settings.shardSize", "there is no L7Settings.shardSize; did you mean L7Settings.shardVSSize?"),
        ("nodePortSelector", "nodePortSelector is a section: it has nodePortSelector.key, nodePortSelector.value"),
        ("hunter2", "there is no such setting; `ako config show` lists all"),
    ],
)
def test_get_knows_what_was_meant(key: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ako_config("get", key) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"ako config get: {said}\n")


def test_get_with_settings_that_cannot_be_used_is_their_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert ako_config("get", "AKOSettings.logLevel", "--set", "L7Settings.shardVSSize=HUGE") == 64
    assert capsys.readouterr().err.startswith("1 fault in the settings\n")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_at_a_terminal_each_setting_has_one_line_of_its_width(
    columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    for name, value in (("COLUMNS", str(columns)), ("LINES", "24"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
    path = values_file(tmp_path, f"NetworkSettings: {{networkName: {'n' * 300}}}\n")
    assert ako_config("show", "--config", str(path)) == 0
    lines = terminal.getvalue().splitlines()
    assert set(key_table({}).by_helm) <= {line.split()[0] for line in lines}
    assert max(map(len, lines)) <= columns
    (cut,) = (line for line in lines if line.startswith("NetworkSettings.networkName "))
    assert "nnn…" in cut
    assert cut.rstrip().endswith(", line 1")
