"""A backend's servers are the nodes, at the node port of its Service.

A node passes on what comes in at a node port, wherever the pods are; with `externalTrafficPolicy: Local` it drops what
is not for a pod of its own, so that then only nodes with one are servers.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ako import (
    SETTINGS,
    Backend,
    IpAddr,
    NamespacedName,
    Node,
    Placement,
    PlacementFault,
    PoolServer,
    Service,
    ServicePort,
    View,
    outdated_endpoints,
    serving_endpoints,
    wanted_ports,
)

REASON_NO_ADDRESS = "NodeWithoutAddress"
NAMED_AT_MOST = 3
"""How many nodes a message names; of a thousand it says how many there are."""


class ServingNodes(Struct, frozen=True):
    """The nodes that take traffic: one address of each by name, and the names of those that have none.

    Addresses are values of the Avi model already, so that the servers of all node ports are made of the same ones.
    """

    addresses: Mapping[str, IpAddr]
    without_address: tuple[str, ...] = ()


class Meant(Struct, frozen=True):
    """The Service that a backend means, and its port with a node port; None where there can be no servers.

    Attributes:
        service: the Service.
        port: one of its ports.
        faults: what is wrong with them.
    """

    service: Service | None = None
    port: ServicePort | None = None
    faults: tuple[PlacementFault, ...] = ()

    @property
    def is_local(self) -> bool:
        """Say whether nodes take traffic for their own pods only."""
        return self.service is not None and self.service.spec.external_traffic_policy == "Local"


def meant_by(backend: Backend, view: View) -> Meant:
    """Find the Service of a backend and its node port."""
    wanted = wanted_ports(backend, view)
    faults = (wanted.fault,) if wanted.fault else ()
    if wanted.service is None or not wanted.ports:
        return Meant(faults=faults)
    port = next((port for port in wanted.ports if port.node_port), None)
    if port is None:
        return Meant(faults=(_without_node_port(backend, wanted.service.spec.type),))
    return Meant(wanted.service, port, faults)


def place_on_nodes(backend: Backend, view: View) -> Placement:
    """Find the node port of a backend's Service and the nodes that serve it."""
    meant = meant_by(backend, view)
    if meant.service is None or meant.port is None:
        return Placement(faults=meant.faults)
    faults = (*meant.faults, *view.ask(node_faults))
    if meant.is_local:
        key = NamespacedName(backend.namespace, backend.service)
        return Placement(_local_servers(meant.service, meant.port, view), (*faults, *outdated_endpoints(view, key)))
    return Placement(view.ask(servers_on_port, meant.port.node_port or 0), faults)


def local_nodes(service: Service, port: ServicePort, view: View) -> frozenset[str]:
    """Give the names of the nodes on which an endpoint of a port takes traffic."""
    key = NamespacedName(service.metadata.namespace, service.metadata.name)
    names, is_single = frozenset({port.name or ""}), len(service.ports) == 1
    found = serving_endpoints(view, key, names, is_single=is_single, any_family=True)
    return frozenset(endpoint.node for endpoint in found)


def _local_servers(service: Service, port: ServicePort, view: View) -> tuple[PoolServer, ...]:
    """Give the serving nodes on which an endpoint of a port takes traffic."""
    nodes = local_nodes(service, port, view)
    addresses = view.ask(serving_nodes).addresses
    listed = dict.fromkeys(address for name, address in addresses.items() if name in nodes)
    return tuple(PoolServer(address, port.node_port or 0) for address in listed)


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
    settings = view.input(SETTINGS)
    selector, families = settings.node_port_selector, settings.ip_families
    nodes = view.list(Node, "selector", f"{selector.key}={selector.value}" if selector.key else "")
    found = {node.metadata.name: map(IpAddr.of, node.internal_addresses) for node in nodes}
    first = {name: next((a for a in addresses if a.type in families), None) for name, addresses in found.items()}
    without = tuple(name for name, address in first.items() if address is None)
    return ServingNodes({name: address for name, address in first.items() if address is not None}, without)


def servers_on_port(view: View, node_port: int) -> tuple[PoolServer, ...]:
    """Give the serving nodes as servers (a query, so that all pools of one node port share the value)."""
    addresses = dict.fromkeys(view.ask(serving_nodes).addresses.values())
    return tuple(PoolServer(address, node_port) for address in addresses)


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
    family = view.input(SETTINGS).ako_settings.ip_family
    of_family = "" if family == "V4_V6" else f" of IP{family.lower()}"
    message = f"left out as servers, because they have no InternalIP{of_family}: nodes {listed}{more}."
    return (PlacementFault(REASON_NO_ADDRESS, message, "See why the kubelet reports none, or deselect them."),)
