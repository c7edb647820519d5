"""A sample of each story: `python -m tests.traffic.updates` asks more of all of them."""

from __future__ import annotations

import pytest

from tests.traffic.updates.stories import STORIES
from tests.traffic.updates.world import Size


@pytest.mark.parametrize("name", STORIES)
def test_no_request_is_lost(name: str) -> None:
    count = STORIES[name].play(Size())
    assert not count.lost
    assert count.asked >= 100
