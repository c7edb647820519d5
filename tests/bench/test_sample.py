"""The benchmark itself, small: figures are exact where they are counts."""

from __future__ import annotations

from bench.__main__ import table
from bench.cells import Cell
from bench.measure import measure


def test_a_small_cell() -> None:
    cell = Cell(5, 0, shards=1)
    result = measure(cell, 2, lambda _: None)
    assert result.start.requests["POST pool"] == 5
    assert result.start.requests["POST virtualservice"] == 1
    added, changed = result.changes["host added"], result.changes["endpoint changed"]
    assert (added.writes, added.steps) == (3, 2), "VsVip beside pool, then pool group"
    assert changed.writes == 1
    assert result.changes["host removed"].writes == 3
    assert result.restart[0] == 0, "a restart without changes writes nothing"
    assert result.restart[1] <= 30
    assert any("insecure-5-0ms" in line for line in table([(cell, result)]))


def test_a_secure_host_costs_one_write_for_each_of_its_objects() -> None:
    result = measure(Cell(3, 0, is_secure=True, shards=1), 2, lambda _: None)
    added = result.changes["host added"]
    assert added.writes == 7, "certificate, pool, pool group, policy set, child, VsVip, redirect"
    assert added.steps <= 5
