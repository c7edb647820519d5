"""What may come in from a plugin that places backends, or gives static routes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ako.core.hooks.claims import Placement
from ako.core.hooks.judge.meaning import network_fault, reason_faults
from ako.core.model import IpPrefix, StaticRoute


def placement_faults(found: Placement) -> Iterator[str]:
    """Say what is wrong with the servers of a backend."""
    if len({(server.ip.addr, server.port) for server in found.servers}) < len(found.servers):
        yield _twice(found)
    for index, fault in enumerate(found.faults):
        yield from reason_faults(f"faults[{index}]", fault)


def _twice(found: Placement) -> str:
    first: dict[tuple[str, int], int] = {}
    for index, server in enumerate(found.servers):
        before = first.setdefault((server.ip.addr, server.port), index)
        if before != index:
            return f"servers[{index}] is {server.ip.addr}:{server.port}, as servers[{before}] is"
    raise AssertionError("no two are the same")


def route_faults(routes: Sequence[StaticRoute]) -> Iterator[str]:
    """Say what is wrong with static routes."""
    first: dict[IpPrefix, int] = {}
    for index, route in enumerate(routes):
        address = route.prefix.ip_addr
        if fault := network_fault(f"{address.addr}/{route.prefix.mask}"):
            yield f"[{index}].prefix {fault}"
        if route.next_hop.type != address.type:
            yield f"[{index}].next_hop is {route.next_hop.addr}, of another family than its prefix"
        if route.route_id or route.labels:
            yield f"[{index}] has {'a route_id' if route.route_id else 'labels'}, which is for the core to fill in"
        before = first.setdefault(route.prefix, index)
        if before != index:
            yield f"[{index}] is to {address.addr}/{route.prefix.mask}, as [{before}] is"
