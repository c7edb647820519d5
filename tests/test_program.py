"""Both ways to start the program give the same process."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.program import Command, Process, Start, as_typed, environment, forked
from tests.waiting import PATIENCE, eventually

both_ways = pytest.mark.parametrize("start", [as_typed, forked])


def started(start: Start, folder: Path, *arguments: str, **variables: str) -> Process:
    return start(
        Command(
            arguments=arguments,
            variables={**environment(os.environ), **variables},
            folder=folder,
            out=folder / "out",
            err=folder / "err",
        )
    )


def printed(folder: Path) -> tuple[str, str]:
    return (folder / "out").read_text(), (folder / "err").read_text()


@both_ways
def test_it_reads_its_own_environment_and_prints_into_its_own_files(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUSTER_NAME", "ours")
    show = ("config", "show", "--format", "json")
    process = started(start, tmp_path, *show, AKO_L7SETTINGS__SHARDHASH="fnv1a")
    assert process.wait(PATIENCE) == process.poll() == 0
    out, err = printed(tmp_path)
    shown = json.loads(out)
    assert shown["L7Settings.shardHash"]["value"] == "fnv1a"
    assert shown["AKOSettings.clusterName"]["origin"] == "default"
    assert err == ""


@both_ways
def test_an_exit_code_and_what_is_printed_after_the_folder_was_changed(start: Start, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("AKOSettings: []")
    assert started(start, tmp_path, "config", "show", "--config", "values.yaml").wait(PATIENCE) == 64
    assert "values.yaml" in printed(tmp_path)[1]


@both_ways
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_signals(start: Start, tmp_path: Path, number: signal.Signals, code: int) -> None:
    process = started(start, tmp_path, "sim", "--port", "0")
    eventually(lambda: "simulator on" in printed(tmp_path)[0], "the simulator")
    assert process.poll() is None
    process.send_signal(number)
    assert process.wait(PATIENCE) == code
    process.kill()
    assert process.poll() == code
