"""One Site → the claim of its host."""

from __future__ import annotations

from ako import (
    Backend,
    BackendPort,
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
    site,
)
from ako_sites.records import Site, SiteSpec
from ako_sites.settings import SiteSettings


def discover_site(ref: ObjectRef, record: Site, settings: SiteSettings, view: View) -> Discovery:
    """Claim the paths of a Site's host, or say what is wrong with it."""
    spec = record.spec
    host = f"{spec.host}.{settings.domain}" if settings.domain and "." not in spec.host else spec.host
    here = view.ask(site)
    if not host.strip() or not here.serves_domain(host):
        message = f"spec.host: {host!r} is in none of the domains of the Avi cloud: {', '.join(here.domains) or 'any'}."
        return Discovery(problems=(Problem(ref, "HostOutsideDomains", message, "Use a host in one of them."),))
    if not 0 < spec.port <= 65535:
        message = f"spec.port: {spec.port} is no port."
        return Discovery(problems=(Problem(ref, "PortOutOfRange", message, "Use one of 1 to 65535."),))
    backend = Backend(ref.namespace, spec.service, BackendPort(number=spec.port))
    paths = dict.fromkeys(spec.paths or ("/",))
    rules = tuple(PathRule(path, PathType.PREFIX, (backend,)) for path in paths)
    claim = HostClaim(ref, record.metadata.created, host, rules, _tls(ref, spec, settings))
    return Discovery((claim,))


def _tls(ref: ObjectRef, spec: SiteSpec, settings: SiteSettings) -> Tls | None:
    if not spec.tls_secret:
        return None
    insecure = InsecurePolicy.REDIRECT if settings.redirect else InsecurePolicy.ALLOW
    return Tls(Termination.EDGE, NamespacedName(ref.namespace, spec.tls_secret), insecure)
