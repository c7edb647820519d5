"""Settings on the command line, as every command that has them takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ako.cli.main import main
from ako.core.settings.keys import key_table


@pytest.mark.parametrize("command", ["plan", "run", "cleanup"])
def test_what_is_wrong_and_what_is_missing_are_told_at_once(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in {key.variable for key in key_table({}).by_helm.values() if key.variable}:
        monkeypatch.delenv(variable, raising=False)
    assert main([command, "--manifests", str(tmp_path), "--set", "L7Settings.shardVSSize=HUGE"]) == 64
    head, *faults = capsys.readouterr().err.splitlines()
    assert head == "4 faults in the settings"
    assert [fault.split()[0].strip(":") for fault in faults] == [
        "L7Settings.shardVSSize",
        "ControllerSettings.controllerHost",
        "avicredentials.username",
        "avicredentials.password",
    ]
