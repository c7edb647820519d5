from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ako.sim import Simulator
from tests.e2e.stage import AviControl, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Simulator() as simulator, AviControl(simulator.url) as avi:
        yield Stage(tmp_path, avi, simulator.url)
