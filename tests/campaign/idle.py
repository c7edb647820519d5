"""What a turn of the loop costs its thread: in none of those that are measured did anything happen."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from ako.core.control.loop import Controller
from ako.core.control.world import Message
from ako.sim import Simulator
from tests.builders import NOT_DEFAULT, Manifest, ingress, tls_secret
from tests.core.control.running import Running
from tests.waiting import eventually


def host(number: int) -> Manifest:
    """Build an Ingress of a host with TLS."""
    return ingress(f"i{number}", (f"h{number}.com", "/", "web:80"), tls={f"h{number}.com": "cert"})


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave garbage where it is for a while: when it is collected has nothing to do with what is measured."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Impatient(SimpleQueue[Message]):
    """Waits in no time for so many turns of a controller at rest, and keeps what each cost its thread, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.costs: list[float] = []
        self._controller: Controller | None = None
        self._wanted = 0
        self._began: float | None = None

    def measure(self, controller: Controller, turns: int) -> float:
        """Give the median of so many turns, in ms."""
        with uncollected():
            self.costs, self._began, self._wanted, self._controller = [], None, turns, controller
            self.put(lambda: None)  # it may be in the midst of a wait
            eventually(lambda: len(self.costs) >= turns, "so many turns")
        return 1000 * statistics.median(self.costs)

    def get(self, block: bool = True, timeout: float | None = None) -> Message:
        now = time.thread_time()
        if self._controller is None or len(self.costs) >= self._wanted or not self._controller.is_converged:
            self._began = None
            return super().get(timeout=timeout)
        if self._began is not None:
            self.costs.append(now - self._began)
        self._began = time.thread_time()
        raise Empty


def idle_turns(hosts: int, turns: int) -> tuple[float, float]:
    """Give the median turn, in ms, where nothing is left to do, and where the deletion of every host waits."""
    inbox = Impatient()
    with Simulator() as simulator, Running(simulator.url, inbox=inbox) as ako:
        controller = ako.controller
        ako.cluster.declare(tls_secret("cert", "*.com"), *map(host, range(hosts)))
        eventually(lambda: len(controller.reconciler.observed.all_served()) > hosts, "every host")
        ako.comes_to_rest()
        well = inbox.measure(controller, turns)
        ako.cluster.declare(NOT_DEFAULT)
        eventually(lambda: len(controller.state.held.served) > hosts, "the guard's word")
        ako.comes_to_rest()
        done = dict(controller.state.done)
        waiting = inbox.measure(controller, turns)
        assert len(controller.state.held.served) > hosts
        assert controller.state.done == done, "nothing was sent"
    return well, waiting
