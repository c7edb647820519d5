"""One MySource → the claim of its host, or what is wrong with it."""

from __future__ import annotations

from ako import (
    Backend,
    BackendPort,
    Discovery,
    HostClaim,
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
from ako_my_source.records import MySource
from ako_my_source.settings import MySourceSettings


def discover(ref: ObjectRef, record: MySource, settings: MySourceSettings, view: View) -> Discovery:
    """Claim the paths of a host; a fault of the user is a problem that names field, reason and remedy."""
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
    rules = tuple(PathRule(path, PathType.PREFIX, (backend,)) for path in dict.fromkeys(spec.paths or ("/",)))
    tls = Tls(Termination.EDGE, NamespacedName(ref.namespace, spec.tls_secret)) if spec.tls_secret else None
    return Discovery((HostClaim(ref, record.metadata.created, host, rules, tls),))
