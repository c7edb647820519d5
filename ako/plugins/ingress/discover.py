"""One Ingress → host claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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
    Site,
    SourceObject,
    Termination,
    Tls,
    View,
    host_fault,
    site,
)
from ako.plugins.ingress.classes import is_ours
from ako.plugins.ingress.records import Ingress, IngressBackend, IngressRule


def discover_ingress(source: SourceObject, ingress: Ingress, view: View) -> Discovery:
    """Find the hosts an Ingress claims; rules without `http` are skipped, unless a default backend is to have them."""
    if not is_ours(ingress, view):
        return Discovery()
    default, problems = _default(ingress, source.ref)
    asked = [
        (index, rule)
        for index, rule in enumerate(ingress.spec.rules or ())
        if _has_paths(rule) or (default and rule.host)
    ]
    if not asked:
        return Discovery(problems=(_without_backends(source.ref),))
    here = view.ask(site)
    paths: dict[str, list[PathRule]] = {}
    problems += _ignored(ingress, source.ref)
    for index, rule in asked:
        host, fault = _host(rule, f"spec.rules[{index}].host", source.ref, here)
        if fault is not None:
            problems.append(fault)
            continue
        found, faults = _rules(rule, source.ref)
        problems += faults
        paths.setdefault(host, []).extend(found)
    sections = _sections(ingress)
    claims: list[HostClaim] = []
    for host, found in paths.items():
        tls, fault = _tls(host, sections.get(host), source.ref)
        if fault is not None:
            problems.append(fault)
        elif found or default:
            rules = tuple(dict.fromkeys((*found, *default)))
            claims.append(HostClaim(source.ref, ingress.metadata.created, host, rules, tls))
    return Discovery(tuple(claims), tuple(problems))


def _ignored(ingress: Ingress, ref: ObjectRef) -> Iterator[Problem]:
    """Say what an Ingress asks for in vain, so that nobody relies on it."""
    for index, section in enumerate(ingress.spec.tls or ()):
        if not section.hosts:
            message = f"spec.tls[{index}] names no hosts: no host is served over TLS because of it."
            yield Problem(
                ref, "TlsWithoutHosts", message, "List the hosts; until then they are served over plain HTTP."
            )


def _default(ingress: Ingress, ref: ObjectRef) -> tuple[tuple[PathRule, ...], list[Problem]]:
    """Give the rule of the default backend: the shortest path there is, for each host that the Ingress names."""
    wanted = ingress.spec.default_backend
    if wanted is None:
        return (), []
    backend = _backend(wanted, ref.namespace)
    if backend is None:
        return (), [_no_service("spec.defaultBackend", ref)]
    return (PathRule("", PathType.IMPLEMENTATION_SPECIFIC, (backend,)),), []


def _without_backends(ref: ObjectRef) -> Problem:
    return Problem(
        ref,
        "NoBackends",
        f"Found Ingress: {ref.name} without service backends. Not going to process.",
        "Add a rule with an http section; a default backend alone is not served.",
    )


def _has_paths(rule: IngressRule) -> bool:
    return bool(rule.http and rule.http.paths)


def _host(rule: IngressRule, field: str, ref: ObjectRef, here: Site) -> tuple[str, Problem | None]:
    """Give the host of a rule, or why the rule is not served.

    A rule without host is `<ingress>.<namespace>.<first domain>`, as AKO names it.
    """
    host = _as_in_dns(rule.host or "")
    if not host:
        if not here.domains:
            message = "No sub-domain configured in cloud: a rule without host cannot be named."
            return "", Problem(ref, "NoDomain", message, "Give the rule a host, or the cloud a DNS profile.")
        host, field = f"{ref.name}.{ref.namespace}.{here.default_domain}", f"{field} is not set"
    fault = host_fault(host, here, field)
    return ("", Problem(ref, *fault)) if fault else (host, None)


def _as_in_dns(host: str) -> str:
    return host.removesuffix(".").lower()


def _rules(rule: IngressRule, ref: ObjectRef) -> tuple[list[PathRule], list[Problem]]:
    rules: list[PathRule] = []
    problems: list[Problem] = []
    for path in (rule.http.paths if rule.http else None) or ():
        backend = _backend(path.backend, ref.namespace)
        if backend is None:
            problems.append(_no_service(f"path {path.path or '/'} of host {rule.host or '(none)'}", ref))
        else:
            rules.append(PathRule(path.path or "", _path_type(path.path_type), (backend,)))
    return rules, problems


def _no_service(what: str, ref: ObjectRef) -> Problem:
    return Problem(
        ref, "NoServiceBackend", f"{what} has a backend that is not a Service.", "Name a Service and its port."
    )


def _backend(wanted: IngressBackend, namespace: str) -> Backend | None:
    service = wanted.service
    if service is None:
        return None
    port = service.port
    named = BackendPort(name=(port.name if port else "") or "", number=(port.number if port else 0) or 0)
    return Backend(namespace, service.name, named)


def _path_type(text: str | None) -> PathType:
    try:
        return PathType(text)
    except ValueError:
        return PathType.IMPLEMENTATION_SPECIFIC


class _Section(NamedTuple):
    """A TLS section: where it is, and the Secret it names."""

    field: str
    secret: NamespacedName


def _sections(ingress: Ingress) -> dict[str, _Section]:
    """Give the TLS section of each host; a host in two sections belongs to the first."""
    sections: dict[str, _Section] = {}
    for index, section in enumerate(ingress.spec.tls or ()):
        secret = NamespacedName(ingress.metadata.namespace, section.secret_name or "")
        for host in section.hosts or ():
            sections.setdefault(_as_in_dns(host), _Section(f"spec.tls[{index}]", secret))
    return sections


def _tls(host: str, section: _Section | None, ref: ObjectRef) -> tuple[Tls | None, Problem | None]:
    """Give how a host is served over TLS, None for plain HTTP; or why it is not served at all."""
    if section is None:
        return None, None
    if section.secret.name:
        return Tls(Termination.EDGE, section.secret), None
    message = f"{section.field}.secretName is not set, so that host {host} has no certificate; it is not served."
    return None, Problem(ref, "CertificateMissing", message, "Name a TLS Secret.")
