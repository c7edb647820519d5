"""What a route leads to → backends with weights, and what of it cannot be served."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ako import Backend, BackendPort, ObjectRef, Problem, View
from ako_traefik_ingressroute.records import RouteService, TraefikService

LARGEST = 1000
"""The largest share of a pool in its group that Avi takes."""


class Services:
    """Finds the backends of the routes of one IngressRoute."""

    def __init__(self, ref: ObjectRef, view: View) -> None:
        self._ref = ref
        self._view = view
        self.problems: list[Problem] = []

    def backends(self, services: Sequence[RouteService] | None, where: str) -> tuple[Backend, ...]:
        """Give the backends of a route; `where` is its field."""
        if not services:
            self._tell("NoService", f"{where}.services: there is none", "Name a Service and its port.")
        if services and len(services) == 1 and services[0].kind == "TraefikService":
            services, where = self._stands_for(services[0], f"{where}.services[0]")
        else:
            where = f"{where}.services"
        found = [
            backend
            for index, service in enumerate(services or ())
            if (backend := self._backend(service, f"{where}[{index}]")) is not None
        ]
        return _scaled(found)

    def _stands_for(self, named: RouteService, where: str) -> tuple[Sequence[RouteService], str]:
        """Give the Services of a TraefikService that shares by weight."""
        namespace = named.namespace or self._ref.namespace
        if namespace != self._ref.namespace:
            self._tell_foreign(where, namespace)
            return (), where
        found = self._view.get(TraefikService, namespace, named.name)
        if found is None:
            what = f"{where}: TraefikService {namespace}/{named.name} does not exist"
            self._tell("TraefikServiceNotFound", what, "Create it, or name another one.")
            return (), where
        if found.spec.weighted is None:
            what = f"{where}: TraefikService {namespace}/{named.name} does not share by weight"
            self._tell("TraefikServiceUnsupported", what, "Use spec.weighted, or name a Service.")
            return (), where
        services = found.spec.weighted.services or ()
        if not services:
            what = f"{where}: TraefikService {namespace}/{named.name} names no Service"
            self._tell("NoService", what, "Name some in spec.weighted.services.")
        return services, f"{where}, TraefikService {named.name}: spec.weighted.services"

    def _backend(self, service: RouteService, where: str) -> Backend | None:
        if fault := self._fault(service):
            reason, what, remedy = fault
            self._tell(reason, f"{where}{what}", remedy)
            return None
        for name in _told_about(service):
            self._tell("ServiceOptionUnsupported", f"{where}.{name} has no effect", "Remove it.")
        weight = 1 if service.weight is None else service.weight
        return Backend(self._ref.namespace, service.name, _port(service.port), weight)

    def _fault(self, service: RouteService) -> tuple[str, str, str] | None:
        if service.kind not in {None, "", "Service"}:
            what = f": {service.kind} {service.name} is no Service"
            return "ServiceKindUnsupported", what, "Name a Service, or one TraefikService alone, with spec.weighted."
        if not service.name:
            return "ServiceNotNamed", ".name is empty", "Name a Service."
        if service.namespace not in {None, "", self._ref.namespace}:
            return "CrossNamespace", f".namespace: {service.namespace} is another one", _OWN_NAMESPACE
        if service.scheme not in {None, "", "http"}:
            remedy = "Name a port that speaks HTTP."
            return "SchemeUnsupported", f".scheme: servers are not spoken to in {service.scheme}", remedy
        if service.weight is not None and service.weight < 0:
            return "WeightInvalid", f".weight: {service.weight} is no share", "Use 0 or more."
        return None

    def _tell_foreign(self, where: str, namespace: str) -> None:
        self._tell("CrossNamespace", f"{where}.namespace: {namespace} is another one", _OWN_NAMESPACE)

    def _tell(self, reason: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(self._ref, reason, f"{what}.", remedy))


_OWN_NAMESPACE = "Name what is in the namespace of the IngressRoute."


def _told_about(service: RouteService) -> Iterator[str]:
    """Give what a service asks for that changes how its servers are spoken to, and is not there."""
    if service.pass_host_header is False:
        yield "passHostHeader"
    if service.servers_transport:
        yield "serversTransport"
    if service.sticky is not None:
        yield "sticky"
    if service.health_check is not None:
        yield "healthCheck"


def _port(port: int | str | None) -> BackendPort:
    if isinstance(port, str):
        return BackendPort(number=int(port)) if port.isascii() and port.isdecimal() else BackendPort(name=port)
    return BackendPort(number=port or 0)


def _scaled(backends: Sequence[Backend]) -> tuple[Backend, ...]:
    """Give backends with shares that Avi takes, in the same proportion; one that gets something gets 1 at least."""
    largest = max((backend.weight for backend in backends), default=0)
    if largest <= LARGEST:
        return tuple(backends)
    return tuple(
        replace(backend, weight=max(1, backend.weight * LARGEST // largest) if backend.weight else 0)
        for backend in backends
    )
