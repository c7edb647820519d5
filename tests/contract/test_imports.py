"""What a command loads: what it needs and no more, counted in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Set
from pathlib import Path

import pytest

from ako.cli.main import COMMANDS, main
from ako.sim import Simulator
from tests.program import environment
from tests.waiting import PATIENCE

MANIFESTS = Path(__file__).parents[2] / "examples" / "manifests"
CERTIFICATE = "shop-tls.yaml"
FOR_OTHERS = (
    "ako.sim",
    "ako.testing",
    "ako.cli.demo",
    "h11",
    "lupa",
    "wsproto",
    "ako.diagnosis",
    "ako.openshift_tools",
    "openshift_client",
)
"""Needed by `sim`, `demo`, `doctor`, `inspect` and `openshift` only."""
FOR_RUN = ("prometheus_client", "http.server", "ako.core.control.health_server")
FOR_A_CLUSTER = ("kubernetes",)
FOR_CERTIFICATES = ("cryptography",)
FOR_THE_CONTROLLER = ("requests", "urllib3")


def loaded_by(*arguments: str, code: int = 0) -> Set[str]:
    """Run a command, and give the modules it imported."""
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ako", *arguments],
        env=environment(os.environ),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == code, ended.stderr[-2000:]
    lines = [line for line in ended.stderr.splitlines() if line.startswith("import time:")]
    assert lines
    return {line.rpartition("|")[2].strip() for line in lines}


def those_of(packages: tuple[str, ...], loaded: Set[str]) -> Set[str]:
    return {name for name in loaded for package in packages if f"{name}.".startswith(f"{package}.")}


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    """Give the examples without their certificate."""
    return Path(shutil.copytree(MANIFESTS, tmp_path / "manifests", ignore=shutil.ignore_patterns(CERTIFICATE)))


@pytest.mark.parametrize("arguments", [("--help",), ("config", "show"), ("plugins", "list"), ("rbac",)], ids=" ".join)
def test_who_talks_to_nobody_loads_nothing_to_talk_with(arguments: tuple[str, ...]) -> None:
    needless = (*FOR_OTHERS, *FOR_RUN, *FOR_A_CLUSTER, *FOR_CERTIFICATES, *FOR_THE_CONTROLLER)
    assert those_of(needless, loaded_by(*arguments)) == set()


def test_a_command_loads_no_other_command() -> None:
    others = tuple(f"ako.cli.{name}" for name in COMMANDS if name != "plugins")
    assert those_of(others, loaded_by("plugins", "list")) == set()


def plan(manifests: Path, *, url: str, code: int) -> Set[str]:
    given = (f"ControllerSettings.controllerHost={url}", "AKOSettings.clusterName=c", "avicredentials.username=admin")
    flags = [word for setting in (*given, "avicredentials.password=admin") for word in ("--set", setting)]
    return loaded_by("plan", "--manifests", str(manifests), *flags, code=code)


def test_plan_looks_into_certificates_only_where_there_are_any(manifests: Path) -> None:
    with Simulator() as simulator:
        without = plan(manifests, url=simulator.url, code=2)
        shutil.copy(MANIFESTS / CERTIFICATE, manifests)
        with_certificate = plan(manifests, url=simulator.url, code=2)
    needless = (*FOR_OTHERS, *FOR_RUN, *FOR_A_CLUSTER)
    assert those_of((*needless, *FOR_CERTIFICATES), without) == set()
    assert those_of(needless, with_certificate) == set()
    assert "cryptography.x509" in with_certificate
    assert without >= set(FOR_THE_CONTROLLER)


def test_a_fault_in_the_settings_is_told_before_anything_to_talk_with_is_loaded(manifests: Path) -> None:
    loaded = plan(manifests, url="nowhere:-1", code=64)
    assert those_of((*FOR_OTHERS, *FOR_RUN, *FOR_A_CLUSTER, *FOR_CERTIFICATES, *FOR_THE_CONTROLLER), loaded) == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_takes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: ako {command}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("--nonsense", "plan"), ("plan", "--nonsense")])
def test_what_is_no_command_is_a_usage_fault(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 64
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ako")
    assert "--help`" in line
