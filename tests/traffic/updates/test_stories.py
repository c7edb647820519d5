"""A sample of the stories: `python -m tests.traffic.updates` plays all of them, and asks more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.traffic.updates.stories import STORIES
from tests.traffic.updates.world import Size

SAMPLE = {
    "endpoints scaled and replaced",
    "host changes hands",
    "host to TLS and back",
    "address shared and left",
    "product killed",
    "Go AKO ingress__24-mixed-secure-insecure-hosts-02",
}


def tried(name: str) -> Any:
    """Try the sample always, the others in `make campaign`, where the command asks more of all besides."""
    return pytest.param(name, marks=() if name in SAMPLE else pytest.mark.campaign)


def test_the_sample_has_what_it_names() -> None:
    assert STORIES.keys() > SAMPLE


@pytest.mark.parametrize("name", [tried(name) for name in STORIES])
def test_no_request_is_lost(name: str) -> None:
    count = STORIES[name].play(Size())
    assert not count.lost
    assert count.asked >= Size().least
