"""Single changes in the steady state: one host added, one endpoint changed, one host removed; and many at once."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable

from msgspec import Struct

from bench.avi_log import Exchanges, Traffic, last_write, traffic_of
from bench.objects import endpoint_slice, ingress, name_of, node
from bench.processes import Program, wait_for
from bench.stage import Stage

WARM_UP = 2
LIMIT = 120.0


class Change(Struct):
    """What one change took.

    Attributes:
        seconds: from just before the change went in until the last write was answered.
        status_seconds: until the status was seen; the same as `seconds` where none is written.
        cpu: processor time of the `ako` process.
        traffic: all requests.
    """

    seconds: float
    status_seconds: float
    cpu: float
    traffic: Traffic


class Changer:
    """Makes changes one at a time and measures each."""

    def __init__(self, stage: Stage, ako: Program, *, secure: bool) -> None:
        self._stage = stage
        self._ako = ako
        self._secure = secure

    def rounds(self, first: int, hosts: int, count: int) -> dict[str, list[Change]]:
        """Add a host, change an endpoint of another one, remove the host; over and over, the warm-up left out.

        Args:
            first: number of the first host to add; those after it follow.
            hosts: how many there are already.
            count: how many rounds are measured.
        """
        measured: dict[str, list[Change]] = {"added": [], "endpoint": [], "removed": []}
        for turn in range(WARM_UP + count):
            number = first + turn
            taken = {
                "added": self.add([number]),
                "endpoint": self.move_endpoint(turn * hosts // (WARM_UP + count), revision=turn + 1),
                "removed": self.remove(number),
            }
            for kind, change in taken.items():
                if turn >= WARM_UP:
                    measured[kind].append(change)
        return measured

    def add(self, numbers: Iterable[int]) -> Change:
        """Create Ingresses, all in one request."""
        every = list(numbers)
        names = {name_of(number) for number in every}
        written = self._stage.cluster.has_status_since
        manifests = [ingress(number, secure=self._secure) for number in every]
        return self._measured(lambda: self._stage.cluster.apply(manifests), lambda _: names <= written.keys(), names)

    def move_endpoint(self, number: int, *, revision: int) -> Change:
        """Give one endpoint of a host another address."""
        manifest = endpoint_slice(number, revision=revision)
        return self._measured(lambda: self._stage.cluster.apply([manifest]), _has_written)

    def add_node(self, number: int, pools: int) -> Change:
        """Create a node that all pools get a server from."""
        return self._measured(
            lambda: self._stage.cluster.apply([node(number)]),
            lambda found: sum(exchange.is_write for exchange in found) >= pools,
        )

    def remove(self, number: int) -> Change:
        """Delete the Ingress of a host."""
        return self._measured(lambda: self._stage.cluster.delete_ingress(number), _has_deleted)

    def _measured(
        self, change: Callable[[], float], is_enough: Callable[[Exchanges], bool], names: Iterable[str] = ()
    ) -> Change:
        stage = self._stage
        stage.avi.mark()
        cpu = self._ako.cpu_seconds()
        begun = change()

        def is_done(found: Exchanges) -> bool:
            self._ako.require_running()
            return is_enough(found)

        exchanges = stage.avi.settled(is_done, stage.quiet, LIMIT)
        seconds = last_write(exchanges) - begun
        seen = [stage.cluster.has_status_since[name] - begun for name in names]
        return Change(seconds, max(seen, default=seconds), self._ako.cpu_seconds() - cpu, traffic_of(exchanges))


def _has_written(exchanges: Exchanges) -> bool:
    return any(exchange.is_write for exchange in exchanges)


def _has_deleted(exchanges: Exchanges) -> bool:
    return any(exchange.method == "DELETE" and exchange.type == "pool" for exchange in exchanges)


def median_of(changes: Iterable[Change], figure: Callable[[Change], float]) -> float:
    """Give the median of a figure over changes."""
    return statistics.median(figure(change) for change in changes)


def rest(ako: Program, *, limit: float = 30.0) -> None:
    """Wait until the process uses no processor time worth the name, so that the next change finds it at rest."""
    last = [ako.cpu_seconds()]

    def is_at_rest() -> bool | None:
        time.sleep(0.2)
        used, last[0] = ako.cpu_seconds() - last[0], ako.cpu_seconds()
        return True if used < 0.005 else None

    wait_for(is_at_rest, limit, "`ako run` is at rest")
