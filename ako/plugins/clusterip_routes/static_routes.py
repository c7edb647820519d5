"""Nodes → static routes: the way to the pod network of each node leads over the node's own address.

Readiness, cordons and taints of a node decide nothing: its routes stay until it is gone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence, Set

from msgspec import Struct

from ako import NODES, SETTINGS, ObjectRef, Problem, StaticRoute, View, family_of, static_route
from ako.plugins.clusterip_routes.pod_networks import ANNOTATION, place_of_pod_networks, pod_networks
from ako.plugins.clusterip_routes.records import RoutedNode

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class NodeRoutes(Struct, frozen=True):
    """The routes of all nodes, in order of their names, and what is wrong, by node."""

    routes: tuple[StaticRoute, ...]
    problems: Mapping[str, tuple[Problem, ...]]


def static_routes(view: View) -> Sequence[StaticRoute] | None:
    """Give the routes to all pod networks, None where none are programmed."""
    return view.ask(node_routes).routes if view.input(SETTINGS).programs_static_routes else None


def node_problems(view: View, node: str) -> tuple[Problem, ...]:
    """Say why a node has no routes, or not all of them."""
    if not view.input(SETTINGS).programs_static_routes:
        return ()
    return view.ask(_problems).get(node, ())


def _problems(view: View) -> Mapping[str, tuple[Problem, ...]]:
    """Give the problems of all nodes (a query: as long as they stay the same, nobody is told anew)."""
    return view.ask(node_routes).problems


def node_routes(view: View) -> NodeRoutes:
    """Work out the routes of all nodes (a query).

    Of nodes that claim overlapping networks the oldest has the route; routes are ordered by node name.
    """
    nodes = view.list(RoutedNode, "all", "")
    taken, place = _Taken(view.input(SETTINGS).ip_families), place_of_pod_networks(view)
    routes: dict[str, list[StaticRoute]] = {}
    problems: dict[str, list[Problem]] = {}
    for node in sorted(nodes, key=lambda n: (n.metadata.created, n.metadata.name)):
        name = node.metadata.name
        for found in _of_node(node, pod_networks(node, view), taken, place):
            if isinstance(found, Problem):
                problems.setdefault(name, []).append(found)
            else:
                routes.setdefault(name, []).append(found)
    ordered = tuple(route for name in sorted(routes) for route in routes[name])
    return NodeRoutes(ordered, {name: tuple(found) for name, found in problems.items()})


def _of_node(node: RoutedNode, networks: Sequence[str], taken: _Taken, place: str) -> Iterator[StaticRoute | Problem]:
    ref = ObjectRef(NODES.kind, "", node.metadata.name)
    networks = [text for text in networks if family_of(text) in taken.families]
    if not networks:
        kinds = " or ".join(f"IP{family.lower()}" for family in sorted(taken.families))
        message = f"podcidr not found in {place}: no static route ({kinds}) to the pods of this node."
        remedy = f"Correct AKOSettings.cniPlugin, or annotate the node with {ANNOTATION}."
        yield Problem(ref, "NoPodNetwork", message, remedy)
    next_hops = {6 if ":" in address else 4: address for address in reversed(node.internal_addresses)}
    for text in networks:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            yield Problem(ref, "InvalidPodNetwork", f"wrong podcidr: {text[:80]!r} is no network.", "Correct it.")
            continue
        if network.version not in next_hops:
            message = f"nodeip not found: no InternalIP of IPv{network.version} leads to the pod network {network}."
            remedy = "See why the kubelet reports none, or give the node no pod network of that kind."
            yield Problem(ref, "NodeWithoutAddress", message, remedy)
        elif (holder := taken.take(network, node.metadata.name)) != node.metadata.name:
            message = f"pod network {network} overlaps with one of node {holder}; no static route leads to it."
            yield Problem(ref, "PodNetworkOverlaps", message, "Give each node pod networks of its own.")
        else:
            yield static_route(str(network), next_hops[network.version])


class _Taken:
    """Networks that have a route; an overlap is seen from the bits of the new one alone, however many there are."""

    def __init__(self, families: Set[str]) -> None:
        self.families = families
        self._holders: dict[_Prefix, str] = {}
        self._above: dict[_Prefix, str] = {}

    def take(self, network: Network, node: str) -> str:
        """Take a network for a node unless it overlaps with one that is taken; give whoever has it then."""
        prefixes = tuple(_prefixes(network))
        within = next((holder for prefix in prefixes if (holder := self._holders.get(prefix))), None)
        holder = within or self._above.get(prefixes[0])
        if holder is not None:
            return holder
        self._holders[prefixes[0]] = node
        for wider in prefixes[1:]:
            self._above.setdefault(wider, node)
        return node


_Prefix = tuple[int, int, int]
"""IP version, length and the bits that count."""


def _prefixes(network: Network) -> Iterator[_Prefix]:
    """Give a network and every wider one that it lies in."""
    bits = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
    for length in range(network.prefixlen, -1, -1):
        yield (network.version, length, bits)
        bits >>= 1
