"""TCP and UDP as they are, and who may come."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.sim.data_plane.world import PATIENCE, Connection, World, echo
from tests.waiting import eventually

L4: dict[str, Any] = {
    "application_profile_ref": "/api/applicationprofile/?name=System-L4-Application",
    "network_profile_ref": "/api/networkprofile/?name=System-TCP-Proxy",
}
UDP: dict[str, Any] = {**L4, "network_profile_ref": "/api/networkprofile/?name=System-UDP-Fast-Path"}
ONE, TWO = "10.1.1.1:9000", "10.1.1.2:9000"


def backwards(name: str) -> Any:
    """Give a talk that waits for all of what comes, and then answers with its name and that."""

    def talk(connection: socket.socket) -> None:
        heard = Connection(connection).rest()
        connection.sendall(name.encode() + heard)

    return talk


def test_each_side_ends_for_itself(world: World) -> None:
    world.start(backwards("one"), ONE)
    world.service(ports=(9,), pool_ref=world.pool("p", ONE), **L4)
    with world.connect() as connection:
        connection.send(b"\x00\xff" * 100_000)
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.rest() == b"one" + b"\x00\xff" * 100_000
    assert [(row["pool"], row["server"], row["status"]) for row in world.traffic()] == [("p", ONE, 0)]


def test_rules_choose_by_port(world: World) -> None:
    world.start(backwards("one"), ONE)
    world.start(backwards("two"), TWO)
    choice = {"action_type": "L4_RULE_ACTION_SELECT_POOL", "pool_ref": world.pool("p2", TWO)}
    match = {"port": {"match_criteria": "IS_IN", "ports": [91]}}
    rule = {"index": 1, "name": "r", "match": match, "action": {"select_pool": choice}}
    policy = world.put("l4policyset", "l4", l4_connection_policy={"rules": [rule]})
    policies = [{"index": 1, "l4_policy_set_ref": policy}]
    world.service(ports=(90, 91), pool_ref=world.pool("p1", ONE), l4_policies=policies, **L4)
    for port, name in ((90, b"one"), (91, b"two")):
        with world.connect(port=port) as connection:
            connection.socket.shutdown(socket.SHUT_WR)
            assert connection.rest() == name


def test_without_a_server_a_connection_is_closed(world: World) -> None:
    world.service(ports=(9,), pool_ref=world.pool("p", ONE), **L4)
    with world.connect() as connection:
        assert connection.rest() == b""


def test_datagrams(world: World) -> None:
    servers = []
    for name, address in (("one", ONE), ("two", TWO)):
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(PATIENCE)
        servers.append((name, listening))
        world.control("PUT", "servers", {address: f"127.0.0.1:{listening.getsockname()[1]}"})
    world.service(ports=(53,), pool_ref=world.pool("p", ONE, TWO), **UDP)
    assert world.listeners()[0]["protocol"] == "UDP"
    clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    try:
        for client, (name, listening) in zip(clients, servers, strict=True):  # they take turns
            client.settimeout(PATIENCE)
            for number in range(3):  # and a client stays where it is
                client.sendto(b"%d" % number, world.place())
                data, sender = listening.recvfrom(100)
                listening.sendto(name.encode() + data, sender)
                assert client.recv(100) == b"%s%d" % (name.encode(), number)
        world.change("pool", "p", servers=[{"ip": {"addr": "10.1.1.2", "type": "V4"}, "port": 9000}])
        clients[0].sendto(b"moved", world.place())
        assert servers[1][1].recvfrom(100)[0] == b"moved"
        assert [row["server"] for row in world.traffic()] == [ONE] * 3 + [TWO] * 3 + [TWO]
        world.control("POST", "reset")
        world.service(ports=(53,), pool_ref=world.pool("q", ONE), **UDP)
        clients[1].sendto(b"afresh", world.place())
        assert servers[0][1].recvfrom(100)[0] == b"afresh"
    finally:
        for one in [*clients, *(listening for _, listening in servers)]:
            one.close()


def test_a_datagram_for_nobody_harms_nobody(world: World) -> None:
    closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    closed.bind(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    world.control("PUT", "servers", {ONE: f"127.0.0.1:{port}"})
    world.service(ports=(53,), pool_ref=world.pool("p", ONE), **UDP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for number in range(5):
            client.sendto(b"x", world.place())
            eventually(lambda: world.traffic(since=number + 1), "its row")  # noqa: B023 - it is called at once


def denied(world: World, address: str) -> str:
    match = {
        "client_ip": {"match_criteria": "IS_IN", "prefixes": [{"ip_addr": {"addr": address, "type": "V4"}, "mask": 24}]}
    }
    action = "NETWORK_SECURITY_POLICY_ACTION_TYPE_DENY"
    rule = {"index": 1, "name": "r", "enable": True, "action": action, "match": match}
    return world.put("networksecuritypolicy", "deny", rules=[rule])


@pytest.mark.parametrize("is_http", [True, False])
def test_denied_clients_are_closed_without_an_answer(world: World, is_http: bool) -> None:
    server = world.start(echo("one") if is_http else backwards("one"), ONE)
    policy = denied(world, "203.0.113.0")
    world.service(pool_ref=world.pool("p", ONE), network_security_policy_ref=policy, **({} if is_http else L4))
    sources = {
        one: world.control("POST", "clients", {"address": one})["source"] for one in ("203.0.113.7", "203.0.114.7")
    }
    for address, source in sources.items():
        with world.connect(source=source) as connection:
            try:
                connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                connection.socket.shutdown(socket.SHUT_WR)
                heard = connection.rest()
            except OSError:
                heard = b""
            assert bool(heard) is (address == "203.0.114.7")
    assert server.connections == 1
    assert next((row["client"], row["rule"]) for row in world.traffic()) == ("203.0.113.7", ["network security"])


def test_denied_datagrams_are_dropped(world: World) -> None:
    policy = denied(world, "127.0.0.0")
    world.service(ports=(53,), pool_ref=world.pool("p", ONE), network_security_policy_ref=policy, **UDP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", world.place())
        eventually(lambda: [row["rule"] for row in world.traffic()] == [["network security"]], "its row")


@pytest.mark.parametrize("address", ["", "a.com", "1.2.3"])
def test_clients_have_addresses(world: World, address: str) -> None:
    world.control("POST", "clients", {"address": address}, status=400)


@pytest.mark.parametrize("place", ["127.0.0.1", ":80", "127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:70000"])
def test_places_of_servers_have_ports(world: World, place: str) -> None:
    world.control("PUT", "servers", {ONE: "127.0.0.1:80"})
    world.control("PUT", "servers", {TWO: "127.0.0.1:81", ONE: place}, status=400)
    world.control("PUT", "servers", {place: "127.0.0.1:81"}, status=400)
    assert world.control("GET", "servers") == {ONE: "127.0.0.1:80"}
    assert world.control("PUT", "servers", {ONE: None}) == {}
