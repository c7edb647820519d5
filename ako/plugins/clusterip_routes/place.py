"""A backend's servers are the addresses of its Service's endpoints that take traffic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from ako import (
    SETTINGS,
    Backend,
    EndpointSlice,
    NamespacedName,
    Placement,
    PlacementFault,
    PoolServer,
    Service,
    View,
    endpoint_port,
    outdated_endpoints,
    serving_endpoints,
    wanted_ports,
)


class Meant(Struct, frozen=True):
    """Whose endpoints are meant, at which port; with the faults that are seen from the Service alone.

    Attributes:
        service: None where there can be no servers.
        names: of the port of the endpoints.
        faults: told whether there are servers or not.
    """

    service: Service | None
    names: frozenset[str]
    faults: tuple[PlacementFault, ...] = ()

    @property
    def is_single(self) -> bool:
        """Say whether the Service has one port."""
        return self.service is not None and len(self.service.ports) == 1


def meant_by(backend: Backend, view: View) -> Meant:
    """Find the Service of a backend, and how the port that it means is called in its endpoints.

    Endpoints name their ports as the Service does; a number is resolved through the Service.
    """
    wanted = wanted_ports(backend, view)
    names = frozenset(port.name or "" for port in wanted.ports) or _names_of_number(backend, view)
    known = (wanted.fault,) if wanted.fault and (wanted.ports or not names) else ()
    if wanted.service is None or not names:
        return Meant(None, names, known)
    if wanted.service.spec.type == "LoadBalancer" and not backend.is_own:
        name = f"service {backend.namespace}/{backend.service}"
        message = f"{name} is of type LoadBalancer, which a pool of pod addresses cannot serve; its pool stays empty."
        remedy = "Name a Service of type ClusterIP for the same pods."
        return Meant(None, names, (PlacementFault("LoadBalancerBackend", message, remedy),))
    return Meant(wanted.service, names, known)


def place_on_endpoints(backend: Backend, view: View) -> Placement:
    """Find the endpoints of a backend's Service that take traffic, by the name or number of the wanted port."""
    meant = meant_by(backend, view)
    if meant.service is None:
        return Placement(faults=meant.faults)
    key, names, is_single = NamespacedName(backend.namespace, backend.service), meant.names, meant.is_single
    found = serving_endpoints(view, key, names, is_single=is_single)
    servers = {(e.address, e.port): PoolServer.at(e.address, e.port, e.node) for e in reversed(found)}
    known = (*meant.faults, *outdated_endpoints(view, key))
    faults = (*known, *_without_addresses(backend, view), *_without_port(backend, view, names, is_single=is_single))
    if not servers:
        faults += tuple(_of_another_family(backend, view))
    return Placement(tuple(sorted(servers.values(), key=_by_address)), faults)


def _names_of_number(backend: Backend, view: View) -> frozenset[str]:
    """Find the names of the endpoint ports with a number, where the Service gives only a name for what is behind it."""
    if not backend.port.is_target or not backend.port.number:
        return frozenset()
    slices = view.list(EndpointSlice, "service", NamespacedName(backend.namespace, backend.service))
    return frozenset(
        port.name or ""
        for found in slices
        for port in found.ports or ()
        if (port.port, port.protocol) == (backend.port.number, backend.protocol)
    )


def _without_addresses(backend: Backend, view: View) -> Iterator[PlacementFault]:
    """Say which slices are left out because names stand in them where addresses should."""
    slices = view.list(EndpointSlice, "service", NamespacedName(backend.namespace, backend.service))
    for found in slices:
        if found.address_type not in _FAMILIES:
            name = f"endpoint slice {backend.namespace}/{found.metadata.name} of service {backend.service}"
            message = f"{name} is of addressType {found.address_type}; a pool is made of addresses, so it is left out."
            yield PlacementFault("EndpointsWithoutAddress", message, "Have its controller write addresses.")


def _without_port(backend: Backend, view: View, names: frozenset[str], *, is_single: bool) -> Iterator[PlacementFault]:
    """Say so if there are endpoints, and none of them has the port: endpoints written by hand, or a typing error."""
    slices = view.list(EndpointSlice, "service", NamespacedName(backend.namespace, backend.service))
    filled = [found for found in slices if found.endpoints]
    if filled and not any(endpoint_port(found.ports, names, is_single=is_single) for found in filled):
        known = {f"{port.name or '-'}:{port.port}/{port.protocol}" for found in filled for port in found.ports or ()}
        wanted = " or ".join(sorted(name or "-" for name in names))
        message = (
            f"the endpoints of service {backend.namespace}/{backend.service} have no port {wanted}; "
            f"they have {', '.join(sorted(known)) or 'none'}."
        )
        yield PlacementFault("EndpointPortNotFound", message, "Name the port of Service and endpoints alike.")


def _of_another_family(backend: Backend, view: View) -> Iterator[PlacementFault]:
    """Say so if there are endpoints, and all have addresses of an IP family that is not in use."""
    setting = view.input(SETTINGS)
    slices = view.list(EndpointSlice, "service", NamespacedName(backend.namespace, backend.service))
    found = {_FAMILIES.get(piece.address_type, "") for piece in slices if piece.endpoints} - {""}
    if found and found.isdisjoint(setting.ip_families):
        message = (
            f"the endpoints of service {backend.namespace}/{backend.service} have no address of the IP family "
            f"{setting.ako_settings.ip_family} (AKOSettings.ipFamily), so that there are no servers."
        )
        yield PlacementFault("EndpointsOfOtherFamily", message, "Give the Service that family, or change the setting.")


_FAMILIES: Mapping[str, str] = {"IPv4": "V4", "IPv6": "V6"}


def _by_address(server: PoolServer) -> tuple[str, int]:
    return (server.ip.addr, server.port)
