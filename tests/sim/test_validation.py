"""Field checks: what a body may hold."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ako.sim import Simulator, SimulatorOptions
from tests.sim.client import Client, pool, refused, vsvip

V4 = {"addr": "10.0.0.1", "type": "V4"}
V6 = {"addr": "fd00::1", "type": "V6"}
DNS = {"addr": "a.com", "type": "DNS"}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"unknown_thing": 1}, '{"unknown_thing":"Field check for unknown_thing failed'),
        ({"lb_algorithm": "LB_ALGORITHM_MAGIC"}, '{"lb_algorithm":"Field check for lb_algorithm failed'),
        ({"default_server_port": 0}, "not in the range 1-65535"),
        ({"default_server_port": "80"}, "expected an integer"),
        ({"default_server_port": True}, "expected an integer"),
        ({"enabled": "perhaps"}, "expected a boolean"),
        ({"description": 5}, "expected a string"),
        ({"servers": {}}, "expected a list"),
        ({"servers": ["x"]}, "expected an object"),
        ({"servers": [{"ip": V4, "port": 70000}]}, '{"servers":"{"port":"Field check for port failed'),
        ({"servers": [{"ip": V4, "prot": 1}]}, '{"servers":"{"prot":'),
        ({"servers": [{"ip": {"addr": "10.0.0.256", "type": "V4"}}]}, "is no address of type V4"),
        ({"health_monitor_refs": ["/api/healthmonitor?name=System-TCP"] * 51}, "at most 50"),
        ({"name": ""}, "must not be empty"),
        ({"name": None}, "a value is required"),
    ],
)
def test_field_checks(avi: Client, fields: dict[str, Any], text: str) -> None:
    refused(avi.call("POST", "/api/pool", {**pool(), **fields}), 400, "Field check for")
    assert text in avi.call("POST", "/api/pool", {**pool(), **fields}).json()["error"]


@pytest.mark.parametrize(
    ("vip", "text"),
    [
        ({"subnet": {"ip_addr": V4, "mask": 33}}, "33 is not in the range 0-32"),
        ({"subnet": {"ip_addr": V4, "mask": 99}}, "99 is not in the range 0-32"),
        ({"subnet": {"ip_addr": V4, "mask": -1}}, "-1 is not in the range 0-32"),
        ({"subnet6": {"ip_addr": V6, "mask": 129}}, "129 is not in the range 0-128"),
        ({"subnet": {"ip_addr": DNS, "mask": 24}}, "a subnet needs an address"),
        ({"ipam_network_subnet": {"subnet": {"ip_addr": V4, "mask": 64}}}, "64 is not in the range 0-32"),
        (
            {"ipam_network_subnet": {"subnet": {"ip_addr": V6, "mask": 64}}},
            "subnet failed : needs an address of type V4",
        ),
        ({"ip_address": DNS}, "ip_address failed : needs an address of type V4"),
        ({"ip_address": V6}, "ip_address failed : needs an address of type V4"),
        ({"ip6_address": V4}, "ip6_address failed : needs an address of type V6"),
        ({"floating_ip": DNS}, "floating_ip failed : needs an address of type V4"),
        ({"ip_address": {"addr": "10.0.0.1\0", "type": "V4"}}, "is no address of type V4"),
    ],
)
def test_addresses_of_a_vip(avi: Client, vip: dict[str, Any], text: str) -> None:
    refused(avi.call("POST", "/api/vsvip", vsvip(vip=[{"auto_allocate_ip": True, **vip}])), 400, text)


@pytest.mark.parametrize(
    ("begin", "end", "text"),
    [
        (DNS, DNS, "two addresses of one type"),
        (V4, V6, "two addresses of one type"),
        (V6, V6, "in a subnet of type V4"),
    ],
)
def test_ranges_of_a_network(avi: Client, begin: dict[str, str], end: dict[str, str], text: str) -> None:
    ranges = [{"range": {"begin": begin, "end": end}, "type": "STATIC_IPS_FOR_VIP"}]
    subnet = {"prefix": {"ip_addr": V4, "mask": 8}, "static_ip_ranges": ranges}
    refused(avi.call("POST", "/api/network", {"name": "n", "configured_subnets": [subnet]}), 400, text)


@pytest.mark.parametrize("fields", [{"graceful_disable_timeout": -1}, {"enabled": "true"}, {"description": None}])
def test_special_values_words_and_null_pass(avi: Client, fields: dict[str, Any]) -> None:
    created = avi.create("pool", {**pool(), **fields})
    assert created["enabled"] is True
    assert "description" not in created


def test_an_incomplete_message_is_a_500(avi: Client) -> None:
    body = vsvip(vip=[{"ip6_address": {}}])
    refused(avi.call("POST", "/api/vsvip", body), 500, "Bad pb: ")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b""])
def test_malformed_bodies(avi: Client, body: bytes) -> None:
    headers = {**avi.headers, "X-CSRFToken": avi.session.cookies["csrftoken"], "Content-Type": "application/json"}
    assert avi.session.post(f"{avi.url}/api/pool", data=body, headers=headers).status_code == 400


def test_lenient_drops_unknown_fields() -> None:
    with Simulator(SimulatorOptions(lenient=True)) as sim, Client(sim.url) as avi:
        created = avi.create("pool", pool(unknown_thing=1, graceful_hm_down_disable_timeout=2))
        assert "unknown_thing" not in created


def test_limits_can_be_tightened(sim: Simulator, avi: Client) -> None:
    assert requests.post(f"{sim.url}/_sim/limits", json={"dns_info": 1}).json() == {"dns_info": 1}
    names = [{"fqdn": f"{name}.avi.internal"} for name in "ab"]
    refused(avi.call("POST", "/api/vsvip", vsvip(dns_info=names)), 400, "at most 1 dns_info")
    avi.create("vsvip", vsvip(dns_info=names[:1]))
