"""All faults of all files are told at once, each with its line: nobody mends one to hear of the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from ako.core.settings import SettingsError, Sources, load_settings, read_config_files


def faults_in(folder: Path, *texts: str) -> SettingsError:
    """Give what is wrong with files of these texts, which are called `0.yaml`, `1.yaml` and so on."""
    paths = [folder / f"{number}.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(Sources(config_files=read_config_files(paths)))
    return caught.value


def told(error: SettingsError, folder: Path) -> list[str]:
    """Give the keys and the places of the faults, without the folder."""
    return [f"{fault.key} {fault.origin}".strip().replace(f"{folder}/", "") for fault in error.faults]


def test_in_a_list_the_line_is_that_of_the_entry(tmp_path: Path) -> None:
    error = faults_in(
        tmp_path,
        "NetworkSettings:\n  nodeNetworkList:\n  - networkName: a\n    cidrs: [10.0.0.0/8,\n      x]\n  - foo: bar\n",
    )
    assert told(error, tmp_path) == [
        "NetworkSettings.nodeNetworkList.0.cidrs.1 file 0.yaml, line 5",
        "NetworkSettings.nodeNetworkList.1.foo file 0.yaml, line 6",
    ]


def test_in_a_mapping_of_several_files_the_places_are_those_of_the_mapping(tmp_path: Path) -> None:
    error = faults_in(tmp_path, "ako: {drift: {policy: {pool: x}}}\n", "ako: {drift: {policy: {vsvip: report}}}\n")
    assert told(error, tmp_path) == ["ako.drift.policy file 1.yaml, line 1 over file 0.yaml, line 1"]


def test_what_stands_before_the_end_of_yaml_is_judged(tmp_path: Path) -> None:
    error = faults_in(
        tmp_path,
        "L7Settings:\n  shardVSSize: HUGE\nAKOSettings: {clusterName: x\n  logLevel: FOO\n",
        "noSuchKey: 1\nL7Settings: 'unclosed\nAKOSettings:\n  logLevel: FOO\n",
        "AKOSettings: [\n",
    )
    assert told(error, tmp_path) == [
        "--config 0.yaml",
        "--config 1.yaml",
        "--config 2.yaml",
        "noSuchKey file 1.yaml, line 1",
        "L7Settings.shardVSSize file 0.yaml, line 2",
    ]


def test_beside_a_second_document_the_first_is_judged(tmp_path: Path) -> None:
    error = faults_in(tmp_path, "noSuchKey: 1\n---\nother: 2\n")
    assert told(error, tmp_path) == ["--config 0.yaml", "noSuchKey file 0.yaml, line 1"]


def test_what_is_missing_is_told_with_the_rest_where_everything_was_read(tmp_path: Path) -> None:
    missing = ("ControllerSettings.controllerHost", "avicredentials.username", "avicredentials.password")
    bad = "L7Settings: {shardVSSize: HUGE}\n"
    assert tuple(fault.key for fault in faults_in(tmp_path, bad).missing) == missing
    given = f"{bad}avicredentials: {{authtoken: t}}\nControllerSettings: {{controllerHost: avi}}\n"
    assert tuple(fault.key for fault in faults_in(tmp_path, given).missing) == ("avicredentials.username",)
    assert faults_in(tmp_path, f"{bad}avicredentials: {{\n").missing == ()
