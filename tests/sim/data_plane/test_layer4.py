"""Who is let in, which L4 rule takes a connection, and which loopback addresses stand for which others."""

from __future__ import annotations

from typing import Any

import pytest

from ako.sim.data_plane.asked import Came
from ako.sim.data_plane.deciding import decide_l4
from ako.sim.data_plane.listening import places
from ako.sim.data_plane.loopback import Loopback
from ako.sim.data_plane.network_security import is_let_in, turns_away
from ako.sim.data_plane.outcomes import Balance, Close
from tests.sim.data_plane.stock import Stock

ACTION = "NETWORK_SECURITY_POLICY_ACTION_TYPE_"


def client(address: str, criterion: str = "IS_IN") -> dict[str, Any]:
    return {"client_ip": {"match_criteria": criterion, "addrs": [{"addr": address, "type": "V4"}]}}


def port(*ports: int, criterion: str = "IS_IN") -> dict[str, Any]:
    return {"vs_port": {"match_criteria": criterion, "ports": list(ports)}}


def guarded(*rules: dict[str, Any]) -> Stock:
    stock = Stock()
    policy = stock.put("networksecuritypolicy", "n", rules=[{"enable": True, **rule} for rule in rules])
    stock.put("virtualservice", "vs", network_security_policy_ref=policy)
    return stock


ALLOW_ONE = (
    {"index": 2, "action": f"{ACTION}DENY", "match": client("10.9.9.9", "IS_NOT_IN")},
    {"index": 1, "action": f"{ACTION}ALLOW", "match": client("10.1.1.1")},
)


@pytest.mark.parametrize(
    ("rules", "came", "enters"),
    [
        ((), Came("10.1.1.1", "", 80), True),
        (ALLOW_ONE, Came("10.1.1.1", "", 80), True),
        (ALLOW_ONE, Came("10.1.1.2", "", 80), False),
        (ALLOW_ONE, Came("10.9.9.9", "", 80), True),
        (({"index": 1, "action": f"{ACTION}DENY", "match": port(443)},), Came("10.1.1.1", "", 443), False),
        (({"index": 1, "action": f"{ACTION}DENY", "match": port(443)},), Came("10.1.1.1", "", 80), True),
        (({"index": 1, "action": f"{ACTION}DENY", "match": {}, "enable": False},), Came("10.1.1.1", "", 80), True),
    ],
)
def test_network_security(rules: tuple[dict[str, Any], ...], came: Came, enters: bool) -> None:
    stock = guarded(*rules)
    service = stock.get("virtualservice", "vs")
    assert is_let_in(stock.objects, service, came) is enters
    assert (turns_away(stock.objects, service, came) is None) is enters


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"action": f"{ACTION}RATE_LIMIT", "match": {}}, "RATE_LIMIT"),
        ({"action": "", "match": {"microservice": {}}}, "microservice"),
    ],
)
def test_what_is_not_known_turns_away(rule: dict[str, Any], named: str) -> None:
    stock = guarded({"index": 1, **rule})
    assert named in str(turns_away(stock.objects, stock.get("virtualservice", "vs"), Came("10.1.1.1", "", 80)))


def chosen(match: dict[str, Any], came: Came, protocol: str = "TCP", **action: Any) -> Any:
    stock = Stock()
    select = {"action_type": "L4_RULE_ACTION_SELECT_POOL", "pool_ref": stock.pool("ruled"), **action}
    rule = {"index": 1, "name": "r", "match": match, "action": {"select_pool": select}}
    policy = stock.put("l4policyset", "l4", l4_connection_policy={"rules": [rule]})
    own = stock.pool("own")
    stock.put("virtualservice", "vs", l4_policies=[{"index": 1, "l4_policy_set_ref": policy}], pool_ref=own)
    steps = decide_l4(stock.objects, stock.get("virtualservice", "vs"), came, protocol)
    with pytest.raises(StopIteration) as ended:
        next(steps)
    outcome = ended.value.value[0]
    return outcome.target.name if isinstance(outcome, Balance) else outcome


CAME = Came("10.1.1.1", "10.0.0.1", 80)


@pytest.mark.parametrize(
    ("match", "protocol", "name"),
    [
        ({}, "TCP", "ruled"),
        ({"port": {"match_criteria": "IS_IN", "ports": [80]}}, "TCP", "ruled"),
        ({"port": {"match_criteria": "IS_IN", "ports": [81]}}, "TCP", "own"),
        ({"port": {"match_criteria": "IS_NOT_IN", "ports": [81]}}, "TCP", "ruled"),
        ({"port": {"match_criteria": "IS_IN", "port_ranges": [{"start": 70, "end": 80}]}}, "TCP", "ruled"),
        ({"port": {"match_criteria": "IS_NOT_IN", "port_ranges": [{"start": 70, "end": 80}]}}, "TCP", "own"),
        ({"protocol": {"match_criteria": "IS_IN", "protocol": "PROTOCOL_TCP"}}, "TCP", "ruled"),
        ({"protocol": {"match_criteria": "IS_IN", "protocol": "PROTOCOL_TCP"}}, "UDP", "own"),
        ({"protocol": {"match_criteria": "IS_NOT_IN", "protocol": "PROTOCOL_TCP"}}, "UDP", "ruled"),
        (client("10.1.1.1"), "TCP", "ruled"),
        (client("10.1.1.1", "IS_NOT_IN"), "TCP", "own"),
    ],
)
def test_rules_of_connections(match: dict[str, Any], protocol: str, name: str) -> None:
    assert chosen(match, CAME, protocol) == name


def test_a_rule_that_is_not_known_or_leads_nowhere_closes() -> None:
    assert "weather" in chosen({"weather": {}}, CAME).why
    assert chosen({}, CAME, pool_ref=None) == Close("a rule without a pool")


def test_a_virtual_service_without_a_pool_closes() -> None:
    stock = Stock()
    stock.put("virtualservice", "vs")
    with pytest.raises(StopIteration) as ended:
        next(decide_l4(stock.objects, stock.get("virtualservice", "vs"), CAME, "TCP"))
    assert ended.value.value[0] == Close("no pool")


def test_loopback_addresses() -> None:
    loopback = Loopback()
    assert loopback.standing_for("10.250.0.1") == "127.250.0.1"
    assert loopback.meant_by("127.250.0.1") == "10.250.0.1"
    assert loopback.meant_by("127.0.0.1") == "127.0.0.1"


def test_each_stands_for_one() -> None:
    loopback = Loopback()
    addresses = ["10.1.2.3", "11.1.2.3", "12.1.2.3", "10.0.0.1", "fd00::1", "fd00::2", "127.1.2.3", "0.0.0.0"]
    standing = [loopback.standing_for(address) for address in addresses]
    assert len(set(standing)) == len(addresses)
    assert "127.0.0.1" not in standing
    assert all(one.startswith("127.") for one in standing)
    assert [loopback.standing_for(address) for address in addresses] == standing
    assert [loopback.meant_by(one) for one in standing] == addresses
    assert loopback.standing_for("fd00:0::1") == loopback.standing_for("fd00::1")
    with pytest.raises(ValueError, match="does not appear"):
        loopback.standing_for("a.com")


@pytest.mark.parametrize(
    ("entry", "ports"),
    [
        ({"port": 80}, [80]),
        ({"port": 80, "port_range_end": 0}, [80]),
        ({"port": 80, "port_range_end": 82}, [80, 81, 82]),
        ({"port": 80, "port_range_end": 65535}, [*range(80, 144)]),
    ],
)
def test_ports_of_a_virtual_service(entry: dict[str, Any], ports: list[int]) -> None:
    stock = Stock()
    stock.put("virtualservice", "vs", services=[entry], vip=[{"ip_address": {"addr": "10.0.0.1"}}])
    assert [place.port for place in places(stock.objects)] == ports
