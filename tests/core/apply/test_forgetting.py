"""What came and went leaves nothing behind, though the Controller is never read as a whole again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sized

import pytest

from ako.core.apply.dispatcher import Dispatcher
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, DnsInfo, IpAddr, Pool, PoolGroup, PoolGroupMember, Vip, VsVip
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.observe.our_addresses import FORMER_AT_MOST
from ako.core.plan.plan import Delete
from tests.core.clock import Clock
from tests.core.silence import Silence


class Case:
    """A dispatcher whose trees come and go."""

    def __init__(self) -> None:
        self.worker = Silence()
        self.trees: dict[str, list[AviObject]] = {}
        self.observed = Observed()
        pace = Pace(Clock(), random.Random(1))
        self.dispatcher = Dispatcher(self.observed, self._desired_of, self.worker, "c--", pace)
        self.dispatcher.knowledge.begin_observation()
        self.dispatcher.knowledge.adopt({})

    def _desired_of(self, tree: TreeName) -> dict[AviRef, AviObject]:
        return {item.ref: item for item in self.trees.get(tree.name, ())}

    def settle(self, tree: str) -> None:
        self.dispatcher.touch([TreeName(tree)])
        while self.dispatcher.start_due() is not None and self.worker.sent:
            sent, self.worker.sent = self.worker.sent, []
            for operation in sent:
                seen = None if isinstance(operation, Delete) else ObservedObject("u", operation.object)
                self.dispatcher.finished(operation, seen)
        assert self.dispatcher.is_idle

    def come_and_go(self, number: int) -> None:
        name, address = f"c--{number}", f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"
        pool = Pool(name=name)
        vip = Vip(ip_address=IpAddr(address, "V4"))
        self.trees[name] = [
            VsVip(name=name, dns_info=(DnsInfo(f"{number}.com"),), vip=(vip,)),
            pool,
            PoolGroup(name=name, members=(PoolGroupMember(pool.ref),)),
        ]
        self.settle(name)
        assert len(self.observed) == 3
        del self.trees[name]
        self.settle(name)
        assert len(self.observed) == 0

    def kept(self) -> dict[str, int]:
        """Count everything that is kept, but for addresses and what was done."""
        return dict(_sizes("dispatcher", self.dispatcher, set()))


def _sizes(name: str, item: object, seen: set[int]) -> Iterator[tuple[str, int]]:
    if id(item) in seen or type(item).__module__.partition(".")[0] != "ako" or not hasattr(item, "__dict__"):
        return
    seen.add(id(item))
    for field, value in vars(item).items():
        if isinstance(value, Sized) and field not in {"done", "_former", "counts"}:
            yield f"{name}.{field}", len(value)
        yield from _sizes(f"{name}.{field}", value, seen)


def test_trees_that_are_gone_leave_nothing_behind() -> None:
    case = Case()
    case.come_and_go(1)
    before = case.kept()
    assert any("_states" in name for name in before), "it is looked at"
    for number in range(2, 30):
        case.come_and_go(number)
    assert case.kept() == before


def test_what_is_written_is_remembered_only_while_the_controller_is_read() -> None:
    case = Case()
    knowledge = case.dispatcher.knowledge
    knowledge.begin_observation()
    case.trees["one"] = [Pool(name="c--one")]
    case.settle("one")
    knowledge.adopt({})
    assert AviRef("pool", "c--one") in case.observed, "known better than by what was read"
    knowledge.adopt({})
    assert AviRef("pool", "c--one") not in case.observed


def vsvip(name: str, *addresses: str) -> tuple[AviRef, ObservedObject]:
    item = VsVip(name=name, vip=tuple(Vip(ip_address=IpAddr(address, "V4")) for address in addresses))
    return item.ref, ObservedObject("u", item)


@pytest.mark.parametrize("by_list", [False, True])
def test_the_latest_addresses_that_were_ours_are_known(*, by_list: bool) -> None:
    """All that are in use are, however many; of the others so many, and those that went last."""
    observed, count = Observed(), FORMER_AT_MOST + 9
    lasting = dict(vsvip(f"c--{number}", f"10.1.{number // 256}.{number % 256}") for number in range(count))
    for one in lasting.items():
        observed.put(*one)
    for batch in range(FORMER_AT_MOST // 50 + 1):
        ref, seen = vsvip("c--passing", *(f"10.2.{batch}.{number}" for number in range(50)))
        if by_list:
            observed.replace({**lasting, ref: seen})
        else:
            observed.put(ref, seen)
    (observed.replace(lasting) if by_list else observed.forget(ref))
    addresses = observed.addresses
    assert sum(address.startswith("10.1.") for address in addresses) == count
    former = {address for address in addresses if address.startswith("10.2.")}
    assert len(former) == FORMER_AT_MOST
    assert {address.rpartition(".")[0] for address in former} == {f"10.2.{batch}" for batch in range(1, 21)}


def test_an_address_that_two_have_is_in_use_until_both_are_gone() -> None:
    observed = Observed()
    for name in ("c--a", "c--b"):
        observed.put(*vsvip(name, "10.0.0.1"))
    observed.forget(AviRef("vsvip", "c--a"))
    observed.put(*vsvip("c--b", "10.0.0.1", "10.0.0.2"))
    assert observed.addresses == {"10.0.0.1", "10.0.0.2"}
    observed.put(*vsvip("c--b"))
    assert observed.addresses == {"10.0.0.1", "10.0.0.2"}, "as former ones"
    assert observed.without_address == {AviRef("vsvip", "c--b")}
