"""The server for probes, as a probe sees it."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator

import pytest

from ako.core.control.checks import Check
from ako.core.control.health_server import Health, HealthServer
from tests.waiting import PATIENCE


def _is_ours(family: socket.AddressFamily, address: str) -> bool:
    """Say whether this machine has an address: containers often have no IPv6."""
    try:
        with socket.socket(family) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
ADDRESSES = [address for family, address in LOOPBACKS if _is_ours(family, address)]
FAMILIES = [family for family, address in LOOPBACKS if address in ADDRESSES]


@pytest.fixture
def server() -> Iterator[HealthServer]:
    server = HealthServer(
        Health(
            is_alive=lambda: True,
            checks=lambda: (Check("avi", is_met=True),),
            avi_errors=lambda: (),
            is_connected=lambda: True,
            exposition=lambda: b"",
        ),
        port=0,
    )
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("page", ["/healthz", "/readyz", "/metrics", "/api/status"])
def test_it_is_reached_over_both_families(server: HealthServer, address: str, page: str) -> None:
    connection = http.client.HTTPConnection(address, server.port, timeout=PATIENCE)
    connection.request("GET", page)
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_port_that_somebody_else_has_is_refused(family: socket.AddressFamily) -> None:
    with socket.socket(family) as other:
        if family is socket.AF_INET6:
            other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind(("", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            HealthServer(Health(bool, tuple, tuple, bool, bytes), other.getsockname()[1])
