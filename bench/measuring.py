"""Cell → figures: sets the stage, does what the cell says, and gives what came out under the names of the table."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from bench.boot import Boot, booted, restarted
from bench.cells import Cell, Measure
from bench.changes import WARM_UP, Change, Changer, median_of, rest
from bench.judging import JUDGING, judging_seconds
from bench.objects import secrets_of_others
from bench.stage import Stage, set_up

Figures = dict[str, float]
Details = dict[str, Any]

CHANGES = {"added": "host added", "endpoint": "endpoint changed", "removed": "host removed"}


class Machine(Struct):
    """What else the machine was doing, without which times say little.

    Attributes:
        load_before: load average over a minute before the cell.
        load_after: the same after it.
        others_percent: share of all processors that went to processes that are not ours.
    """

    load_before: float
    load_after: float
    others_percent: float


class Measured(Struct):
    """What was measured in a cell.

    Attributes:
        cell: its name.
        figures: by name, with the unit in brackets.
        details: requests by method and type.
        machine: what else was going on.
    """

    cell: str
    figures: Figures
    details: Details
    machine: Machine


def measure(cell: Cell) -> Measured:
    """Measure a cell.

    Raises:
        BenchError: something did not happen, or ended before its time.
    """
    load, busy, own, begun = os.getloadavg()[0], _busy_seconds(), _own_seconds(), time.monotonic()
    with set_up(cell) as stage:
        figures, details = _MEASURES[cell.measure](stage, cell)
    capacity = (time.monotonic() - begun) * (os.cpu_count() or 1)
    others = max(0.0, _busy_seconds() - busy - (_own_seconds() - own))
    machine = Machine(round(load, 2), round(os.getloadavg()[0], 2), round(100 * others / capacity, 1))
    return Measured(cell.name, figures, details, machine)


def _start_and_changes(stage: Stage, cell: Cell) -> tuple[Figures, Details]:
    with booted(stage, cell, spare=WARM_UP + cell.rounds) as (ako, boot):
        rest(ako)
        changes = Changer(stage, ako, secure=cell.secure).rounds(cell.hosts + 1, cell.hosts, cell.rounds)
        figures = _boot_figures(boot) | {JUDGING: 100 * judging_seconds(cell) / boot.cpu}
        for kind, title in CHANGES.items():
            figures |= _change_figures(title, changes[kind], stage.latency_ms)
        figures["peak memory at the end (MiB)"] = ako.peak_memory_mib()
    details: Details = {"start": msgspec.to_builtins(boot.traffic)}
    details |= {title: msgspec.to_builtins(changes[kind][0].traffic) for kind, title in CHANGES.items()}
    return figures, details


def _restart(stage: Stage, cell: Cell) -> tuple[Figures, Details]:
    with booted(stage, cell, spare=0):
        pass
    done, boot = restarted(stage)
    figures = {
        "restart: writes": float(boot.traffic.writes),
        "restart: calls": float(sum(boot.traffic.calls.values())),
        "restart: last request (s)": done,
        "restart: CPU (s)": boot.cpu,
        "restart: peak memory (MiB)": boot.memory,
    }
    return figures, {"restart": msgspec.to_builtins(boot.traffic)}


def _burst(stage: Stage, cell: Cell) -> tuple[Figures, Details]:
    with booted(stage, cell, spare=cell.burst) as (ako, _):
        rest(ako)
        first = cell.hosts + 1
        change = Changer(stage, ako, secure=cell.secure).add(range(first, first + cell.burst))
    figures = {
        "burst: hosts on Avi (s)": change.seconds,
        "burst: statuses written (s)": change.status_seconds,
        "burst: calls": float(sum(change.traffic.calls.values())),
        "burst: bytes sent (KiB)": change.traffic.sent / 1024,
        "burst: CPU (s)": change.cpu,
    }
    return figures, {"burst": msgspec.to_builtins(change.traffic)}


def _node(stage: Stage, cell: Cell) -> tuple[Figures, Details]:
    with booted(stage, cell, spare=0) as (ako, boot):
        rest(ako)
        change = Changer(stage, ako, secure=cell.secure).add_node(cell.nodes, cell.hosts + 1)
        figures = _boot_figures(boot) | {
            "node added: on Avi (s)": change.seconds,
            "node added: writes": float(change.traffic.writes),
            "node added: bytes sent per write": change.traffic.sent / change.traffic.writes,
            "node added: CPU (s)": change.cpu,
            "peak memory at the end (MiB)": ako.peak_memory_mib(),
        }
    done, again = restarted(stage)
    figures |= {
        "restart: writes": float(again.traffic.writes),
        "restart: last request (s)": done,
        "restart: peak memory (MiB)": again.memory,
    }
    return figures, {"node added": msgspec.to_builtins(change.traffic)}


def _secrets(stage: Stage, cell: Cell) -> tuple[Figures, Details]:
    """Start where there are Secrets of others, of 200 KiB each; half of them are Helm's."""
    with booted(stage, cell, spare=0):
        pass
    _, without = restarted(stage)
    stage.cluster.apply(secrets_of_others(cell.secrets))
    _, beside = restarted(stage)
    figures = {
        "Secrets of others: memory they take (MiB)": beside.kept - without.kept,
        "restart: peak memory (MiB)": beside.memory,
    }
    return figures, {"restart": msgspec.to_builtins(beside.traffic)}


_MEASURES: Mapping[Measure, Callable[[Stage, Cell], tuple[Figures, Details]]] = {
    Measure.START_AND_CHANGES: _start_and_changes,
    Measure.RESTART: _restart,
    Measure.BURST: _burst,
    Measure.NODE: _node,
    Measure.SECRETS: _secrets,
}


def _boot_figures(boot: Boot) -> Figures:
    return {
        "start: hosts on Avi (s)": boot.hosts,
        "start: statuses written (s)": boot.statuses,
        "start: statuses after hosts (s)": max(0.0, boot.statuses - boot.hosts),
        "start: new Ingress right after (s)": boot.newcomer,
        "start: calls": float(sum(boot.traffic.calls.values())),
        "start: bytes sent (KiB)": boot.traffic.sent / 1024,
        "start: CPU until idle (s)": boot.cpu,
        "start: peak memory (MiB)": boot.memory,
    }


def _change_figures(title: str, changes: list[Change], latency_ms: int) -> Figures:
    figures = {
        f"{title}: on Avi (ms)": median_of(changes, lambda change: change.seconds * 1000),
        f"{title}: calls": median_of(changes, lambda change: sum(change.traffic.calls.values())),
        f"{title}: bytes sent": median_of(changes, lambda change: change.traffic.sent),
        f"{title}: CPU (ms)": median_of(changes, lambda change: change.cpu * 1000),
    }
    if latency_ms:  # without, requests that do not wait for each other still come one after the other
        figures[f"{title}: dependent steps"] = median_of(changes, lambda change: change.traffic.steps)
    return figures


def _busy_seconds() -> float:
    """Give the seconds that all processors together have worked."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(
        int, Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Give the processor seconds of this process and those of its children that have ended."""
    return sum(os.times()[:4])
