"""What safety costs: a deletion that waits, an object that is bad, a plan in which much goes and much is new.

`python -m tests.campaign.safety` measures processor time in this process, with the collector of garbage off as `timeit`
has it, and prints medians beside what they are compared with, which is measured in turns with them: a machine is not as
fast at one moment as at another. Of orders, which are measured alone, it is the least of some. It ends with 1 if a bar
is missed.
"""

from __future__ import annotations

import logging
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice

from ako.core.apply.order import order
from ako.core.avi.errors import AviRejected
from ako.core.base.refs import AviRef
from ako.core.hooks.sharding import shard_of
from ako.core.model import CHILD, DnsInfo, Pool, PoolGroup, PoolGroupMember, VirtualService, VsVip
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Create, Delete, Operation
from bench.table import aligned, spelt
from tests.builders import endpoints, ingress, secret, service, tls_secret
from tests.campaign.idle import host, idle_turns, uncollected
from tests.core.control.rig import Rig
from tests.core.strict_controller import StrictController


@dataclass(frozen=True)
class Scale:
    """How much there is, and how often things are measured."""

    waiting: int = 2000
    hosts: int = 5000
    gone: int = 1000
    turns: int = 200
    rounds: int = 40
    orders: int = 9


@dataclass(frozen=True)
class Figure:
    """A median, its ratio to what it is compared with, and the most that either may be; 0 for any."""

    what: str
    milliseconds: float
    ratio: float = 1.0
    most: float = 0.0
    most_ratio: float = 0.0

    @property
    def is_met(self) -> bool:
        return not (self.most and self.milliseconds > self.most) and not (
            self.most_ratio and self.ratio > self.most_ratio
        )

    def row(self) -> tuple[str, ...]:
        bars = (f"≤ {self.most:g} ms" * bool(self.most), f"≤ {self.most_ratio:g}×" * bool(self.most_ratio))
        bar = ", ".join(filter(None, bars))
        met = ("no", "yes")[self.is_met] if bar else ""
        return (self.what, spelt(self.milliseconds), f"{self.ratio:.2f}", bar, met)


# An object is bad.


class Timed(StrictController):
    """Knows how long it took itself, in seconds, so that this can be left out; to delete is allowed at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.own = 0.0

    def carry_out(self, operation: Operation) -> None:
        began = time.thread_time()
        if isinstance(operation, Delete):
            self.observed.forget(operation.ref)  # to look for who refers to it would take longer than all else
        else:
            super().carry_out(operation)
        self.own += time.thread_time() - began


BASE = (service("web"), endpoints("web", "10.0.0.1"), tls_secret("cert", "*.com"))
BROKEN = ingress("broken", ("illegible.com", "/", "web:80"), tls={"illegible.com": "cert"})
DOUBTFUL = ingress("doubtful", ("bad.com", "/", "web:80"), tls={"bad.com": "odd"})
REFUSED = ingress("refused", ("declined.com", "/", "web:80"), tls={"declined.com": "cert"})
SHARD = 5
"""Where these three are."""
ODD = tls_secret("odd", "*.com")
GARBAGE = secret("odd", "garbage", "garbage")


def rig_in_doubt(hosts: int) -> Rig:
    """Start where many hosts are live; of two of them one cannot be read, and the certificate of the other one."""
    controller = Timed()
    good = [host(number) for number in range(hosts)]
    Rig(*BASE, ODD, BROKEN, DOUBTFUL, *good, controller=controller)
    rig = Rig(*BASE, GARBAGE, DOUBTFUL, *good, unreadable=[BROKEN], controller=controller)
    protection = rig.reconciler.dispatcher.planner.protected.protection
    assert protection.owners, "an Ingress cannot be read"
    assert protection.claims, "a certificate cannot be read"
    assert rig.sent == []
    holders = {controller.observed.holder(f"{name}.com") for name in ("illegible", "bad", f"h{next(beside(0))}")}
    assert len(holders) == 1, "on one shard"
    return rig


def rig_that_is_well(hosts: int) -> Rig:
    """Start where the same hosts are live, and all can be read."""
    return Rig(*BASE, ODD, BROKEN, DOUBTFUL, *map(host, range(hosts)), controller=Timed())


def beside(first: int) -> Iterator[int]:
    """Give the numbers of hosts on the shard of the bad ones."""
    return (number for number in count(first) if shard_of(f"h{number}.com", 8, "md5") == SHARD)


def one_more(rig: Rig, number: int) -> float:
    """Give what a new host costs until it is served, in ms; afterwards all is as it was."""
    controller = rig.controller
    assert isinstance(controller, Timed)
    before, began = controller.own, time.thread_time()
    rig.apply(host(number))
    rig.settle()
    cost = time.thread_time() - began - (controller.own - before)
    assert f"h{number}.com" in rig.served()
    rig.delete(host(number))
    rig.settle()
    return 1000 * cost


def refuse(rig: Rig, is_refused: Callable[[Operation], bool]) -> None:
    """Have what one host adds refused from now on."""
    rig.faults[:] = [lambda operation: AviRejected("not that", status=400) if is_refused(operation) else None]
    rig.apply(REFUSED)
    rig.settle()
    assert rig.desk.told[-1].reason == "Rejected"


def is_own(operation: Operation) -> bool:
    return operation.ref == AviRef("sslkeyandcertificate", "my-cluster--declined.com")


def is_name(operation: Operation) -> bool:
    wanted = None if isinstance(operation, Delete) else operation.object
    return isinstance(wanted, VsVip) and "declined.com" in wanted.fqdns


def changes(scale: Scale) -> Iterator[Figure]:
    """Measure one new host where all is well, and where another one of its shard is bad; the same hosts in turns."""
    numbers = list(islice(beside(scale.hosts), scale.rounds))
    well, bad = rig_that_is_well(scale.hosts), rig_in_doubt(scale.hosts)
    for number in numbers[:2]:
        one_more(well, number)
    costs: list[float] = []

    def compared(what: str) -> Figure:
        one_more(bad, numbers[0])
        with uncollected():
            pairs = [(one_more(well, number), one_more(bad, number)) for number in numbers]
        costs.extend(cost for cost, _ in pairs)
        ratio = statistics.median(cost / usual for usual, cost in pairs)
        return Figure(f"one new host while {what}", statistics.median(c for _, c in pairs), ratio, most_ratio=1.3)

    found = [compared("an Ingress and a certificate cannot be read")]
    bad.apply(ODD)
    bad.settle()
    found.append(compared("an Ingress cannot be read"))
    bad.apply(BROKEN)
    bad.settle()
    for what, is_refused in (("an object of a host is refused", is_own), ("the name of a host is refused", is_name)):
        refuse(bad, is_refused)
        found.append(compared(what))
        bad.faults.clear()
        bad.delete(REFUSED)
        bad.settle()
    yield Figure(f"one new host beside {scale.hosts:,} TLS hosts", statistics.median(costs))
    yield from found


# A deletion waits.


def turns(scale: Scale) -> Iterator[Figure]:
    """Measure turns of the loop in which nothing happens, beside a simulator."""
    well, waiting = idle_turns(scale.waiting, scale.turns)
    yield Figure(f"idle turn, {scale.waiting:,} TLS hosts", well)
    yield Figure("idle turn while the deletion of all of them waits", waiting, waiting / well, most=2)


# Much goes and much is new.


def gone_and_new(times: int) -> Iterator[Operation]:
    """Give a virtual service that goes and five objects that are new, so many times."""
    for number in range(times):
        old = VirtualService(name=f"old{number}", vs_type=CHILD)
        yield Delete(old.ref, ObservedObject("uuid", old))
        yield from (Create(Pool(name=f"new{number}-{part}")) for part in range(5))


def names_handed_on(times: int) -> Iterator[Operation]:
    """Give virtual services whose names enter others: two objects that go each time, and five that are new."""
    for number in range(times):
        names = (DnsInfo(f"h{number}.com"),)
        old = VsVip(name=f"old{number}", dns_info=names)
        for gone in (VirtualService(name=old.name, vsvip_ref=old.ref), old):
            yield Delete(gone.ref, ObservedObject("uuid", gone))
        address, pool = VsVip(name=f"new{number}", dns_info=names), Pool(name=f"new{number}")
        group = PoolGroup(name=f"new{number}", members=(PoolGroupMember(pool.ref, "pool"),))
        new = VirtualService(name=f"new{number}", vsvip_ref=address.ref)
        yield from map(Create, (address, pool, group, new, Pool(name=f"spare{number}")))


def orders(scale: Scale) -> Iterator[Figure]:
    """Measure in what order plans are to be carried out: of one size, and of half and twice that."""
    for what, make in (("", gone_and_new), (", names handed on", names_handed_on)):
        plans = [tuple(make(size)) for size in (scale.gone // 2, scale.gone, 2 * scale.gone)]
        costs: list[list[float]] = [[] for _ in plans]
        for _ in range(scale.orders):
            for plan, cost in zip(plans, costs, strict=True):
                with uncollected():
                    began = time.thread_time()
                    found = order(plan)
                    cost.append(1000 * (time.thread_time() - began))
                # What a name leaves stays until that is there to which it goes, in a plan of its own.
                assert len(found.operations) == sum(isinstance(one, Create) or not what for one in plan)
        half, once, twice = map(min, costs)
        yield Figure(f"order: {scale.gone:,} gone, {5 * scale.gone:,} new{what}", once, most=0 if what else 200)
        yield Figure(f"order: twice of that{what}; each doubling", twice, (twice / half) ** 0.5, most_ratio=2.3)


def measure(scale: Scale) -> Iterator[Figure]:
    """Measure everything."""
    for part in (orders, turns, changes):
        yield from part(scale)


def main() -> int:
    """Print what was measured."""
    logging.disable()
    figures = list(measure(Scale()))
    print(aligned(("figure", "CPU (ms)", "ratio", "bar", "met"), (figure.row() for figure in figures)), end="")
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
