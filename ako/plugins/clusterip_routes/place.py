"""A backend's servers are the ready addresses of its Service's endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako import Backend, EndpointPort, Endpoints, EndpointSlice, NamespacedName, Placement, Server, Service, View


def place_on_endpoints(backend: Backend, view: View) -> Placement:
    """Find the ready endpoints of a backend's Service, by the name or number of the wanted port."""
    service = view.get(Service, backend.namespace, backend.service)
    if service is None:
        return _nothing("BackendNotFound", f"service {backend.namespace}/{backend.service} does not exist.")
    if service.spec.type == "LoadBalancer":
        return _nothing(
            "LoadBalancerBackend",
            f"service {backend.namespace}/{backend.service} is of type LoadBalancer, which a pool of pod addresses "
            "cannot serve; its pool stays empty.",
        )
    if service.spec.type == "ExternalName":
        return _nothing(
            "ExternalNameBackend",
            f"service {backend.namespace}/{backend.service} is of type ExternalName, which has no endpoints.",
        )
    port_names = _wanted_port_names(backend, service)
    if port_names is None:
        known = ", ".join(f"{port.name or '-'}:{port.port}" for port in service.ports)
        wanted = backend.port.name or backend.port.number
        return _nothing(
            "PortNotFound", f"service {backend.namespace}/{backend.service} has no port {wanted}; it has {known}."
        )
    servers = dict.fromkeys(_servers(backend, view, port_names, is_single=len(service.ports) == 1))
    return Placement(tuple(sorted(servers)))


def _nothing(reason: str, message: str) -> Placement:
    return Placement(faults=((reason, message),))


def _wanted_port_names(backend: Backend, service: Service) -> frozenset[str] | None:
    """Give the names the wanted port may have among the endpoints; None if the Service has no such port.

    Endpoints name their ports as the Service does; a number is resolved through the Service.
    """
    wanted = backend.port
    if not wanted.name and not wanted.number:
        return frozenset(port.name or "" for port in service.ports[:1]) if service.ports else None
    if wanted.is_target:
        matching = [
            port
            for port in service.ports
            if (wanted.name and wanted.name in {port.name, port.target_port})
            or (wanted.number and wanted.number == (port.target_port or port.port))
        ]
    else:
        matching = [
            port
            for port in service.ports
            if (wanted.name and port.name == wanted.name) or (wanted.number and port.port == wanted.number)
        ]
    matching = [port for port in matching if port.protocol == backend.protocol] or matching
    return frozenset(port.name or "" for port in matching) if matching else None


def _servers(backend: Backend, view: View, names: frozenset[str], *, is_single: bool) -> Iterator[Server]:
    key = NamespacedName(backend.namespace, backend.service)
    slices = view.list(EndpointSlice, "service", key)
    for found in slices:
        port = _port(found.ports, names, is_single=is_single)
        for endpoint in found.endpoints or () if port else ():
            if endpoint.conditions.ready is not False and endpoint.addresses:
                yield Server(endpoint.addresses[0], port, endpoint.node_name or "")
    if slices:
        return
    endpoints = view.get(Endpoints, *key)
    for subset in (endpoints.subsets if endpoints else None) or ():
        port = _port(subset.ports, names, is_single=is_single)
        for address in subset.addresses or () if port else ():
            yield Server(address.ip, port, address.node_name or "")


def _port(ports: Iterable[EndpointPort] | None, names: frozenset[str], *, is_single: bool) -> int:
    """Find the endpoint port; a Service with one port takes the only one there is, whatever its name."""
    available = [port for port in ports or () if port.port]
    if is_single and len(available) == 1:
        return available[0].port or 0
    return next((port.port or 0 for port in available if (port.name or "") in names), 0)
