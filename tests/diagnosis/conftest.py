"""`ako doctor` as typed, in surroundings in which nothing is wrong before a test breaks something."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ako.cli.main import main
from ako.sim import Simulator
from ako.testing import KubeApi, ingress_class, namespace
from tests.diagnosis.surroundings import Findings, own_objects

Examine = Callable[..., tuple[int, Findings]]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def flags(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    requests.post(f"{simulator.url}/_sim/reset", timeout=30).raise_for_status()
    for name in ("USERNAME", "PASSWORD"):
        monkeypatch.setenv(f"AKO_AVICREDENTIALS__{name}", "admin")
    given = {
        "ControllerSettings.controllerHost": simulator.url,
        # Without routes nothing is written to the simulator's cloud, and no node has to have a pod network.
        "AKOSettings.disableStaticRouteSync": "true",
    }
    return [word for key, value in given.items() for word in ("--set", f"{key}={value}")]


@pytest.fixture
def examine(
    kube: KubeApi,
    kubeconfig: Path,
    flags: list[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Examine:
    monkeypatch.setenv("PATH", str(tmp_path))  # neither oc nor kubectl
    kube.apply(*own_objects(), dict(namespace("default")), dict(ingress_class()))

    def run(*manifests: Any, more: tuple[str, ...] = ()) -> tuple[int, Findings]:
        kube.apply(*manifests)
        code = main(["doctor", "--format", "json", "--kubeconfig", str(kubeconfig), *flags, *more])
        out, err = capsys.readouterr()
        assert err == ""
        found: Findings = {}
        for finding in json.loads(out):
            found.setdefault(finding["check"], []).append(finding)
        return code, found

    return run
