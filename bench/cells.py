"""The cells of the benchmark: what is measured, under which name.

A new kind of cell is a member of `Measure`, a line in `CELLS` and a function in `bench.measuring`.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Measure(Enum):
    """What is done in a cell."""

    START_AND_CHANGES = "start and changes"
    RESTART = "restart"
    BURST = "many at once"
    NODE = "a node added"
    SECRETS = "Secrets of others"


class Cell(Struct, frozen=True):
    """One combination of size, kind and latency.

    Attributes:
        name: to be given to `--only`.
        hosts: that are there from the start.
        latency_ms: how long the Controller waits before each answer.
        measure: what is done.
        secure: hosts have TLS.
        shards: number of shared virtual services, as the setting takes it.
        burst: Ingresses created at once.
        rounds: how often each single change is measured.
        nodes: number of nodes that the pools consist of; 0 where pools consist of pods.
        secrets: number of large Secrets that are none of ours.
    """

    name: str
    hosts: int
    latency_ms: int
    measure: Measure = Measure.START_AND_CHANGES
    secure: bool = False
    shards: int | str = "LARGE"
    burst: int = 0
    rounds: int = 20
    nodes: int = 0
    secrets: int = 0


def _starts(hosts: int, *, secure: bool = False, shards: int | str = "LARGE") -> tuple[Cell, Cell]:
    kind = "secure" if secure else "insecure"
    fast, slow = (
        Cell(f"{kind}-{hosts}-{latency}ms", hosts, latency, secure=secure, shards=shards) for latency in (0, 20)
    )
    return fast, slow


CELLS = (
    *_starts(100),
    *_starts(500),
    *_starts(2000),
    *_starts(500, secure=True),
    Cell("restart-500-0ms", 500, 0, Measure.RESTART),
    Cell("burst-300-0ms", 100, 0, Measure.BURST, burst=300),
    Cell("burst-300-20ms", 100, 20, Measure.BURST, burst=300),
    *_starts(10_000, shards=16),
    Cell("nodeport-2000-0ms", 2000, 0, Measure.NODE, nodes=1000),
    Cell("secrets-300-0ms", 100, 0, Measure.SECRETS, secrets=300),
)
