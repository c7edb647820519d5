"""One Route → one host claim, or why there is none."""

from __future__ import annotations

from ako import (
    SETTINGS,
    Backend,
    BackendPort,
    Discovery,
    HostClaim,
    ObjectRef,
    PathRule,
    PathType,
    Problem,
    SourceObject,
    Termination,
    View,
    host_fault,
    path_fault,
    pattern_fault,
    site,
)
from ako.plugins.openshift_route.records import IngressController, Route, RoutePort, RouteSpec, RouteTarget
from ako.plugins.openshift_route.tls import tls_of

DEFAULT_WEIGHT = 100
LAST_PORT = 65_535

SUBDOMAIN = "Subdomain"
"""The wildcard policy of a Route that asks for all names beside its own: under the same domain, one label longer."""


def discover_route(source: SourceObject, route: Route, view: View) -> Discovery:
    """Find the host a Route claims; it has one host and one path, which always is a prefix."""
    spec = route.spec
    if fault := _fault(route, source.ref, view):
        return Discovery(problems=(fault,))
    problems: tuple[Problem, ...] = ()
    tls = None
    if spec.tls is not None:
        tls, problems = tls_of(spec.tls, source.ref, view)
        if tls is None:
            return Discovery(problems=problems)
        if tls.termination is Termination.PASSTHROUGH and (fault := _unseen(spec, source.ref)):
            return Discovery(problems=(fault,))
    if pattern := pattern_fault(spec.path or "", f"of host {_host(spec, view)}"):
        problems += (Problem(source.ref, *pattern),)
    port = _port(spec.port)
    backends = tuple(_backend(target, source.ref.namespace, port) for target in spec.targets)
    claim = HostClaim(
        source=source.ref,
        created=route.metadata.created,
        host=_host(spec, view),
        rules=(PathRule(spec.path or "", PathType.PREFIX, backends),),
        tls=tls,
        names_service=True,
    )
    return Discovery((claim,), problems)


def _fault(route: Route, ref: ObjectRef, view: View) -> Problem | None:
    """Say why nothing of a Route can be served, whatever its TLS."""
    spec = route.spec
    names = [target.name for target in spec.targets]
    if repeated := next((name for index, name in enumerate(names) if name in names[:index]), ""):
        message = f"multiple backends with name {repeated} found for route: {ref.name}"
        return Problem(ref, "MultipleBackendsWithSameServiceError", message, "Name each Service once.")
    for target in spec.targets:
        if not target.name or target.kind not in {None, "", "Service"}:
            message = f"backend {target.kind or 'Service'} {target.name or '(no name)'} is not a Service with a name."
            return Problem(ref, "NoServiceBackend", message, "Name a Service of the namespace of the Route.")
    if not (host := _host(spec, view)):
        return Problem(ref, "NoHost", "has no host, so that nobody can ask for it.", "Give it one in spec.host.")
    if fault := path_fault(spec.path or "", f"of host {host}"):
        return Problem(ref, *fault)
    if spec.wildcard_policy not in {None, "", "None"} and (problem := _unadmitted(spec, ref, view)):
        return problem
    fault = host_fault(host, view.ask(site), "spec.host" if spec.host else "spec.subdomain")
    if fault is None and "*" in (spec.host or ""):
        remedy = "Set spec.wildcardPolicy to Subdomain, and spec.host to any name under the domain."
        fault = ("WildcardHost", f"spec.host: {spec.host} is no host name.", remedy)
    return Problem(ref, *fault) if fault else None


def _unseen(spec: RouteSpec, ref: ObjectRef) -> Problem | None:
    """Say what a passthrough Route asks for that the name in the client hello cannot tell."""
    if spec.path:
        message = f"path {spec.path} cannot be matched: with passthrough nobody but the server sees the path."
        return Problem(ref, "PathOnPassthrough", message, "Remove it, or terminate TLS.")
    if spec.wildcard_policy == SUBDOMAIN:
        message = "wildcardPolicy Subdomain is not served with passthrough: each host has a pool group by its own name."
        return Problem(ref, "WildcardPolicy", message, "Use a Route for each host, or terminate TLS.")
    return None


def _unadmitted(spec: RouteSpec, ref: ObjectRef, view: View) -> Problem | None:
    """Say why all names under a domain cannot be had: OpenShift admits that where its administrator wants it."""
    if spec.wildcard_policy != SUBDOMAIN:
        message = f"wildcardPolicy {spec.wildcard_policy} is not known."
        return Problem(ref, "WildcardPolicy", message, "Use None or Subdomain.")
    if not spec.host:
        return Problem(ref, "WildcardPolicy", "wildcardPolicy Subdomain goes with spec.host.", "Set spec.host.")
    if view.is_served(IngressController):
        router = view.get(IngressController, "openshift-ingress-operator", "default")
        if router is None or not router.admits_wildcards:
            message = "wildcardPolicy Subdomain is not admitted in this cluster."
            remedy = "Set spec.routeAdmission.wildcardPolicy of the IngressController default to WildcardsAllowed."
            return Problem(ref, "WildcardPolicy", message, remedy)
    return None


def _host(spec: RouteSpec, view: View) -> str:
    """Give the host as it is in DNS: the one it names, else its subdomain in our domain; empty if there is neither."""
    if spec.host or not spec.subdomain:
        host = (spec.host or "").removesuffix(".").lower()
        return f"*.{host.partition('.')[2]}" if host and spec.wildcard_policy == SUBDOMAIN else host
    domain = view.ask(site).domain_or_default(view.input(SETTINGS).network_settings.default_domain)
    return f"{spec.subdomain.lower()}.{domain}" if domain else ""


def _port(port: RoutePort | None) -> BackendPort:
    """Give the port of the endpoints; without one a Service is expected to have only one."""
    match port.target_port if port else None:
        case None | "" | 0:
            return BackendPort()
        case int(number):
            return BackendPort(number=number, is_target=True)
        case name if (
            name.isdecimal() and len(name) <= 5 and int(name) <= LAST_PORT
        ):  # no port can be called so: OpenShift's router takes it for the number, too
            return BackendPort(number=int(name), is_target=True)
        case name:
            return BackendPort(name=name, is_target=True)


def _backend(target: RouteTarget, namespace: str, port: BackendPort) -> Backend:
    weight = DEFAULT_WEIGHT if target.weight is None else target.weight
    return Backend(namespace, target.name, port, weight)
