"""What happens while it serves: objects that change, servers that go, simulators that stop."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ako.sim import Simulator, SimulatorOptions
from tests.sim.data_plane.test_streams import L4, backwards
from tests.sim.data_plane.world import NET, Connection, Pki, World, asked, echo, world_of
from tests.waiting import eventually

ONE, TWO = "10.1.1.1:8080", "10.1.1.2:8080"
MONITOR = "/api/healthmonitor/?name=System-TCP"


def server(address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return {"ip": {"addr": host, "type": "V4"}, "port": int(port)}


def is_closed(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=5).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        pass  # it was closed just now, with us in its queue
    return False


def test_a_change_holds_from_the_next_request_on(world: World) -> None:
    world.start(echo("one"), ONE)
    world.start(echo("two"), TWO)
    world.service(pool_ref=world.pool("p", ONE))
    with world.connect() as connection:
        assert asked(connection).told["server"] == "one"
        world.change("pool", "p", servers=[server(TWO)])
        assert asked(connection).told["server"] == "two"
        world.change("pool", "p", enabled=False)
        assert asked(connection).status == 503
        world.change("virtualservice", "vs", pool_ref=None)
        assert asked(connection).status == 404


def test_a_server_that_is_removed_while_it_answers_ends_its_answer(world: World) -> None:
    go_on = threading.Event()

    def talk(connection: socket.socket) -> None:
        Connection(connection).until(b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha")
        go_on.wait(20)
        connection.sendall(b"lf")

    world.start(talk, ONE)
    world.start(echo("two"), TWO)
    world.service(pool_ref=world.pool("p", ONE))
    with world.connect() as connection:
        connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.until(b"ha").endswith(b"ha")
        world.change("pool", "p", servers=[server(TWO)])
        assert world.ask().told["server"] == "two"
        go_on.set()
        assert connection.exactly(2) == b"lf"
        assert asked(connection).told["server"] == "two"


def test_a_monitored_server_goes_and_comes_back(world: World) -> None:
    one = world.start(echo("one"), ONE)
    world.start(echo("two"), TWO)
    world.service(pool_ref=world.pool("p", ONE, TWO, health_monitor_refs=[MONITOR]))
    assert Counter(world.ask().told["server"] for _ in range(4)) == {"one": 2, "two": 2}
    one.stop()
    assert [world.ask().told["server"] for _ in range(6)] == ["two"] * 6  # also before the monitor looks
    world.start(echo("again"), ONE)
    assert "again" in {world.ask().told["server"] for _ in range(4)}


def test_the_monitor_finds_who_is_back(world: World) -> None:
    port = socket.create_server(("127.0.0.1", 0))
    number = port.getsockname()[1]
    port.close()
    world.control("PUT", "servers", {ONE: f"127.0.0.1:{number}"})
    world.service(pool_ref=world.pool("p", ONE, health_monitor_refs=[MONITOR]))
    assert world.ask().status == 503
    with socket.create_server(("127.0.0.1", number)) as listening:
        listening.settimeout(20)

        def serve() -> None:
            try:
                while True:
                    accepted, _ = listening.accept()
                    with accepted:
                        echo("back")(accepted)
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        eventually(lambda: world.ask().status == 200, "an answer")
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    eventually(lambda: world.ask().status == 503, "a refusal")


def test_another_pool_of_the_group_takes_over(world: World) -> None:
    world.start(echo("two"), TWO)
    members = [
        {"pool_ref": world.pool("best", ONE, health_monitor_refs=[MONITOR]), "priority_label": "10"},
        {"pool_ref": world.pool("second", TWO), "priority_label": "5"},
    ]
    world.service(pool_group_ref=world.put("poolgroup", "g", members=members))
    assert world.ask().told["server"] == "two"
    rows = world.traffic()
    assert [(row["pool"], row["server"], row["status"]) for row in rows] == [("second", TWO, 200)]


def test_servers_that_nobody_stands_for_are_not_called(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        world.service(pool_ref=world.pool("p", f"127.0.0.1:{listening.getsockname()[1]}"))
        assert world.ask().status == 503
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_servers_are_called_themselves_if_so_told() -> None:
    with Simulator(SimulatorOptions(data_plane=True, dial_servers=True)) as sim, world_of(sim) as world:
        started = world.start(echo("itself"), ONE)
        world.service(pool_ref=world.pool("p", f"127.0.0.1:{started.port}"))
        assert world.ask().told["server"] == "itself"


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.delete("virtualservice", "vs"),
        lambda world: world.change("virtualservice", "vs", enabled=False),
        lambda world: world.change("virtualservice", "vs", traffic_enabled=False),
        lambda world: world.change("virtualservice", "vs", vsvip_ref=None),
        lambda world: world.control("POST", "reset"),
        lambda world: world.control("PUT", "state", {}),
    ],
    ids=["deleted", "disabled", "no traffic", "no address", "reset", "nothing left"],
)
def test_nobody_listens_for_what_is_not_there(world: World, change: Any) -> None:
    world.service()
    address = world.place()
    assert not is_closed(address)
    change(world)
    eventually(lambda: is_closed(address), "a closed port")  # without that anybody asks for the listeners
    assert world.listeners() == []


def test_another_port_and_another_address(world: World) -> None:
    info = [{"fqdn": "a.com", "type": "DNS_RECORD_A"}]
    world.start(echo("one"), ONE)
    world.service(pool_ref=world.pool("p", ONE), dns_info=info)
    first = world.place()
    assert world.listeners()[0]["names"] == ["a.com"]
    world.change("virtualservice", "vs", services=[{"port": 81}, {"port": 82}])
    assert [row["port"] for row in world.listeners()] == [81, 82]
    assert is_closed(first)
    assert world.ask(port=82).status == 200
    more = [{"vip_id": str(n), "ip_address": {"addr": f"{NET}.{n + 1}", "type": "V4"}} for n in range(2)]
    world.change("vsvip", "vs-vip", vip=more)
    assert {row["vip"] for row in world.listeners()} == {f"{NET}.1", f"{NET}.2"}
    world.change("vsvip", "vs-vip", vip=[more[0], {**more[1], "enabled": False}])
    assert {row["vip"] for row in world.listeners()} == {f"{NET}.1"}
    vips = [{"vip_id": "0", "ip_address": {"addr": f"{NET}.10", "type": "V4"}}]
    world.change("virtualservice", "vs", vsvip_ref=world.put("vsvip", "other", vip=vips))
    assert {row["vip"] for row in world.listeners()} == {f"{NET}.10"}
    assert world.ask(port=81).status == 200


def test_a_range_of_ports(world: World) -> None:
    world.service()
    world.change("virtualservice", "vs", services=[{"port": 8000, "port_range_end": 8002}])
    assert [row["port"] for row in world.listeners()] == [8000, 8001, 8002]


def test_a_listener_that_speaks_tls_from_now_on(world: World, pki: Pki) -> None:
    world.start(echo("one"), ONE)
    world.service(pool_ref=world.pool("p", ONE))
    before = world.connect()
    assert asked(before).status == 200
    certificate = world.certificate("c", *pki.issue("a.com"))
    services = [{"port": 80, "enable_ssl": True}]
    world.change("virtualservice", "vs", services=services, ssl_key_and_certificate_refs=[certificate])
    with world.secure("a.com", pki.client_context()) as connection:
        assert asked(connection).status == asked(before).status == 200


def test_a_virtual_service_with_addresses_of_its_own(world: World) -> None:
    world.start(echo("one"), ONE)
    vip = [{"vip_id": "0", "ip_address": {"addr": f"{NET}.7", "type": "V4"}}]
    services, names = [{"port": 80}], [{"fqdn": "a.com"}]
    world.put("virtualservice", "vs", vip=vip, dns_info=names, services=services, pool_ref=world.pool("p", ONE))
    assert [(row["vip"], row["names"]) for row in world.listeners()] == [(f"{NET}.7", ["a.com"])]
    assert world.ask().told["server"] == "one"


@pytest.mark.parametrize("address", ["fd00::5", "FD00:0:0::0005"])
def test_an_address_of_ipv6(world: World, address: str) -> None:
    world.start(echo("one"), "[fd00:0::5]:8080")
    listed = [{"ip": {"addr": address, "type": "V6"}, "port": 8080}]
    world.service(vip="fd00:250::1", pool_ref=world.put("pool", "p", servers=listed))
    assert world.listeners()[0]["vip"] == "fd00:250::1"
    assert world.ask().told["server"] == "one"
    assert world.traffic()[0]["server"] == "[fd00::5]:8080"


def test_two_simulators_serve_the_same_address(world: World) -> None:
    with Simulator(SimulatorOptions(data_plane=True)) as sim, world_of(sim) as second:
        for number, one in enumerate((world, second)):
            one.start(echo(f"s{number}"), ONE)
            one.service(pool_ref=one.pool("p", ONE))
        assert world.place() != second.place()
        assert [one.listeners()[0]["vip"] for one in (world, second)] == [f"{NET}.1"] * 2
        assert [one.ask().told["server"] for one in (world, second)] == ["s0", "s1"]


def test_a_backup_is_put_back_while_it_serves(world: World) -> None:
    world.start(echo("one"), ONE)
    world.start(echo("two"), TWO)
    world.service(pool_ref=world.pool("p", ONE))
    backup = world.control("POST", "backups")["id"]
    held = world.connect()
    assert asked(held).told["server"] == "one"
    world.change("pool", "p", servers=[server(TWO)])
    world.service("late", vip=f"{NET}.2")
    assert asked(held).told["server"] == "two"
    world.control("POST", f"backups/{backup}")
    assert asked(held).told["server"] == "one"
    assert world.listeners("late") == []
    state = world.control("GET", "state")
    world.control("POST", "reset")
    held.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert held.rest() == b""  # its virtual service is gone
    world.control("PUT", "state", state)
    assert world.ask().told["server"] == "one"


def test_writes_and_requests_at_once(world: World) -> None:
    """Nobody hears of a change but by its effect: never an answer that fits neither the state before nor that after."""
    world.start(echo("one"), ONE)
    world.start(echo("two"), TWO)
    world.service(pool_ref=world.pool("p", ONE))
    place, is_over = world.place(), threading.Event()

    def ask() -> Counter[str]:
        found: Counter[str] = Counter()
        while not is_over.is_set():
            with socket.create_connection(place, timeout=20) as connected:
                found[asked(Connection(connected)).told["server"]] += 1
        return found

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        try:
            for number in range(30):
                world.change("pool", "p", servers=[server((ONE, TWO)[number % 2])])
                vip = f"{NET}.{number + 100}"
                world.service(f"more{number}", vip=vip)
                assert world.listeners(f"more{number}")[0]["vip"] == vip
                world.delete("virtualservice", f"more{number}")
        finally:
            is_over.set()
        found = sum((one.result() for one in asking), Counter())
    assert set(found) <= {"one", "two"}
    assert len(world.traffic()) == sum(found.values())


def test_stopping_with_connections_open(pki: Pki) -> None:
    with Simulator(SimulatorOptions(data_plane=True)) as sim, world_of(sim) as world:
        silent = threading.Event()
        world.start(lambda connection: silent.wait(20), ONE)
        world.start(backwards("x"), "10.1.1.9:1")
        certificate = world.certificate("c", *pki.issue("a.com"))
        world.service(pool_ref=world.pool("p", ONE))
        world.service("l4", vip=f"{NET}.2", pool_ref=world.pool("q", "10.1.1.9:1"), **L4)
        world.service("tls", vip=f"{NET}.3", secure=True, ssl_key_and_certificate_refs=[certificate])
        idle, waiting, tunnelled, half = (world.connect(name) for name in ("vs", "vs", "l4", "tls"))
        secure = world.secure("a.com", pki.client_context(), "tls")
        waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        tunnelled.send("abc")
        half.send(b"\x16\x03")
        eventually(lambda: [row["virtualservice"] for row in world.traffic()] == ["l4"], "its row")
        address = world.place()
        begun = time.monotonic()
        sim.stop()
        assert time.monotonic() - begun < 5
        assert is_closed(address)
        for connection in (idle, waiting, tunnelled, half):
            assert connection.rest() == b""
        del secure
        silent.set()
        sim.start()  # the objects are still there, and are served again
        assert world.place() == address
        assert world.control("GET", "traffic")["traffic"] == []


def test_many_stops_and_starts_leave_no_thread() -> None:
    before = threading.active_count()
    for _ in range(3):
        with Simulator(SimulatorOptions(data_plane=True)) as sim, world_of(sim) as world:
            world.service()
            assert world.ask().status == 404
    assert threading.active_count() <= before


def test_rows_of_traffic(world: World) -> None:
    world.start(echo("one"), ONE)
    switch = {"switching_action": {"action": "HTTP_SWITCHING_SELECT_POOL", "pool_ref": world.pool("p", ONE)}}
    match = {"path": {"match_criteria": "BEGINS_WITH", "match_str": ["/x"]}}
    world.service(http_policies=world.rules("set", {**switch, "match": match}))
    world.ask("/x?q", "b.com:80", method="POST")
    world.ask("/y")
    found = world.control("GET", "traffic")
    common = {"virtualservice": "vs", "client": "127.0.0.1", "port": 80}
    asked_for = {"method": "POST", "host": "b.com:80", "path": "/x?q"}
    assert found["traffic"] == [
        {"n": 1, **common, **asked_for, "rule": ["set/r1"], "pool": "p", "server": ONE, "status": 200},
        {"n": 2, **common, "method": "GET", "host": "a.com", "path": "/y", "rule": [], "pool": None, "server": None,
         "status": 404},
    ]  # fmt: skip
    assert found["next"] == 3
    assert [row["n"] for row in world.traffic(since=2)] == [2]


def test_without_a_data_plane_nothing_of_it_is_there() -> None:
    with Simulator(SimulatorOptions()) as sim, world_of(sim) as world:
        world.control("GET", "listeners", status=404)
