"""Nodes in a few words, and VRF contexts as the Avi Controller keeps them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import msgspec

from ako.core.apply.requests import request_for
from ako.core.model import VrfContext
from ako.core.model.names import Names
from ako.core.observe.observed import ObservedObject
from ako.core.observe.reader import observed_object
from ako.core.plan.plan import Update, plan_changes
from tests.builders import Manifest

Json = dict[str, Any]


def node(
    name: str,
    *networks: str,
    addresses: tuple[str, ...] = ("10.0.0.1",),
    annotations: Mapping[str, str] | None = None,
    created: str = "2026-01-01T00:00:00Z",
) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "annotations": annotations, "creationTimestamp": created},
        "spec": {"podCIDR": networks[0], "podCIDRs": list(networks)} if networks else {},
        "status": {"addresses": [{"type": "InternalIP", "address": address} for address in addresses]},
    }


def raw_route(route_id: str, network: str, next_hop: str = "10.9.9.9", owner: str = "") -> Json:
    """Build a route as the Controller keeps it; without owner it is an operator's, with fields we know nothing of."""
    address, _, length = network.partition("/")
    route: Json = {
        "route_id": route_id,
        "prefix": {"ip_addr": {"addr": address, "type": "V6" if ":" in address else "V4"}, "mask": int(length)},
        "next_hop": {"addr": next_hop, "type": "V6" if ":" in next_hop else "V4"},
    }
    if owner:
        return {**route, "labels": [{"key": "clustername", "value": owner}]}
    return {**route, "if_name": "eth1", "disable_gateway_monitor": True}


class Controller:
    """One VRF context, updated by whole bodies with the version check that a real Controller makes."""

    def __init__(self, *routes: Json) -> None:
        self.body: Json = {
            "uuid": "vrfcontext-1",
            "name": "global",
            "_last_modified": "1",
            "lldp_enable": True,
            "static_routes": list(routes),
        }
        self.writes = 0

    def seen_by(self, cluster: str) -> ObservedObject:
        return observed_object(Names(cluster), msgspec.json.encode(self.body), VrfContext, "")

    def put(self, body: bytes) -> bool:
        """Take a body if it is of the present version, as 200 and 412 do."""
        decoded = msgspec.json.decode(body)
        if decoded["_last_modified"] != self.body["_last_modified"]:
            return False
        self.writes += 1
        self.body = {**decoded, "_last_modified": str(int(decoded["_last_modified"]) + 1)}
        return True

    def routes(self, owner: str | None = None) -> list[Json]:
        """Give the routes with the label of a cluster; None: those without one."""
        wanted = [{"key": "clustername", "value": owner}] if owner is not None else None
        return copy.deepcopy([route for route in self.body["static_routes"] if route.get("labels") == wanted])

    def ids(self, owner: str) -> dict[str, str]:
        return {f"{r['prefix']['ip_addr']['addr']}/{r['prefix']['mask']}": r["route_id"] for r in self.routes(owner)}


def update_for(desired: VrfContext, seen: ObservedObject) -> Update | None:
    """Plan one VRF context."""
    operations = plan_changes({desired.ref: desired}, {desired.ref: seen}, f"{desired.owner}--").operations
    assert len(operations) <= 1
    if not operations:
        return None
    assert isinstance(operations[0], Update)
    return operations[0]


def body_of(update: Update) -> bytes:
    """Give the body that is sent."""
    request = request_for(update)
    assert (request.method, request.path) == ("PUT", "/api/vrfcontext/vrfcontext-1")
    assert request.body is not None
    return request.body
