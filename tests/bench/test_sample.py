"""The benchmark itself, small: figures are exact where they are counts."""

from __future__ import annotations

import pytest

from bench.cells import Cell, Measure
from bench.measuring import Measured, measure


def _writes(result: Measured, what: str) -> int:
    counts: dict[str, int] = result.details[what]["writes_by_type"]
    return sum(counts.values())


@pytest.mark.long
def test_a_small_cell() -> None:
    result = measure(Cell("small", 5, 50, shards=1, rounds=3))
    started, figures = result.details["start"]["writes_by_type"], result.figures
    assert (started["pool"], started["virtualservice"]) == (5, 1)
    assert figures["start: hosts on Avi (s)"] > 0
    assert figures["start: statuses written (s)"] >= figures["start: hosts on Avi (s)"]
    assert figures["host added: dependent steps"] == 2, "VsVip beside pool, then pool group"
    assert figures["host added: on Avi (ms)"] >= 2 * 50
    assert _writes(result, "host added") == 3
    assert _writes(result, "endpoint changed") == 1
    assert _writes(result, "host removed") == 3, "pool group and VsVip without it, pool deleted"


@pytest.mark.long
def test_a_secure_host_costs_one_write_for_each_of_its_objects() -> None:
    result = measure(Cell("secure", 3, 50, secure=True, shards=1, rounds=3))
    assert _writes(result, "host added") == 7, "certificate, pool, pool group, policy set, child, VsVip, redirect"
    assert result.figures["host added: dependent steps"] <= 5


def test_a_restart_without_changes_writes_nothing() -> None:
    result = measure(Cell("restart", 5, 0, Measure.RESTART, shards=1))
    assert result.figures["restart: writes"] == 0
    assert 5 < result.figures["restart: calls"] <= 30


def test_many_hosts_at_once_cost_one_write_of_what_they_share() -> None:
    result = measure(Cell("burst", 2, 0, Measure.BURST, shards=1, burst=10))
    assert result.details["burst"]["writes_by_type"]["pool"] == 10
    assert result.details["burst"]["writes_by_type"]["vsvip"] < 5


@pytest.mark.long
def test_secrets_of_others_take_hardly_any_memory() -> None:
    result = measure(Cell("secrets", 2, 0, Measure.SECRETS, shards=1, secrets=100))
    assert result.figures["Secrets of others: memory they take (MiB)"] <= 5, "of 20 MiB that they are"


def test_one_node_more_costs_one_write_for_each_pool() -> None:
    result = measure(Cell("node", 4, 0, Measure.NODE, shards=1, nodes=3))
    assert result.figures["node added: writes"] == 4 + 1, "those of the start, and the newcomer's"
    assert result.figures["node added: bytes sent per write"] <= 200, "only the server that is added"
    assert result.figures["restart: writes"] == 0
