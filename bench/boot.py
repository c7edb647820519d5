"""A start with all Ingresses already there and an empty Controller, and a start where everything is programmed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from bench.avi_log import Exchanges, Traffic, last_write, traffic_of
from bench.cells import Cell
from bench.errors import BenchError
from bench.objects import INGRESS_CLASS, backends, ingress, name_of, node, tls_secrets
from bench.processes import Program, wait_for
from bench.stage import Stage

LIMIT = 600.0
_FEWEST_CALLS_OF_A_RESTART = 5
_QUIET_AFTER_RESTART = 2.0  # longer than anything it may be busy with in between


class Boot(Struct):
    """How a start went; times in seconds from the start of the process.

    Attributes:
        hosts: everything is on the Controller.
        statuses: every status is written.
        newcomer: seconds from the creation of one more Ingress, just after `hosts`, until it is on the Controller.
        cpu: processor time until nothing was left to do.
        memory: peak until then, in MiB.
        kept: what it holds then, in MiB.
        traffic: until then, without that of the newcomer.
    """

    hosts: float
    statuses: float
    newcomer: float
    cpu: float
    memory: float
    kept: float
    traffic: Traffic


def fill_cluster(stage: Stage, cell: Cell, spare: int) -> None:
    """Put the hosts of a cell into the stand-in, and for some more hosts everything but the Ingress."""
    every = range(cell.hosts + spare)
    stage.cluster.apply([INGRESS_CLASS, *map(node, range(cell.nodes))])
    stage.cluster.apply(backends(every, by_node_port=cell.nodes > 0))
    if cell.secure:
        stage.cluster.apply(tls_secrets(every))
    stage.cluster.apply(ingress(number, secure=cell.secure) for number in range(cell.hosts))


@contextmanager
def booted(stage: Stage, cell: Cell, *, spare: int) -> Iterator[tuple[Program, Boot]]:
    """Start `ako run` on a cluster full of hosts; number `cell.hosts` is the newcomer, `spare` more are prepared."""
    fill_cluster(stage, cell, spare + 1)
    with stage.start_ako() as ako:
        yield ako, _observe(stage, cell, ako)


def _observe(stage: Stage, cell: Cell, ako: Program) -> Boot:
    names = [name_of(number) for number in range(cell.hosts)]

    def is_programmed(found: Exchanges) -> bool:
        ako.require_running()
        return _is_programmed(found, cell)

    stage.avi.until(is_programmed, LIMIT, "all hosts are on the Controller")
    added_at = stage.cluster.apply([ingress(cell.hosts, secure=cell.secure)])
    written = stage.cluster.has_status_since
    everybody = {*names, name_of(cell.hosts)}
    wait_for(lambda: True if everybody <= written.keys() else None, LIMIT, "every Ingress has its status")
    exchanges = stage.avi.settled(lambda _: True, stage.quiet + 0.4, LIMIT)
    _check(stage, cell)
    boot = [exchange for exchange in exchanges if exchange.time < added_at]
    return Boot(
        hosts=last_write(boot) - ako.started,
        statuses=max(written[name] for name in names) - ako.started,
        newcomer=last_write(exchanges) - added_at,
        cpu=ako.cpu_seconds(),
        memory=ako.peak_memory_mib(),
        kept=ako.memory_mib(),
        traffic=traffic_of(boot),
    )


def _is_programmed(exchanges: Exchanges, cell: Cell) -> bool:
    """Say whether the last object of every host is there: its pool, or with TLS its own virtual service."""
    created = [exchange.type for exchange in exchanges if exchange.method == "POST" and exchange.status < 400]
    virtual_services = created.count("virtualservice")
    is_served = virtual_services >= cell.hosts if cell.secure else virtual_services > 0
    in_flight = created.count("vsvip") + (cell.hosts if cell.secure else 0) - virtual_services
    return created.count("pool") >= cell.hosts and is_served and in_flight <= 0


def _check(stage: Stage, cell: Cell) -> None:
    """Insist that the Controller really has what is measured."""
    pools = len(stage.avi.objects("pool"))
    names = {record.get("fqdn") for vsvip in stage.avi.objects("vsvip") for record in _records(vsvip)}
    if pools != cell.hosts + 1 or len(names) < cell.hosts + 1:
        raise BenchError(f"{cell.hosts + 1} hosts should be served; there are {pools} pools, {len(names)} DNS names")


def _records(vsvip: dict[str, object]) -> list[dict[str, object]]:
    found = vsvip.get("dns_info") or []
    return found if isinstance(found, list) else []


def restarted(stage: Stage) -> tuple[float, Boot]:
    """Start `ako run` where everything is programmed; give the time of its last request and how the start went."""
    stage.avi.mark()
    with stage.start_ako() as ako:
        exchanges = stage.avi.settled(
            lambda found: len(found) >= _FEWEST_CALLS_OF_A_RESTART, _QUIET_AFTER_RESTART, LIMIT
        )
        done = max(exchange.ended for exchange in exchanges) - ako.started
        memory, kept = ako.peak_memory_mib(), ako.memory_mib()
        return done, Boot(done, done, 0.0, ako.cpu_seconds(), memory, kept, traffic_of(exchanges))
