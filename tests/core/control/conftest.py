"""An Avi Controller over HTTP, for tests of the loop as it runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ako.sim import Simulator
from tests.e2e.stage import AviControl


@pytest.fixture
def url() -> Iterator[str]:
    """Give the URL of an Avi Controller."""
    with Simulator() as running:
        yield running.url


@pytest.fixture
def avi(url: str) -> Iterator[AviControl]:
    """Give the way past its API."""
    with AviControl(url) as control:
        yield control
