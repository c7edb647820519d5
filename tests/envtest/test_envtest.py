"""What can be tried of `make envtest` without the two binaries: what is said, how they would be started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.envtest.binaries import NAMES, Version, in_folder, parsed
from tests.envtest.flags import Ports, of_api_server, of_etcd
from tests.waiting import PATIENCE

PORTS = Ports(1, 2, 3)


def envtest(**variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "KUBEBUILDER_ASSETS"}
    return subprocess.run(
        [sys.executable, "-m", "tests.envtest"],
        cwd=Path(__file__).parents[2],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def programs(folder: Path, script: str) -> Path:
    for name in NAMES:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def test_where_no_folder_is_named_it_says_so_in_one_line_and_that_is_no_fault() -> None:
    for variables in ({}, {"KUBEBUILDER_ASSETS": ""}):
        ended = envtest(**variables)
        assert (ended.returncode, ended.stderr, len(ended.stdout.splitlines())) == (0, "", 1)
        assert "KUBEBUILDER_ASSETS names no folder" in ended.stdout


@pytest.mark.parametrize("missing", NAMES)
def test_a_folder_without_a_program_is_a_fault(missing: str, tmp_path: Path) -> None:
    programs(tmp_path, "exit 0")
    (tmp_path / missing).unlink()
    ended = envtest(KUBEBUILDER_ASSETS=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"there is no program {missing}" in ended.stderr


def test_a_server_that_does_not_run_is_a_fault_with_the_end_of_its_log(tmp_path: Path) -> None:
    script = 'test "$1" = --version && echo "Kubernetes v1.36.4" || { echo bad flag "$1"; exit 1; }'
    ended = envtest(KUBEBUILDER_ASSETS=str(programs(tmp_path, script)))
    assert ended.returncode == 1
    assert "on kube-apiserver 1.36" in ended.stdout
    assert "etcd is not ready" in ended.stderr
    assert "bad flag --data-dir=" in ended.stderr


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("Kubernetes v1.36.4", Version(1, 36)),
        ("Kubernetes v1.22.0-rc.1+abc", Version(1, 22)),
        ("Kubernetes v1.9.11", Version(1, 9)),
    ],
)
def test_versions(said: str, version: Version) -> None:
    assert parsed(said) == version


def test_what_is_no_version_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no version of kube-apiserver"):
        in_folder(programs(tmp_path, "echo hello")).version()


def test_both_listen_on_loopback_only_with_data_of_their_own(tmp_path: Path) -> None:
    flags = [*of_etcd(tmp_path, PORTS), *of_api_server(tmp_path, PORTS, Version(1, 36))]
    addresses = [flag for flag in flags if "http://" in flag or "bind-address" in flag]
    assert len(addresses) >= 5
    assert all("127.0.0.1" in address for address in addresses)
    places = [flag for flag in flags if flag.startswith(("--data-dir", "--cert-dir", "--token-auth-file"))]
    assert all(str(tmp_path) in place for place in places)
    assert "--authorization-mode=RBAC" in flags


def test_a_flag_that_only_old_versions_need_is_given_to_them_only(tmp_path: Path) -> None:
    def runtime(minor: int) -> list[str]:
        flags = of_api_server(tmp_path, PORTS, Version(1, minor))
        return [flag for flag in flags if flag.startswith("--runtime-config")]

    assert [bool(runtime(minor)) for minor in (20, 21, 22, 36)] == [True, False, False, False]
