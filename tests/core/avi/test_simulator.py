"""The session against the simulated Controller, where what counts is how the two get on with each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.session import AviSession
from ako.sim import Simulator
from tests.waiting import PATIENCE

JSON = b'{"name": "p"}'


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def connected(simulator: Simulator) -> Iterator[AviSession]:
    """Give a session that has logged in."""
    session = AviSession(
        AviEndpoint(url=simulator.url, username="admin", password="admin", timeout=(PATIENCE, PATIENCE))
    )
    session.get("/api/pool")
    yield session
    session.close()


def made(simulator: Simulator, since: int) -> list[tuple[str, str, int]]:
    return [(row["method"], row["path"], row["status"]) for row in simulator.journal.since(since)["requests"]]


def test_a_lost_csrf_token_costs_one_login_and_the_write_is_repeated(
    simulator: Simulator, connected: AviSession
) -> None:
    mark = simulator.journal.since(0)["next"]
    assert requests.post(f"{simulator.url}/_sim/sessions/change-csrf").ok

    connected.post("/api/pool", JSON)
    connected.post("/api/pool", b'{"name": "q"}')

    assert made(simulator, mark) == [
        ("POST", "/api/pool", 401),
        ("POST", "/login", 200),
        ("GET", "/api/initial-data", 200),
        ("POST", "/api/pool", 201),
        ("POST", "/api/pool", 201),
    ]


def test_a_lost_csrf_token_is_no_matter_for_reading(simulator: Simulator, connected: AviSession) -> None:
    mark = simulator.journal.since(0)["next"]
    assert requests.post(f"{simulator.url}/_sim/sessions/change-csrf").ok

    connected.get("/api/pool")

    assert made(simulator, mark) == [("GET", "/api/pool", 200)]
