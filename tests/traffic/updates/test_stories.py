"""A sample of each story: `python -m tests.traffic.updates` asks more of all of them, and takes over more states."""

from __future__ import annotations

import pytest

from tests.traffic.updates.stories import STORIES
from tests.traffic.updates.world import Size

TAKEN_OVER = (
    "Go AKO ingress__24-mixed-secure-insecure-hosts-02",
    "Go AKO routes__23-edge-two-namespaces-allow-02",
    "Go AKO routes__46-passthrough-alternate-backends-02",
    "Go AKO nodeport__11-l4-multi-port-02",
)
SAMPLE = [name for name in STORIES if not name.startswith("Go AKO ") or name in TAKEN_OVER]


def test_the_sample_has_what_it_names() -> None:
    assert set(TAKEN_OVER) < set(SAMPLE)


@pytest.mark.parametrize("name", SAMPLE)
def test_no_request_is_lost(name: str) -> None:
    count = STORIES[name].play(Size())
    assert not count.lost
    assert count.asked >= Size().least
