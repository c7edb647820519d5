"""Several files of `--config`: they are laid on each other as helm does with `-f a -f b`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ako.core.settings import ConfigText, DriftPolicy, LoadedSettings, Sources, load_settings
from ako.core.settings.config_files import documents_of, merged
from tests.core.settings.given import config_files, faults

KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.just("") | st.lists(st.integers(0, 9), max_size=2),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
FILES = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=3), min_size=1, max_size=4)


def as_helm_does(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    """Merge as `mergeMaps` of helm's pkg/cli/values/options.go."""
    out = dict(low)
    for key, value in high.items():
        if isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = as_helm_does(out[key], value)
        else:
            out[key] = value
    return out


@given(FILES)
def test_merging_is_what_helm_does(files: list[dict[str, Any]]) -> None:
    texts = tuple(ConfigText(Path(f"{rank}.yaml"), json.dumps(file).encode()) for rank, file in enumerate(files))
    expected: dict[str, Any] = {}
    for file in files:
        expected = as_helm_does(expected, file)
    layers, found, is_whole = documents_of(texts)
    assert is_whole
    assert not found
    assert merged(layers) == expected


def written(folder: Path, *texts: str) -> tuple[Path, ...]:
    paths = tuple(folder / f"{name}.yaml" for name, _ in zip("abcd", texts, strict=False))
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


def from_files(folder: Path, *texts: str) -> LoadedSettings:
    return load_settings(Sources(config_files=config_files(*written(folder, *texts))))


SHARDS, NETWORKS, POLICY = "L7Settings.shardVSSize", "NetworkSettings.vipNetworkList", "ako.drift.policy"


@pytest.mark.parametrize(
    ("texts", "key", "value", "origin"),
    [
        (("L7Settings: {shardVSSize: SMALL}", "L7Settings: {shardHash: fnv1a}"), SHARDS, "SMALL", "a 1"),
        (("L7Settings: {shardVSSize: SMALL}", "\nL7Settings: {shardVSSize: 3}"), SHARDS, 3, "b 2"),
        (("L7Settings: {shardVSSize: 3}", "{}", "L7Settings: {shardVSSize: 5}"), SHARDS, 5, "c 1"),
        (("L7Settings: {shardVSSize: SMALL}", "L7Settings: {shardVSSize: null}"), SHARDS, "LARGE", "default"),
        (("L7Settings: {shardVSSize: SMALL}", 'L7Settings: {shardVSSize: ""}'), SHARDS, "LARGE", "default"),
        (("L7Settings: {shardVSSize: SMALL}", "L7Settings: null"), SHARDS, "LARGE", "default"),
        (("L7Settings: {shardVSSize: 3}", "L7Settings:", "L7Settings: {shardHash: md5}"), SHARDS, "LARGE", "default"),
        (("L7Settings: {shardVSSize: 3}", "L7Settings: {}"), SHARDS, 3, "a 1"),
        (("L7Settings: 7", "L7Settings: {shardVSSize: 3}"), SHARDS, 3, "b 1"),
        (("L7Settings: {shardVSSize: HUGE}", "L7Settings: {shardVSSize: 3}"), SHARDS, 3, "b 1"),
    ],
)
def test_maps_merge_scalars_replace_and_null_takes_back(
    tmp_path: Path, texts: tuple[str, ...], key: str, value: object, origin: str
) -> None:
    loaded = from_files(tmp_path, *texts)
    name, _, line = origin.partition(" ")
    assert loaded.settings.l7_settings.shard_vs_size == value
    assert loaded.origins[key] == (f"file {tmp_path / name}.yaml, line {line}" if line else origin)


def test_lists_replace(tmp_path: Path) -> None:
    first = "NetworkSettings: {vipNetworkList: [{networkName: a}, {networkName: b}]}"
    loaded = from_files(tmp_path, first, "NetworkSettings: {vipNetworkList: [{networkName: c}]}")
    assert [network.network_name for network in loaded.settings.network_settings.vip_network_list] == ["c"]
    assert loaded.origins[NETWORKS] == f"file {tmp_path}/b.yaml, line 1"


def test_a_value_that_is_a_mapping_merges_too_and_says_both_files(tmp_path: Path) -> None:
    loaded = from_files(
        tmp_path,
        "ako: {drift: {policy: {pool: report, vsvip: report}}}",
        "\nako: {drift: {policy: {pool: repair, virtualservice: report}}}",
    )
    expected = DriftPolicy(by_kind=(("pool", "repair"), ("virtualservice", "report"), ("vsvip", "report")))
    assert loaded.settings.ako.drift.policy == expected
    assert loaded.origins[POLICY] == f"file {tmp_path}/b.yaml, line 2 over file {tmp_path}/a.yaml, line 1"


OLD, NEW = "ControllerSettings: {controllerIP: old}", "ControllerSettings: {controllerHost: new}"


@pytest.mark.parametrize(
    ("texts", "host"),
    [
        ((OLD, NEW), "new"),
        ((NEW, OLD), "old"),
        ((NEW, 'ControllerSettings: {controllerIP: ""}'), "new"),
        ((NEW, "ControllerSettings: {controllerIP: null}"), "new"),
        ((OLD, NEW, OLD), "old"),
    ],
)
def test_an_older_spelling_in_a_later_file_counts(tmp_path: Path, texts: tuple[str, ...], host: str) -> None:
    endpoint = from_files(tmp_path, *texts).settings.controller_settings.controller_host
    assert endpoint is not None
    assert endpoint.host == host


def test_faults_of_all_files_name_the_file(tmp_path: Path) -> None:
    a, b, c = written(tmp_path, "L7Settings: {shardVSSize: HUGE, shardHsh: x}", "\nquite: 1\nquite: 2", "- 1")
    found = [(fault.key, fault.origin) for fault in faults(Sources(config_files=config_files(a, b, c)))]
    assert set(found) == {
        ("L7Settings.shardVSSize", f"file {a}, line 1"),
        ("L7Settings.shardHsh", f"file {a}, line 1"),
        ("quite", f"file {b}, line 3"),
        (f"--config {c}", ""),
    }


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "null"])
def test_an_empty_file_may_be_one_that_is_being_written(tmp_path: Path, text: str) -> None:
    (path,) = written(tmp_path, text)
    (fault,) = faults(Sources(config_files=config_files(path)))
    assert str(fault) == f"--config {path}: is empty: write {{}} if it is to set nothing, or leave it out"


@pytest.mark.parametrize("other", ["a.yaml", "../{}/a.yaml"])
def test_a_file_given_twice(tmp_path: Path, other: str) -> None:
    (path,) = written(tmp_path, "L7Settings: {shardVSSize: HUGE}")
    again = tmp_path / other.format(tmp_path.name)
    found = {str(fault) for fault in faults(Sources(config_files=config_files(path, again)))}
    assert f"--config {again}: is given twice: leave one of them out" in found
    assert len(found) == 2, "and what is wrong in it is told once"


def test_a_folder_and_a_path_that_cannot_be(tmp_path: Path) -> None:
    found = [str(fault) for fault in faults(Sources(config_files=config_files(tmp_path, Path("a\0b"))))]
    assert found == [
        f"--config {tmp_path}: is a directory: name the file in it",
        "--config a\0b: cannot be read: embedded null byte; name a file that can be",
    ]
