"""What the benchmark judges once more is every answer of a start."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.cells import Cell
from bench.judging import answers_of, judging_seconds


@pytest.mark.parametrize("secure", [False, True])
def test_each_host_is_discovered_placed_and_reported(*, secure: bool) -> None:
    cell = Cell("small", 3, 0, secure=secure)
    hooks = Counter(hook for hook, _, _ in answers_of(cell))
    assert hooks == {"ako_discover": 3, "ako_place_backend": 3, "ako_report": 3, "ako_static_routes": 1}
    assert judging_seconds(cell) > 0
