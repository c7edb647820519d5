"""One Ingress → host claims."""

from __future__ import annotations

from collections.abc import Iterator

from ako import (
    Backend,
    BackendPort,
    Discovery,
    HostClaim,
    ObjectRef,
    PathRule,
    PathType,
    Problem,
    Site,
    SourceObject,
    View,
    host_fault,
    path_fault,
    pattern_fault,
    site,
)
from ako.plugins.ingress.classes import is_ours, missing_class
from ako.plugins.ingress.records import Ingress, IngressBackend, IngressRule
from ako.plugins.ingress.tls_sections import as_in_dns, section_of, sections_of, tls_of, without_rule


def discover_ingress(source: SourceObject, ingress: Ingress, view: View) -> Discovery:
    """Find the hosts an Ingress claims; rules without `http` are skipped, unless a default backend is to have them."""
    if not is_ours(ingress, view):
        return Discovery(problems=missing_class(ingress, source.ref, view))
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
    sections = sections_of(ingress)
    named = {_named(rule, source.ref, here) for rule in ingress.spec.rules or ()}
    problems += without_rule(sections, named, source.ref)
    claims: list[HostClaim] = []
    for host, found in paths.items():
        tls, fault = tls_of(host, section_of(host, sections), source.ref)
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
    host = _named(rule, ref, here)
    if not host:
        message = "No sub-domain configured in cloud: a rule without host cannot be named."
        return "", Problem(ref, "NoDomain", message, "Give the rule a host, or the cloud a DNS profile.")
    if not rule.host:
        field = f"{field} is not set"
    fault = host_fault(host, here, field)
    return ("", Problem(ref, *fault)) if fault else (host, None)


def _named(rule: IngressRule, ref: ObjectRef, here: Site) -> str:
    """Give the host of a rule as it is in DNS, empty if it has none and there is no domain to make one in."""
    if host := as_in_dns(rule.host or ""):
        return host
    return f"{ref.name}.{ref.namespace}.{here.default_domain}" if here.domains else ""


def _rules(rule: IngressRule, ref: ObjectRef) -> tuple[list[PathRule], list[Problem]]:
    rules: list[PathRule] = []
    problems: list[Problem] = []
    for path in (rule.http.paths if rule.http else None) or ():
        backend = _backend(path.backend, ref.namespace)
        where = f"of host {rule.host or '(none)'}"
        if fault := path_fault(path.path or "", where):
            problems.append(Problem(ref, *fault))
        elif backend is None:
            problems.append(_no_service(f"path {path.path or '/'} {where}", ref))
        else:
            rules.append(PathRule(path.path or "", _path_type(path.path_type), (backend,)))
            if fault := pattern_fault(path.path or "", where):
                problems.append(Problem(ref, *fault))
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
