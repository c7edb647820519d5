"""One IngressRoute → the claims of its hosts."""

from __future__ import annotations

from collections.abc import Iterator

from ako import (
    Backend,
    Discovery,
    HostClaim,
    InsecurePolicy,
    NamespacedName,
    ObjectRef,
    PathRule,
    PathType,
    Problem,
    Termination,
    Tls,
    View,
)
from ako_traefik_ingressroute.decisions import Decision, PathKey
from ako_traefik_ingressroute.records import IngressRoute, IngressRouteSpec, RouteTls
from ako_traefik_ingressroute.routes import found_in
from ako_traefik_ingressroute.settings import TraefikSettings

CLASS = "kubernetes.io/ingress.class"


def discover_ingress_route(ref: ObjectRef, record: IngressRoute, settings: TraefikSettings, view: View) -> Discovery:
    """Claim the hosts of an IngressRoute, or say what is wrong with it."""
    if settings.ingress_class and record.metadata.annotation(CLASS) != settings.ingress_class:
        return Discovery()
    refused = tuple(_refused(ref, record.spec, settings))
    if refused:
        return Discovery(problems=refused)
    found = view.ask(found_in, ref.namespace, ref.name)
    insecure = InsecurePolicy.REDIRECT if settings.redirect else InsecurePolicy.NONE
    secret = (record.spec.tls.secret_name or "") if record.spec.tls else ""
    tls = Tls(Termination.EDGE, NamespacedName(ref.namespace, secret), insecure) if secret else None
    claims = tuple(
        HostClaim(
            source=ref,
            created=record.metadata.created,
            host=host,
            rules=tuple(path_rule(path, decision) for path, decision in paths.items()),
            tls=tls,
            names_service=True,
        )
        for host, paths in found.decisions.items()
    )
    return Discovery(claims, found.problems)


def path_rule(key: PathKey, decision: Decision) -> PathRule:
    """Give the path that is claimed, with the backends of the requests that ask for nothing else."""
    path, is_exact = key
    backends: tuple[Backend, ...] = decision.rest.backends if decision.rest else ()
    # Any text that begins so, as Traefik has it: that is what this type is here, whatever else paths are compared by.
    return PathRule(path, PathType.EXACT if is_exact else PathType.IMPLEMENTATION_SPECIFIC, backends)


def _refused(ref: ObjectRef, spec: IngressRouteSpec, settings: TraefikSettings) -> Iterator[Problem]:
    """Say why nothing of an IngressRoute is served: all of it would be served in another way than it asks for."""
    wanted = settings.tls_entry_point if spec.tls else settings.plain_entry_point
    points = spec.entry_points or (wanted,)
    if wanted not in points:
        what = "with TLS" if spec.tls else "without TLS"
        message = f"spec.entryPoints: {', '.join(points)}: {what} an IngressRoute is served at {wanted} alone."
        yield Problem(ref, "EntryPointUnsupported", message, f"Name {wanted}, or none.", unserved=True)
    if spec.tls:
        for reason, what, remedy in _refused_tls(spec.tls):
            yield Problem(ref, reason, f"spec.tls.{what}.", remedy, unserved=True)


def _refused_tls(tls: RouteTls) -> Iterator[tuple[str, str, str]]:
    if tls.passthrough:
        yield (
            "PassthroughUnsupported",
            "passthrough: TLS always ends at the load balancer",
            "Take it away and name a Secret.",
        )
    if tls.options is not None:
        what = f"options: TLSOptions {tls.options} are not supported, and may ask for certificates of clients"
        yield "TlsOptionsUnsupported", what, "Take it away to have it served without them."
    if not tls.secret_name and not tls.passthrough:
        by = f": certificate resolver {tls.cert_resolver} is not known" if tls.cert_resolver else " is empty"
        yield "CertificateNotNamed", f"{'certResolver' if tls.cert_resolver else 'secretName'}{by}", _NAME_A_SECRET


_NAME_A_SECRET = "Name a TLS Secret of the namespace in spec.tls.secretName."  # noqa: S105 - a text about one
