"""Which endpoints are no servers, why, and what would make them servers; picked and told by the same judgement."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ako import Backend, BackendPort, LeftOut
from ako.testing.rehearsal import Rehearsal
from tests.builders import Manifest
from tests.plugins.clusterip_routes.test_placement import (
    ADMIN,
    BOTH,
    DNS,
    GOING,
    GONE,
    HTTP,
    ONE,
    STARTING,
    endpoint,
    older,
    piece,
    web,
)
from tests.plugins.clusterip_routes.worlds import node
from tests.properties import share_of

WEB = Backend("default", "web", BackendPort(number=80))
LOOK = "See what the pod says of itself: its readiness probe, readiness gates and containers."


def left_out(*manifests: Manifest, family: str = "V4", routes: bool = False) -> tuple[LeftOut, ...]:
    """Give what is told, after a look whether it is the rest of what is picked."""
    given_settings = {"AKOSettings.ipFamily": family, "AKOSettings.disableStaticRouteSync": not routes}
    rehearsal = Rehearsal(("clusterip_routes",), given_settings)
    rehearsal.apply(*manifests)
    found = rehearsal.left_out(WEB)
    assert not rehearsal.faults()
    taken = {server.ip.addr for server in rehearsal.placement(WEB).servers}
    listed = {e["addresses"][0] for m in manifests if m["kind"] == "EndpointSlice" for e in m["endpoints"]}
    assert taken.isdisjoint({one.address for one in found})
    assert listed <= taken | {one.address for one in found}
    return found


@pytest.mark.parametrize(
    ("conditions", "why", "remedy"),
    [
        (STARTING, "it is not ready.", LOOK),
        ({"ready": False}, "it is not ready.", LOOK),
        (GONE, "it is about to end and does not answer any more.", ""),
        (GOING, "it is about to end, and others are ready.", ""),
    ],
)
def test_readiness(conditions: dict[str, Any], why: str, remedy: str) -> None:
    other = endpoint("10.0.0.2", pod="web-2", node="n2", **conditions)
    (found,) = left_out(web(HTTP), piece("web-1", BOTH, ONE, other))
    assert found == LeftOut(why, remedy, address="10.0.0.2", pod="default/web-2", node="n2")


_ANY = st.sampled_from([None, True, False])
_ADDRESSES = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "2001:db8::1", "2001:db8::2", "pod.example.org"])
_ENDPOINTS = st.builds(
    lambda address, pod, conditions: endpoint(address, pod=pod, **conditions),
    _ADDRESSES,
    st.sampled_from(["", "one", "two"]),
    st.fixed_dictionaries({"ready": _ANY}, optional={"serving": _ANY, "terminating": _ANY}),
)
_PORTS = st.sampled_from([BOTH, [{"name": "admin", "port": 9090}], []])


@settings(max_examples=share_of(120))
@given(st.lists(st.tuples(_PORTS, st.lists(_ENDPOINTS, max_size=4)), max_size=3), st.sampled_from(["V4", "V4_V6"]))
def test_every_endpoint_is_a_server_or_left_out_with_a_reason(
    slices: list[tuple[Any, list[dict[str, Any]]]], family: str
) -> None:
    found = [piece(f"web-{number}", ports, *ends) for number, (ports, ends) in enumerate(slices)]
    assert all(one.why for one in left_out(web(HTTP, ADMIN), *found, family=family))


def test_the_last_that_serve_are_in() -> None:
    assert left_out(web(HTTP), piece("web-1", BOTH, endpoint("10.0.0.2", **GOING))) == ()


def test_the_port_that_is_not_there_is_named_with_those_that_are() -> None:
    dns = {"name": "dns", "port": 5353, "protocol": "UDP"}
    (found,) = left_out(web(HTTP, DNS), piece("web-1", [dns], endpoint("10.0.0.1")))
    assert found.why == "it has no port http; it has dns:5353/UDP."
    assert found.remedy == "Name the port of Service and endpoints alike."


def test_addresses_of_a_family_that_is_not_in_use() -> None:
    six = piece("web-6", BOTH, endpoint("2001:db8::1"), family="IPv6")
    (found,) = left_out(web(HTTP), six)
    assert found.why == "its address is not of the IP family V4, which AKOSettings.ipFamily asks for."
    assert found.remedy == "Give the Service that family, or change the setting."


def test_a_pod_that_is_in_already() -> None:
    four = piece("web-4", BOTH, endpoint("10.0.0.1", pod="one"))
    six = piece("web-6", BOTH, endpoint("2001:db8::1", pod="one"), family="IPv6")
    (found,) = left_out(web(HTTP), four, six, family="V4_V6")
    assert (found.address, found.why) == ("2001:db8::1", "the same pod is a server at its IPv4 address.")


def test_names_and_what_cannot_stand_on_a_line() -> None:
    named = piece("web-n", BOTH, endpoint("pod.example.org"), endpoint("a\nb"), family="FQDN")
    rehearsal = Rehearsal(("clusterip_routes",))
    rehearsal.apply(web(HTTP), named)
    found = rehearsal.left_out(WEB)
    assert {one.why for one in found} == {"its address is no IP address."}
    assert [one.address for one in found] == ["pod.example.org", "'a\\nb'"]


def test_an_address_that_another_slice_brings_in_is_in() -> None:
    two = piece("web-2", BOTH, endpoint("10.0.0.1", ready=False))
    assert left_out(web(HTTP), piece("web-1", BOTH, endpoint("10.0.0.1")), two) == ()


def test_a_service_without_endpoints() -> None:
    why = "Service default/web has no endpoints: no pod has the labels of its selector, or it has no selector."
    remedy = "Compare its spec.selector with the labels of the pods, and see whether they run."
    assert left_out(web(HTTP)) == (LeftOut(why, remedy),)


def test_older_endpoints_tell_ready_ones_only() -> None:
    subset = {"addresses": [{"ip": "10.0.0.1"}, {"ip": "2001:db8::1"}], "ports": [{"name": "http", "port": 8080}]}
    (found,) = left_out(web(HTTP), older(subset))
    assert (found.address, found.why[:40]) == ("2001:db8::1", "its address is not of the IP family V4, ")


def test_what_the_placement_tells_as_a_fault_is_not_told_again() -> None:
    assert left_out() == ()
    assert left_out(web(HTTP, kind="ExternalName")) == ()


def test_servers_on_a_node_that_no_route_leads_to() -> None:
    pods = piece("web-1", BOTH, endpoint("10.1.0.1", node="n1"), endpoint("10.2.0.1", node="n2"))
    (found,) = left_out(web(HTTP), pods, node("n1", "10.1.0.0/24"), node("n2"), routes=True)
    assert found == LeftOut(
        "its pods are servers, but not reached: podcidr not found in spec.podCIDRs of the node: "
        "no static route (IPv4) to the pods of this node.",
        "Correct AKOSettings.cniPlugin, or annotate the node with ako.vmware.com/pod-cidrs.",
        node="n2",
    )


@pytest.mark.parametrize(
    ("chosen", "network", "is_ours", "why"),
    [
        ({}, "10.1.0.0/24", True, "static routes lead to the pods of nodes."),
        ({}, "", True, "static routes lead to the pods of nodes, but here: podcidr not found in spec.podCIDRs"),
        (
            {"AKOSettings.disableStaticRouteSync": True},
            "",
            False,
            "AKOSettings.disableStaticRouteSync is true: no static routes lead to the pods of nodes.",
        ),
        (
            {"L7Settings.serviceType": "NodePort"},
            "",
            True,
            "L7Settings.serviceType is NodePort: nodes are servers, as nodePortSelector says.",
        ),
    ],
)
def test_what_is_done_for_a_node(chosen: dict[str, object], network: str, is_ours: bool, why: str) -> None:
    rehearsal = Rehearsal(("clusterip_routes", "nodeport"), chosen)
    one = node("n1", *([network] if network else []))
    rehearsal.apply(one)
    found = rehearsal.whose(one)
    assert (found.is_ours, found.why[: len(why)]) == (is_ours, why)
