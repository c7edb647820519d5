"""Fixtures of the tests that run the product as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ako.sim import Simulator
from ako.testing import KubeApi
from tests.e2e.stage import AviControl, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Simulator() as simulator, AviControl(simulator.url) as avi:
        yield Stage(tmp_path, avi, simulator.url)


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with KubeApi() as kube:
        yield kube


@pytest.fixture
def kubeconfig(kube: KubeApi, tmp_path: Path) -> Path:
    return kube.write_kubeconfig(tmp_path / "kubeconfig")
