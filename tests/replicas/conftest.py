"""Where replicas are tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ako.sim import Simulator
from ako.testing import KubeApi
from tests.e2e.stage import AviControl
from tests.program import forked
from tests.replicas.rig import Rig


@pytest.fixture
def rig(tmp_path: Path, kube: KubeApi) -> Iterator[Rig]:
    with (
        Simulator() as simulator,
        AviControl(simulator.url) as avi,
        Rig(tmp_path, kube, avi, simulator.url, forked) as r,
    ):
        yield r
