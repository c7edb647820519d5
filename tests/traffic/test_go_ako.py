"""Every state that Go AKO left behind says what clients must get, or why there is nothing to get."""

from __future__ import annotations

import pytest

from tests.traffic import go_ako
from tests.traffic.promise import UNKNOWN


@pytest.mark.parametrize("name", go_ako.names())
def test_each_state_promises_something_or_says_why_not(name: str) -> None:
    state = go_ako.state(name)
    assert bool(state.promises) != bool(state.emptiness)
    for promise in state.promises:
        assert promise.theirs is not None or promise.decision is not None
        assert (promise.theirs == promise.ours) == (promise.decision is None), promise


def test_all_states_are_there() -> None:
    assert len(go_ako.names()) == 142
    assert len([name for name in go_ako.names() if not go_ako.state(name).promises]) == 16


def test_a_script_is_put_where_one_was_left_out() -> None:
    http, l4 = 0, 0
    for name in go_ako.names():
        controller = go_ako.state(name).controller
        groups = {item["name"] for item in controller.get("poolgroup", ())}
        for scripts in controller.get("vsdatascriptset", ()):
            (script,) = scripts["datascript"]
            if script["evt"] == go_ako.HTTP:
                selected = script["script"].partition('avi.poolgroup.select("')[2].partition('"')[0]
                assert selected == scripts["name"]
                assert selected in groups
                http += 1
            else:
                assert '"cluster--" .. server' in script["script"]
                l4 += 1
            assert "left out" not in script["script"]
            assert "@" not in script["script"]
    assert http > 100
    assert l4 > 5


def test_a_state_is_nobody_elses() -> None:
    name = go_ako.names()[0]
    before = go_ako.state(name)
    before.controller["virtualservice"][0]["services"].clear()
    assert go_ako.state(name).controller["virtualservice"][0]["services"]


@pytest.mark.parametrize(("name", "host"), go_ako.NAMES_LOST.items())
def test_a_name_that_go_ako_lost_is_in_no_vsvip_of_it_but_promised_by_ours(name: str, host: str) -> None:
    state = go_ako.state(name)
    known = {entry["fqdn"] for vip in state.controller["vsvip"] for entry in vip.get("dns_info", ())}
    assert host not in known
    asked = [one for one in state.promises if one.asked.to == host]
    assert all(one.theirs == UNKNOWN for one in asked)
    assert any(one.ours.servers or 503 in one.ours.statuses for one in asked)
