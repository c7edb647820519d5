from __future__ import annotations

from collections.abc import Iterator

import pytest

from ako.sim import Simulator, SimulatorOptions
from tests.sim.client import Client


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions()) as simulator:
        yield simulator


@pytest.fixture
def avi(sim: Simulator) -> Iterator[Client]:
    with Client(sim.url) as client:
        yield client
