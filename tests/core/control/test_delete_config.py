"""What the condition says of a deletion of everything, and when."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ako.core.control.delete_config import DONE, PATIENCE, STARTED, TIMED_OUT, DeleteConfig, Progress
from tests.core.clock import Clock

LATER = PATIENCE + 1


@pytest.mark.parametrize(
    "looks",
    [
        [(0.0, 7, False, STARTED), (1.0, 7, True, STARTED), (2.0, 0, True, DONE)],
        [(0.0, 0, True, DONE)],
        [(0.0, 0, False, STARTED), (1.0, 0, True, DONE), (2.0, 0, False, DONE)],
        [(0.0, 0, True, DONE), (1.0, 1, False, STARTED), (2.0, 0, False, STARTED), (3.0, 0, True, DONE)],
        [(PATIENCE - 1, 7, False, STARTED), (PATIENCE, 7, False, TIMED_OUT), (LATER, 0, True, DONE)],
        [(LATER, 0, False, TIMED_OUT), (LATER, 0, True, DONE)],
    ],
    ids=["done", "nothing there", "not while it is busy", "what comes late", "too long", "too long and busy"],
)
def test_the_condition_follows_the_deletion(looks: Sequence[tuple[float, int, bool, Progress]]) -> None:
    clock = Clock()
    began = clock.now
    deletion = DeleteConfig(clock, lambda: "now")
    assert not deletion.is_active
    assert deletion.set(is_wanted=True)
    before = deletion.progress
    for seconds, left, is_quiet, expected in looks:
        clock.now = began + seconds
        assert deletion.advance(left, is_quiet=is_quiet) is (expected is not before)
        assert deletion.progress is expected
        before = expected
    assert deletion.set(is_wanted=False)
    assert not deletion.is_active
    assert not deletion.advance(0, is_quiet=True)
