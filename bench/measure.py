"""Carries one cell out and gives its figures."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from bench.cells import Cell
from bench.objects import endpoints, host, ingress_name, surroundings
from bench.stage import Stage

Row = Mapping[str, Any]
REPEATS = 20


class Start(Struct, frozen=True, kw_only=True):
    """From process start, with all hosts there. Times in seconds, memory in MiB, bytes of request bodies."""

    programmed: float
    statuses: float
    newcomer: float
    requests: dict[str, int]
    sent_bytes: int
    cpu: float
    memory: float


class Change(Struct, frozen=True, kw_only=True):
    """One kind of change in the steady state: medians. Times in milliseconds."""

    milliseconds: float
    cpu_milliseconds: float
    writes: int
    steps: int
    sent_bytes: int


class Result(Struct, frozen=True, kw_only=True):
    """The figures of one cell; `restart` is (writes, requests) of a restart without changes."""

    cell: str
    start: Start
    changes: dict[str, Change]
    restart: tuple[int, int]
    burst_seconds: float | None = None


def measure(cell: Cell, repeats: int, say: Callable[[str], None]) -> Result:
    """Carry out a cell; `say` is told what is going on."""
    objects = [*surroundings(), *(m for n in range(cell.hosts) for m in host(n, is_secure=cell.is_secure))]
    settings = {"L7Settings": {"shardVSSize": cell.shards}}
    with (
        tempfile.TemporaryDirectory() as folder,
        Stage(Path(folder), objects, cell.latency_ms, settings) as stage,
    ):
        say(f"{cell.name}: start")
        start = _start(stage, cell)
        say(f"{cell.name}: single changes")
        changes = _changes(stage, cell, repeats)
        burst = _burst(stage, cell) if cell.hosts == 100 else None
        say(f"{cell.name}: restart")
        restart = _restart(stage)
    return Result(cell=cell.name, start=start, changes=changes, restart=restart, burst_seconds=burst)


def _start(stage: Stage, cell: Cell) -> Start:
    stage.start_ako()
    rows = stage.settled(0, lambda writes: _programmed(writes) >= cell.hosts)
    programmed = _end(rows) - stage.started
    newcomer_at = stage.apply(*host(cell.hosts, is_secure=cell.is_secure))
    mark = int(rows[-1]["n"])
    deadline = time.time() + 300
    while stage.statuses() < cell.hosts + 1 and time.time() < deadline:
        time.sleep(0.1)
    statuses = time.time() - stage.started
    newcomer = _end(stage.settled(mark, lambda writes: _programmed(writes) >= 1)) - newcomer_at
    return Start(
        programmed=programmed,
        statuses=max(0.0, statuses - programmed),
        newcomer=newcomer,
        requests=dict(Counter(f"{row['method']} {row['type']}" for row in rows)),
        sent_bytes=sum(int(row["request_bytes"]) for row in rows),
        cpu=stage.cpu(),
        memory=stage.peak_memory(),
    )


def _programmed(writes: Sequence[Row]) -> int:
    return sum(1 for row in writes if row["type"] == "pool" and row["method"] == "POST" and row["status"] == 201)


def _end(rows: Sequence[Row]) -> float:
    """Give the time at which the last write was answered."""
    return max(float(row["time"]) + float(row["duration_ms"]) / 1000 for row in rows if row["is_write"])


def _changes(stage: Stage, cell: Cell, repeats: int) -> dict[str, Change]:
    first = cell.hosts + 1
    return {
        "host added": _change(stage, repeats, lambda n: stage.apply(*host(first + n, is_secure=cell.is_secure))),
        "endpoint changed": _change(stage, repeats, lambda n: stage.apply(endpoints(n, 1, 3 + n))),
        "host removed": _change(stage, repeats, lambda n: stage.delete_ingress(ingress_name(first + n))),
    }


def _change(stage: Stage, repeats: int, make: Callable[[int], float]) -> Change:
    seen = [_one(stage, make, number) for number in range(repeats)]
    return Change(
        milliseconds=statistics.median(change.milliseconds for change in seen),
        cpu_milliseconds=statistics.median(change.cpu_milliseconds for change in seen),
        writes=int(statistics.median(change.writes for change in seen)),
        steps=int(statistics.median(change.steps for change in seen)),
        sent_bytes=int(statistics.median(change.sent_bytes for change in seen)),
    )


def _one(stage: Stage, make: Callable[[int], float], number: int) -> Change:
    mark, cpu = stage.last_request(), stage.cpu()
    made_at = make(number)
    writes = [row for row in stage.settled(mark, bool) if row["is_write"]]
    return Change(
        milliseconds=(_end(writes) - made_at) * 1000,
        cpu_milliseconds=(stage.cpu() - cpu) * 1000,
        writes=len(writes),
        steps=_steps(writes),
        sent_bytes=sum(int(row["request_bytes"]) for row in writes),
    )


def _steps(writes: Sequence[Row]) -> int:
    """Give the length of the longest chain of writes that each began after the one before had ended."""
    longest: list[tuple[float, int]] = []
    for row in sorted(writes, key=lambda row: float(row["time"])):
        begun = float(row["time"])
        depth = 1 + max((length for end, length in longest if end <= begun), default=0)
        longest.append((begun + float(row["duration_ms"]) / 1000, depth))
    return max((length for _, length in longest), default=0)


def _burst(stage: Stage, cell: Cell) -> float:
    """Add 300 Ingresses at once; give the seconds until all are on the Controller."""
    mark = stage.last_request()
    first = 100_000
    made_at = stage.apply(*(m for n in range(300) for m in host(first + n, is_secure=cell.is_secure)))
    return _end(stage.settled(mark, lambda writes: _programmed(writes) >= 300)) - made_at


def _restart(stage: Stage) -> tuple[int, int]:
    stage.stop_ako()
    mark = stage.last_request()
    stage.start_ako()
    rows = stage.settled(mark, lambda _: True)
    while not any(row["type"] == "virtualservice" for row in rows):
        rows = stage.settled(mark, lambda _: True)
    return sum(1 for row in rows if row["is_write"]), len(rows)
