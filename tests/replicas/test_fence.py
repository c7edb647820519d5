"""Nothing is sent to the Avi Controller, nor to Kubernetes, unless the fence is open at that very moment."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.errors import AviError, AviUnreachable, AviWithheld
from ako.core.avi.session import AviSession
from ako.core.base.fence import NEVER, Fence, Withheld
from ako.core.base.refs import Kind, ObjectRef
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.records import SERVICES
from ako.core.kube.api import ApiCluster
from ako.core.kube.cluster import Event, WriteOutcome
from ako.core.kube.connection import from_kubeconfig
from ako.sim import Simulator
from ako.testing import KubeApi
from tests.builders import service
from tests.core.clock import Clock
from tests.e2e.stage import AviControl
from tests.waiting import PATIENCE, eventually

GRACE = 2.0


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


class Sender:
    """A session behind a fence, whose clock a test moves."""

    def __init__(self, simulator: Simulator, *, concurrency: int = 4) -> None:
        self.clock = Clock()
        self.fence = Fence(self.clock)
        self._simulator = simulator
        self._concurrency = concurrency
        self.after_exchange = 0.0
        self.session = self.connect()

    def connect(self) -> AviSession:
        url, limits = self._simulator.url, (PATIENCE, PATIENCE)
        endpoint = AviEndpoint(
            url=url, username="admin", password="admin", timeout=limits, concurrency=self._concurrency
        )
        return AviSession(endpoint, observer=self, warrant=self.fence.warrant())

    def observe_request(self, method: str, avi_type: str, status: int, seconds: float) -> None:
        del method, avi_type, status, seconds
        self.clock.now += self.after_exchange

    def pools(self) -> set[str]:
        with AviControl(self._simulator.url) as avi:
            return {str(pool["name"]) for pool in avi.objects("pool")}


def body(name: str) -> bytes:
    return b'{"name": "%s"}' % name.encode()


def test_what_was_sent_before_the_time_has_come_passes_and_nothing_after(simulator: Simulator) -> None:
    sender = Sender(simulator)
    sender.fence.open(sender.clock.now + 10, GRACE)
    sender.session.post("/api/pool", body("in-time"))
    sender.clock.now += 10
    with pytest.raises(AviWithheld):
        sender.session.post("/api/pool", body("late"))
    assert sender.pools() == {"in-time"}
    assert sender.session.connected
    sender.session.get("/api/pool")


def test_a_write_whose_login_took_too_long_is_not_sent(simulator: Simulator) -> None:
    sender = Sender(simulator)
    sender.fence.open(sender.clock.now + 10, GRACE)
    sender.after_exchange = 5.0  # login and version
    with pytest.raises(AviWithheld):
        sender.session.post("/api/pool", body("late"))
    assert not sender.pools()


def test_a_write_that_is_repeated_because_the_session_has_ended_asks_again(simulator: Simulator) -> None:
    sender = Sender(simulator)
    sender.session.get("/api/pool")
    sender.fence.open(sender.clock.now + 10, GRACE)
    sender.after_exchange = 4.0  # the refused write, login, version
    with AviControl(simulator.url) as avi:
        avi.expire_sessions()
    with pytest.raises(AviWithheld):
        sender.session.post("/api/pool", body("late"))
    assert not sender.pools()


def test_what_was_begun_before_the_fence_was_shut_is_not_sent_when_it_opens_again(simulator: Simulator) -> None:
    sender = Sender(simulator)
    before = sender.session
    before.get("/api/pool")
    sender.fence.open(sender.clock.now + 10, GRACE)
    sender.fence.shut()
    sender.fence.open(sender.clock.now + 10, GRACE)
    with pytest.raises(AviWithheld):
        before.post("/api/pool", body("old"))
    sender.connect().post("/api/pool", body("new"))
    assert sender.pools() == {"new"}


def test_a_write_under_way_is_cut_off_and_one_that_waits_for_its_connection_is_never_sent(
    simulator: Simulator,
) -> None:
    sender = Sender(simulator, concurrency=1)
    sender.session.get("/api/pool")
    sender.fence.open(sender.clock.now + 10, GRACE)
    results: dict[str, AviError] = {}

    def write(name: str) -> None:
        try:
            sender.session.post("/api/pool", body(name))
        except AviError as error:
            results[name] = error

    with AviControl(simulator.url) as avi:
        avi.misbehave({"match": {"method": "POST", "model": "pool"}, "delay_ms": 60_000, "drop": True, "times": 9})
        mark = avi.mark()
        first, second = (threading.Thread(target=write, args=(name,)) for name in ("first", "second"))
        first.start()
        eventually(lambda: simulator.faults.listed()[0]["times"] == 8, "a write that has arrived")
        assert sender.fence.is_busy
        second.start()
        eventually(second.is_alive, "one that waits")
        sender.fence.shut()
        first.join(PATIENCE)
        second.join(PATIENCE)
        avi.misbehave(None)
        assert isinstance(results["first"], AviUnreachable)
        assert results["first"].may_have_been_carried_out
        assert isinstance(results["second"], AviWithheld)
        assert len([request for request in avi.requests_since(mark) if request.method == "POST"]) <= 1
    assert not sender.pools()


def test_the_kernel_gives_up_bytes_that_do_not_arrive_in_time() -> None:
    clock = Clock()
    fence = Fence(clock)
    fence.open(clock.now + 3, GRACE)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        fence.pass_through(client)
        assert client.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 5000
        fence.shut()
        client.settimeout(0.0)
        assert client.recv(1) == b""
        assert client.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == b"\1\0\0\0\0\0\0\0"
        with pytest.raises(Withheld):
            fence.pass_through(client)


def test_nothing_is_written_to_kubernetes_either(kube: KubeApi, kubeconfig: Path) -> None:
    kube.apply(dict(service("web")))
    fence = Fence(until=NEVER)
    cluster = ApiCluster(from_kubeconfig(kubeconfig), fence=fence)
    ref = ObjectRef(Kind("", "v1", "Service"), "default", "web")
    listed = threading.Event()
    kinds = [WatchedKind(kind=ref.kind, plural="services", record=SERVICES.record)]
    cluster.start(kinds, lambda _: listed.set())
    assert listed.wait(PATIENCE)
    status = {"loadBalancer": {"ingress": [{"ip": "10.0.0.9"}]}}
    assert cluster.write_status(ref, status).outcome is WriteOutcome.RETRY
    cluster.write_event(ref, Event(type="Normal", reason="Said", message="nothing"))
    assert not [request for request in kube.requests if request.method != "GET"]
    fence.open(float("inf"), 0.0)
    assert cluster.write_status(ref, status).outcome is WriteOutcome.DONE
    cluster.stop()
