"""The contract of every plugin, and what is particular to this one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ako import PoolServer
from ako.testing import Manifest, PluginContract, Rehearsal, backend, endpoint_slice, service

PLUGINS = ("my_placement", "ingress", "clusterip_routes")
EXAMPLES = tuple(
    yaml.safe_load_all((Path(__file__).parents[1] / "manifests" / "example.yaml").read_text(encoding="utf-8"))
)


def web(servers: str) -> Manifest:
    """Build a Service with the annotation."""
    return service("web", annotations={"my-placement.example.org/servers": servers})


class TestContract(PluginContract):
    """What every plugin must hold to."""

    plugins = PLUGINS
    examples = EXAMPLES


@pytest.mark.parametrize(
    ("servers", "found"),
    [
        ("10.0.0.1:8080", [("10.0.0.1", 8080)]),
        ("10.0.0.2:81, 10.0.0.1:80", [("10.0.0.2", 81), ("10.0.0.1", 80)]),
        ("[2001:db8::1]:80", [("2001:db8::1", 80)]),
        ("", []),
    ],
)
def test_servers_are_those_that_are_listed(servers: str, found: list[tuple[str, int]]) -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(web(servers))
    placed = rehearsal.placement(backend("web"))
    assert placed.servers == tuple(PoolServer.at(address, port) for address, port in found)
    assert placed.faults == ()


@pytest.mark.parametrize("word", ["10.0.0.1", "host.test:80", "10.0.0.1:http", "10.0.0.1:0", "10.0.0.1:70000"])
def test_what_is_no_server_is_told_and_the_others_stay(word: str) -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(web(f"{word}, 10.0.0.9:80"))
    placed = rehearsal.placement(backend("web"))
    assert placed.servers == (PoolServer.at("10.0.0.9", 80),)
    (fault,) = placed.faults
    assert fault.reason == "ServerNotUnderstood"
    assert word in fault.message


def test_a_service_without_the_annotation_is_left_to_others() -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(service("web"), endpoint_slice("web", "10.0.0.7"))
    assert rehearsal.placement(backend("web")).servers == (PoolServer.at("10.0.0.7", 8080),)
