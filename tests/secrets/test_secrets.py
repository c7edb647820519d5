"""Nothing secret is printed, logged, written or served, whatever is done and whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ako.sim import Simulator, SimulatorOptions
from ako.testing import KubeApi
from tests.e2e.stage import AviControl
from tests.secrets.gateway import Gateway
from tests.secrets.scene import KUBE_TOKEN, PASSWORD, Scene
from tests.secrets.stories import EVERYWHERE, SAMPLE, Story


@pytest.fixture
def scene(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Scene]:
    story: Story = request.getfixturevalue("story")
    with (
        Simulator(SimulatorOptions(password=PASSWORD)) as simulator,
        AviControl(simulator.url) as avi,
        Gateway(simulator.url) as gateway,
        KubeApi(token=KUBE_TOKEN, serve_routes=story.routes) as kube,
    ):
        yield Scene(tmp_path, avi, gateway, kube, typed=story.typed)


def told(scene: Scene, story: Story) -> None:
    story.play(scene)
    assert scene.leaks() == []


@pytest.mark.parametrize("story", SAMPLE, ids=str)
def test_a_sample(scene: Scene, story: Story) -> None:
    told(scene, story)


@pytest.mark.campaign
@pytest.mark.parametrize("story", EVERYWHERE, ids=str)
def test_everywhere(scene: Scene, story: Story) -> None:
    told(scene, story)
