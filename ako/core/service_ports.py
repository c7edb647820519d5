"""Which port of its Service a backend means: the same for every placement."""

from __future__ import annotations

from msgspec import Struct

from ako.core.claims import Backend
from ako.core.engine import View
from ako.core.records import Service, ServicePort


class WantedPorts(Struct, frozen=True):
    """The Service of a backend and its ports that match, or why there are none (reason and message)."""

    service: Service | None
    ports: tuple[ServicePort, ...] = ()
    fault: tuple[str, str] | None = None


def wanted_ports(backend: Backend, view: View) -> WantedPorts:
    """Find a backend's Service and the ports it means; there is at least one, unless there is a fault."""
    name = f"service {backend.namespace}/{backend.service}"
    service = view.get(Service, backend.namespace, backend.service)
    if service is None:
        return WantedPorts(None, fault=("BackendNotFound", f"{name} does not exist."))
    if service.spec.type == "ExternalName":
        fault = ("ExternalNameBackend", f"{name} is of type ExternalName, which has no endpoints.")
        return WantedPorts(service, fault=fault)
    ports = _matching(backend, service)
    if not ports:
        known = ", ".join(f"{port.name or '-'}:{port.port}" for port in service.ports) or "none"
        wanted = backend.port.name or backend.port.number or "at all"
        return WantedPorts(service, fault=("PortNotFound", f"{name} has no port {wanted}; it has {known}."))
    return WantedPorts(service, ports)


def _matching(backend: Backend, service: Service) -> tuple[ServicePort, ...]:
    """Give the ports that are named or numbered so; without name and number the first one.

    A number means a port of the Service, or of the endpoints where the backend says so. Of endpoints, the only port
    is the right one, whatever it is called.
    """
    wanted = backend.port
    if (not wanted.name and not wanted.number) or (wanted.is_target and len(service.ports) == 1):
        return service.ports[:1]
    matching = tuple(port for port in service.ports if _is_meant(port, backend))
    return tuple(port for port in matching if port.protocol == backend.protocol) or matching


def _is_meant(port: ServicePort, backend: Backend) -> bool:
    wanted = backend.port
    if not wanted.is_target:
        return port.name == wanted.name if wanted.name else port.port == wanted.number
    return (
        wanted.name in {port.name, port.target_port}
        if wanted.name
        else wanted.number == (port.target_port or port.port)
    )
