"""Which port of its Service a backend means: the same for every placement."""

from __future__ import annotations

from msgspec import Struct

from ako.core.engine.view import View
from ako.core.hooks.claims import Backend, PlacementFault
from ako.core.hooks.records import Service, ServicePort


class WantedPorts(Struct, frozen=True):
    """The Service of a backend and its ports that match.

    Attributes:
        service: None if it does not exist.
        ports: those that are meant; several of one name and number differ in their protocol.
        fault: what is wrong with them, if anything; there may be ports nevertheless.
    """

    service: Service | None
    ports: tuple[ServicePort, ...] = ()
    fault: PlacementFault | None = None


def wanted_ports(backend: Backend, view: View, *, has_endpoints: bool = True) -> WantedPorts:
    """Find a backend's Service and the ports it means; there is at least one, unless there is a fault.

    `has_endpoints` says that servers are looked for among its endpoints, of which one of type ExternalName has none.

    Args:
        backend: the backend.
        view: what reads.
        has_endpoints: servers are looked for among its endpoints; False where they are found otherwise.
    """
    name = f"service {backend.namespace}/{backend.service}"
    service = view.get(Service, backend.namespace, backend.service)
    if service is None:
        remedy = "Create it, or name another one."
        return WantedPorts(None, fault=PlacementFault("BackendNotFound", f"{name} does not exist.", remedy))
    if service.spec.type == "ExternalName" and has_endpoints:
        message, remedy = f"{name} is of type ExternalName, which has no endpoints.", "Name one that selects pods."
        return WantedPorts(service, fault=PlacementFault("ExternalNameBackend", message, remedy))
    ports = _matching(backend, service)
    if not ports:
        return WantedPorts(service, fault=_port_not_found(name, backend, service))
    is_guessed = not backend.port.name and not backend.port.number and len(service.ports) > 1
    return WantedPorts(service, ports, _guessed(name, ports[0], service) if is_guessed else None)


def _guessed(name: str, taken: ServicePort, service: Service) -> PlacementFault:
    known = ", ".join(_described(port, is_target=False) for port in service.ports)
    message = f"{name} has several ports ({known}) and none is named; {_described(taken, is_target=False)} is served."
    return PlacementFault("PortNotNamed", message, "Name the port that is meant.")


def _port_not_found(name: str, backend: Backend, service: Service) -> PlacementFault:
    wanted = backend.port
    known = ", ".join(_described(port, is_target=wanted.is_target) for port in service.ports) or "none"
    what = f"{wanted.name or wanted.number or 'at all'}{' behind it (targetPort)' if wanted.is_target else ''}"
    message = f"{name} has no {backend.protocol} port {what}; it has {known}."
    return PlacementFault("PortNotFound", message, "Name one that it has, or add the port to it.")


def _described(port: ServicePort, *, is_target: bool) -> str:
    number = port.target_port or port.port if is_target else port.port
    return f"{port.name or '-'}:{number}/{port.protocol}"


def _matching(backend: Backend, service: Service) -> tuple[ServicePort, ...]:
    """Give the ports of the backend's protocol that are named or numbered so; without name and number the first one.

    A number means a port of the Service, or of the endpoints where the backend says so. Of endpoints, the only port
    is the right one, whatever it is called.
    """
    wanted = backend.port
    ports = tuple(port for port in service.ports if port.protocol == backend.protocol)
    if (not wanted.name and not wanted.number) or (wanted.is_target and len(service.ports) == 1):
        return ports[:1]
    return tuple(port for port in ports if _is_meant(port, backend))


def _is_meant(port: ServicePort, backend: Backend) -> bool:
    wanted = backend.port
    if not wanted.is_target:
        return port.name == wanted.name if wanted.name else port.port == wanted.number
    return (
        wanted.name in {port.name, port.target_port}
        if wanted.name
        else wanted.number == (port.target_port or port.port)
    )
