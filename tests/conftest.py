"""How properties are tried, and fixtures of the tests that run the product as a process of its own."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from ako.sim import Simulator
from ako.testing import KubeApi
from tests.e2e.stage import AviControl, Stage
from tests.program import as_typed, forked
from tests.properties import ALL

# How long an example takes says nothing on a machine that has other things to do.
settings.register_profile(
    "campaign", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=ALL, print_blob=True
)
settings.register_profile("sample", settings.get_profile("campaign"), max_examples=ALL // 10)
# Of a broken rule it is enough that some example fails, however long it is.
settings.register_profile(
    "unshrunk", settings.get_profile("campaign"), derandomize=True, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("sample")


# There are thousands of tests: to look through them for garbage again and again takes time from all of them.
gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage from now on, but among what tests make."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that nobody waits for it in the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture
def stage(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    start = as_typed if request.node.get_closest_marker("as_typed") else forked
    with Simulator() as simulator, AviControl(simulator.url) as avi:
        yield Stage(tmp_path, avi, simulator.url, start)


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with KubeApi() as kube:
        yield kube


@pytest.fixture
def kubeconfig(kube: KubeApi, tmp_path: Path) -> Path:
    return kube.write_kubeconfig(tmp_path / "kubeconfig")
