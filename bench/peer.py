"""What each figure is compared with: the Go program's figure, where it was measured, and our target.

The Go program (master of November 2025) was measured once a cell on a machine of the same kind: a real API server with
etcd, a double of the Controller that takes 0.1 ms for an answer, two processors shared by everything.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Bar(Struct, frozen=True):
    """What a figure is held against.

    Attributes:
        peer: what the Go program needs, as text; empty if it was not measured.
        target: the most we allow ourselves; None if there is no target.
    """

    peer: str = ""
    target: float | None = None


def bars_of(cell: str) -> Mapping[str, Bar]:
    """Give the bars of a cell, by figure."""
    return _BARS.get(cell, {})


class _Start(Struct, frozen=True):
    """A row of the Go program's figures with our targets: seconds, requests, MiB."""

    cell: str
    hosts: str
    statuses: str
    newcomer: str
    calls: str
    cpu: str
    memory: str
    targets: tuple[float, float, float, float | None]
    """Hosts, statuses after hosts, new Ingress, memory."""


class _Added(Struct, frozen=True):
    """The Go program's figures for one host added in the steady state, with our targets."""

    cell: str
    milliseconds: str
    calls: str
    cpu: str
    target: float | None
    most_calls: float | None = None
    most_steps: float | None = None
    most_cpu: float | None = None


_STARTS = (
    _Start("insecure-100-0ms", "0.7", "4", "3.3", "190", "1", "66", (1.5, 0.5, 0.5, 110)),
    _Start("insecure-100-20ms", "1.5", "5", "3.8", "190", "0.7", "69", (1.5, 0.5, 0.5, None)),
    _Start("insecure-500-0ms", "1.7–2.8", "23", "42", "590", "12", "96", (2, 1, 0.5, None)),
    _Start("insecure-500-20ms", "4.9", "24", "41", "590", "12", "94", (2.5, 1, 0.5, None)),
    _Start("insecure-2000-0ms", "8–11", "97", "190", "2090", "190", "212", (5, 4, 1, 150)),
    _Start("insecure-2000-20ms", "13.8", "97", "187", "2090", "198", "199", (6, 4, 1, None)),
    _Start("secure-500-0ms", "4.4", "≤ 53", "49", "2603", "16", "104", (6, 1, 1, None)),
    _Start("secure-500-20ms", "9.3", "≤ 63", "54", "2603", "23", "103", (6, 1, 1, None)),
)

_ADDED = (
    _Added("insecure-100-0ms", "20", "4", "14", 25, 3),
    _Added("insecure-100-20ms", "96", "4", "14", 65, 3, 2),
    _Added("insecure-500-0ms", "23", "4", "20–28", 25, 3),
    _Added("insecure-500-20ms", "104", "4", "20–28", 65, 3, 2),
    _Added("insecure-2000-0ms", "50", "4", "84", 25, 3, None, 15),
    _Added("insecure-2000-20ms", "130", "4", "84", 65, 3, 2, 15),
    _Added("insecure-10000-0ms", "", "", "", None, 3),
    _Added("insecure-10000-20ms", "", "", "", None, 3, 2),
    _Added("secure-500-0ms", "39", "9", "45–58", 45),
    _Added("secure-500-20ms", "249", "9", "45–58", 120, None, 4),
)

_OTHERS: Mapping[str, Mapping[str, Bar]] = {
    "insecure-10000-0ms": {"start: peak memory (MiB)": Bar(target=300)},
    "nodeport-2000-0ms": {
        "node added: writes": Bar(target=2001),
        "node added: bytes sent per write": Bar(target=200),
        "peak memory at the end (MiB)": Bar(target=500),
        "restart: writes": Bar(target=0),
        "restart: peak memory (MiB)": Bar(target=500),
    },
    "secrets-300-0ms": {"Secrets of others: memory they take (MiB)": Bar(target=5)},
    "restart-500-0ms": {
        "restart: writes": Bar("1", 0),
        "restart: calls": Bar("57", 30),
        "restart: CPU (s)": Bar("6"),
        "restart: peak memory (MiB)": Bar("81"),
    },
    "burst-300-0ms": {
        "burst: hosts on Avi (s)": Bar("21", 2.5),
        "burst: calls": Bar("966"),
        "burst: CPU (s)": Bar("5"),
    },
    "burst-300-20ms": {
        "burst: hosts on Avi (s)": Bar("21", 3.5),
        "burst: calls": Bar("966"),
        "burst: CPU (s)": Bar("5"),
    },
}


def _of_start(row: _Start) -> Mapping[str, Bar]:
    hosts, statuses, newcomer, memory = row.targets
    return {
        "start: hosts on Avi (s)": Bar(row.hosts, hosts),
        "start: statuses written (s)": Bar(row.statuses),
        "start: statuses after hosts (s)": Bar(target=statuses),
        "start: new Ingress right after (s)": Bar(row.newcomer, newcomer),
        "start: calls": Bar(row.calls),
        "start: CPU until idle (s)": Bar(row.cpu),
        "start: peak memory (MiB)": Bar(row.memory, memory),
        "start: judging answers (% of CPU)": Bar(target=3),
    }


def _of_added(row: _Added) -> Mapping[str, Bar]:
    return {
        "host added: on Avi (ms)": Bar(row.milliseconds, row.target),
        "host added: calls": Bar(row.calls, row.most_calls),
        "host added: dependent steps": Bar(row.calls, row.most_steps),
        "host added: CPU (ms)": Bar(row.cpu, row.most_cpu),
    }


def _collected() -> Mapping[str, Mapping[str, Bar]]:
    bars: dict[str, dict[str, Bar]] = {}
    for row in _STARTS:
        bars.setdefault(row.cell, {}).update(_of_start(row))
    for added in _ADDED:
        bars.setdefault(added.cell, {}).update(_of_added(added))
    for cell, others in _OTHERS.items():
        bars.setdefault(cell, {}).update(others)
    return bars


_BARS = _collected()
