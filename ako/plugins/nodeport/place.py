"""A backend's servers are the nodes, at the node port of its Service."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ako import SETTINGS, Backend, IpAddr, Node, Placement, PlacementFault, PoolServer, ServicePort, View, wanted_ports

REASON_NO_ADDRESS = "NodeWithoutAddress"
NAMED_AT_MOST = 3
"""How many nodes a message names; of a thousand it says how many there are."""


class ServingNodes(Struct, frozen=True):
    """The nodes that take traffic: one address of each, and the names of those that have none.

    Addresses are values of the Avi model already, so that the servers of all node ports are made of the same ones.
    """

    addresses: tuple[IpAddr, ...]
    without_address: tuple[str, ...] = ()


def place_on_nodes(backend: Backend, view: View) -> Placement:
    """Find the node port of a backend's Service and the nodes that serve it."""
    wanted = wanted_ports(backend, view)
    faults = (wanted.fault,) if wanted.fault else ()
    if wanted.service is None or not wanted.ports:
        return Placement(faults=faults)
    node_port = _node_port(wanted.ports)
    if not node_port:
        return Placement(faults=(_without_node_port(backend, wanted.service.spec.type),))
    return Placement(view.ask(servers_on_port, node_port), (*faults, *view.ask(node_faults)))


def _node_port(ports: Sequence[ServicePort]) -> int:
    return next((port.node_port for port in ports if port.node_port), 0)


def _without_node_port(backend: Backend, service_type: str) -> PlacementFault:
    name = f"service {backend.namespace}/{backend.service}"
    if service_type == "ClusterIP":
        message = f"{name} is of type ClusterIP, which has no node ports; L7Settings.serviceType NodePort needs them."
        return PlacementFault("NoNodePort", message, "Make it one of type NodePort or LoadBalancer.")
    message = f"{name} has no node port for port {backend.port.name or backend.port.number or '-'}."
    return PlacementFault("NoNodePort", message, "Let the Service allocate node ports.")


def serving_nodes(view: View) -> ServingNodes:
    """Find the nodes that pass the selector, ready or not, schedulable or not (a query, shared by all backends).

    A selector with a key and no value takes the nodes that have the label with an empty value.
    """
    selector = view.input(SETTINGS).node_port_selector
    nodes = view.list(Node, "selector", f"{selector.key}={selector.value}" if selector.key else "")
    found = {node.metadata.name: node.internal_addresses[:1] for node in nodes}
    addresses = dict.fromkeys(address for first in found.values() for address in first)
    without = tuple(name for name, first in found.items() if not first)
    return ServingNodes(tuple(map(IpAddr.of, addresses)), without)


def servers_on_port(view: View, node_port: int) -> tuple[PoolServer, ...]:
    """Give the serving nodes as servers (a query, so that all pools of one node port share the value)."""
    return tuple(PoolServer(address, node_port) for address in view.ask(serving_nodes).addresses)


def node_faults(view: View) -> tuple[PlacementFault, ...]:
    """Say which nodes are left out (a query: the same for every backend)."""
    found, selector = view.ask(serving_nodes), view.input(SETTINGS).node_port_selector
    names = found.without_address
    if not found.addresses and not names and selector.key:
        message = f"there are no servers, because no node has the label {selector.key}={selector.value}."
        return (PlacementFault("NoNodeSelected", message, "Label nodes so, or correct nodePortSelector."),)
    if not names:
        return ()
    more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
    listed = ", ".join(names[:NAMED_AT_MOST])
    message = f"left out as servers, because they have no InternalIP: nodes {listed}{more}."
    return (PlacementFault(REASON_NO_ADDRESS, message, "See why the kubelet reports none, or deselect them."),)
