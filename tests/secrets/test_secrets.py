"""Nothing secret is printed, logged, written or served, whatever is done and whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from ako.sim import Simulator, SimulatorOptions
from ako.testing import KubeApi
from tests.e2e.stage import AviControl
from tests.secrets.gateway import Gateway
from tests.secrets.scene import KUBE_TOKEN, PASSWORD, Scene
from tests.secrets.stories import EVERYWHERE, SAMPLE, UNMASKED, Story, spilled

SPILLED = Story("unmasked", partial(spilled, what="a key", more=UNMASKED), typed=True)


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


@pytest.mark.parametrize("story", [Story("nothing", lambda _: None)], ids=str)
@pytest.mark.parametrize("place", ["a file", "an Event", "a page", "a target"])
def test_what_is_told_anywhere_is_found(scene: Scene, story: Story, place: str) -> None:
    piece = PASSWORD[3:17]
    if place == "a file":
        (scene.folder / "temporary" / "x").write_text(f"so {piece} it is")
    elif place == "an Event":
        metadata = {"name": "e", "namespace": "default"}
        about = {"kind": "Ingress", "name": "bank", "namespace": "default"}
        event = {"apiVersion": "v1", "kind": "Event", "metadata": metadata, "involvedObject": about, "message": piece}
        scene.kube.apply(event)
    elif place == "a page":
        scene.shown["/metrics"] = f'x{{y="{piece}"}} 1'
    else:
        scene.gateway.targets.append(f"/api/pool?name={quote(piece)}")
    (leak,) = scene.leaks()
    assert leak.secret == "password"


@pytest.mark.campaign
@pytest.mark.parametrize(
    "story", [Story("unmasked", partial(spilled, what="a key", more=UNMASKED), typed=True)], ids=str
)
def test_without_the_masks_the_same_would_be_found(scene: Scene, story: Story) -> None:
    story.play(scene)
    places = {leak.place for leak in scene.leaks() if leak.secret == "key of an Ingress"}
    assert {"err-1", "report.jsonl"} <= places


@pytest.mark.campaign
@pytest.mark.parametrize("story", EVERYWHERE, ids=str)
def test_everywhere(scene: Scene, story: Story) -> None:
    told(scene, story)
