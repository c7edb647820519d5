"""Who answers: labels, shares, servers that are down or not wanted, and who is kept."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ako.sim.data_plane.balancing import Balancer
from ako.sim.data_plane.objects import NotModelledError
from ako.sim.data_plane.outcomes import Balance
from tests.sim.data_plane.stock import Stock, get


class Group:
    """A pool group and who chooses of it."""

    def __init__(self, *members: dict[str, Any], **fields: Any) -> None:
        self.stock = Stock()
        self.balancer = Balancer()
        listed = []
        for number, member in enumerate(members):
            name = member.pop("name", f"p{number}")
            self.stock.pool(name, f"10.0.0.{number}:80", **member.pop("pool", {}))
            listed.append({"pool_ref": f"\x01pool/{name}", **member})
        self.stock.put("poolgroup", "group", members=listed, **fields)

    def chosen(self, label: str | None = None) -> str | None:
        wanted = Balance(self.stock.get("poolgroup", "group"), label)
        found = self.balancer.pool(self.stock.objects, wanted)
        return found.name if found else None

    def shares(self, count: int, label: str | None = None) -> Counter[str | None]:
        return Counter(self.chosen(label) for _ in range(count))


def labelled(label: str, **more: Any) -> dict[str, Any]:
    return {"priority_label": label, **more}


def test_the_longest_label_is_chosen() -> None:
    group = Group(labelled("a.com/"), labelled("a.com/foo"), implicit_priority_labels=True)
    assert [group.chosen(label) for label in ("a.com/foo/x", "a.com/fo", "b.com/")] == ["p1", "p0", None]


def test_a_longer_label_without_servers_does_not_fall_back_to_a_shorter_one() -> None:
    group = Group(labelled("a.com/"), labelled("a.com/foo"), implicit_priority_labels=True)
    group.balancer.down.add(("10.0.0.1", 80))
    assert group.chosen("a.com/foo") is None
    assert group.balancer.has_place(Balance(group.stock.get("poolgroup", "group"), "a.com/foo"))
    assert not group.balancer.has_place(Balance(group.stock.get("poolgroup", "group"), "b.com/"))


def test_without_implicit_labels_a_label_is_one_of_them() -> None:
    group = Group(labelled("blue"), labelled("green"))
    assert [group.chosen(label) for label in ("green", "greenish", "blue")] == ["p1", None, "p0"]


@pytest.mark.parametrize("ratios", [(1, 1), (1, 3), (5, 1, 1), (0, 1), (1000, 1), (7, 0, 3)])
def test_shares_are_exact(ratios: tuple[int, ...]) -> None:
    group = Group(*({"ratio": ratio} for ratio in ratios))
    for turn in (1, 2):
        shares = group.shares(sum(ratios))
        assert [shares[f"p{number}"] for number in range(len(ratios))] == list(ratios), turn


def test_shares_of_one_label_do_not_depend_on_requests_for_another() -> None:
    group = Group(labelled("a/"), labelled("a/"), labelled("b/"), labelled("b/"), implicit_priority_labels=True)
    found = Counter(group.chosen(label) for _ in range(10) for label in ("a/", "b/"))
    assert found == {"p0": 5, "p1": 5, "p2": 5, "p3": 5}


def test_a_pool_that_is_there_twice_has_both_shares() -> None:
    group = Group({"name": "x", "ratio": 1}, {"name": "y", "ratio": 1}, {"name": "x", "ratio": 2})
    assert group.shares(8) == {"x": 6, "y": 2}


def test_ratio_nothing_alone_and_members_out_of_service_get_nothing() -> None:
    assert Group({"ratio": 0}).chosen() is None
    group = Group({"deployment_state": "OUT_OF_SERVICE"}, {"deployment_state": "IN_SERVICE"})
    assert group.shares(4) == {"p1": 4}


def test_the_highest_priority_that_has_servers_is_taken() -> None:
    group = Group(labelled("2"), labelled("10"), labelled("10"))
    assert group.shares(4) == {"p1": 2, "p2": 2}
    group.balancer.down |= {("10.0.0.1", 80), ("10.0.0.2", 80)}
    assert group.shares(2) == {"p0": 2}
    group.balancer.down.discard(("10.0.0.2", 80))
    assert group.shares(2) == {"p2": 2}


def test_disabled_pools_and_pools_without_servers_get_nothing() -> None:
    group = Group({"pool": {"enabled": False}}, {}, {})
    group.stock.put("pool", "p2", servers=[])
    assert group.shares(4) == {"p1": 4}


class Servers:
    """A pool of three servers and who chooses of it."""

    def __init__(self, **fields: Any) -> None:
        self.stock = Stock()
        self.stock.pool("pool", "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", **fields)
        self.balancer = Balancer()

    def chosen(self, client: str = "c", target: str = "/", tried: Any = ()) -> str | None:
        pool = self.stock.get("pool", "pool")
        found = self.balancer.server(self.stock.objects, pool, client, tried, get(target, ("X-User", target[1:])))
        return found[0] if found else None


def test_servers_take_turns() -> None:
    servers = Servers()
    assert Counter(servers.chosen() for _ in range(9)) == {"10.0.0.1": 3, "10.0.0.2": 3, "10.0.0.3": 3}
    servers.balancer.down.add(("10.0.0.2", 80))
    assert Counter(servers.chosen() for _ in range(8)) == {"10.0.0.1": 4, "10.0.0.3": 4}
    assert servers.chosen(tried=[("10.0.0.1", 80)]) == "10.0.0.3"
    assert servers.chosen(tried=[("10.0.0.1", 80), ("10.0.0.3", 80)]) is None


def test_servers_have_shares_ports_and_may_be_switched_off() -> None:
    stock, balancer = Stock(), Balancer()
    listed = [
        {"ip": {"addr": "10.0.0.1"}, "ratio": 3},
        {"ip": {"addr": "10.0.0.2"}, "port": 90},
        {"ip": {"addr": "10.0.0.3"}, "enabled": False},
    ]
    stock.put("pool", "p", servers=listed, default_server_port=8080)
    found = Counter(balancer.server(stock.objects, stock.get("pool", "p"), "c") for _ in range(8))
    assert found == {("10.0.0.1", 8080): 6, ("10.0.0.2", 90): 2}


@pytest.mark.parametrize(
    ("by", "same"),
    [("SOURCE_IP_ADDRESS", "client"), ("URI", "target"), ("CUSTOM_HEADER", "target")],
)
def test_consistent_hashes(by: str, same: str) -> None:
    servers = Servers(
        lb_algorithm="LB_ALGORITHM_CONSISTENT_HASH",
        lb_algorithm_hash=f"LB_ALGORITHM_CONSISTENT_HASH_{by}",
        lb_algorithm_consistent_hash_hdr="X-User",
    )

    def chosen(key: str) -> str | None:
        return servers.chosen(**({"client": key} if same == "client" else {"target": f"/{key}"}))

    keys = [f"k{number}" for number in range(60)]
    before = {key: chosen(key) for key in keys}
    assert {key: chosen(key) for key in keys} == before
    assert len(set(before.values())) == 3
    servers.balancer.down.add(("10.0.0.1", 80))
    after = {key: chosen(key) for key in keys}
    assert {key for key in keys if before[key] != after[key]} == {key for key in keys if before[key] == "10.0.0.1"}


def test_clients_are_kept_while_their_server_is_there() -> None:
    servers = Servers(application_persistence_profile_ref="\x01applicationpersistenceprofile/by-ip")
    kind = "PERSISTENCE_TYPE_CLIENT_IP_ADDRESS"
    servers.stock.put("applicationpersistenceprofile", "by-ip", persistence_type=kind)
    mine = servers.chosen("me")
    assert {servers.chosen("me") for _ in range(5)} == {mine}
    assert len({servers.chosen(f"c{number}") for number in range(6)}) == 3
    servers.balancer.down.add((str(mine), 80))
    other = servers.chosen("me")
    servers.balancer.down.clear()
    assert other != mine
    assert {servers.chosen("me") for _ in range(5)} == {other}


def test_another_persistence_is_not_known() -> None:
    servers = Servers(application_persistence_profile_ref="\x01applicationpersistenceprofile/cookie")
    servers.stock.put("applicationpersistenceprofile", "cookie", persistence_type="PERSISTENCE_TYPE_HTTP_COOKIE")
    with pytest.raises(NotModelledError, match="HTTP_COOKIE"):
        servers.chosen()
