from __future__ import annotations

from collections.abc import Iterator

import pytest

from ako.sim import Simulator, SimulatorOptions
from tests.sim.data_plane.world import Pki, World, world_of


@pytest.fixture
def world() -> Iterator[World]:
    with Simulator(SimulatorOptions(data_plane=True, version="30.2.1")) as sim, world_of(sim) as made:
        yield made


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))
