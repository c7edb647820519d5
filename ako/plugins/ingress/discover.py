"""One Ingress → host claims."""

from __future__ import annotations

from collections.abc import Iterator

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
from ako.plugins.ingress.records import HttpPath, Ingress, IngressRule


def discover_ingress(source: SourceObject, ingress: Ingress, view: View) -> Discovery:
    """Find the hosts an Ingress claims; rules without `http` are skipped."""
    if not is_ours(ingress, view):
        return Discovery()
    if not any(map(_has_paths, ingress.spec.rules or ())):
        return Discovery(problems=(_without_backends(source.ref),))
    here = view.ask(site)
    paths: dict[str, list[PathRule]] = {}
    problems: list[Problem] = []
    for index, rule in enumerate(ingress.spec.rules or ()):
        if not _has_paths(rule):
            continue
        host, fault = _host(rule, f"spec.rules[{index}].host", source.ref, here)
        if fault is not None:
            problems.append(fault)
            continue
        found, faults = _rules(rule, source.ref)
        problems += faults
        paths.setdefault(host, []).extend(found)
    secrets = _secrets(ingress)
    claims = [
        HostClaim(
            source=source.ref,
            created=ingress.metadata.created,
            host=host,
            rules=tuple(_distinct(rules)),
            tls=Tls(Termination.EDGE, secrets[host]) if host in secrets else None,
        )
        for host, rules in paths.items()
        if rules
    ]
    return Discovery(tuple(claims), tuple(problems))


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
        backend = _backend(path, ref.namespace)
        if backend is None:
            message = f"path {path.path or '/'} of host {rule.host or '(none)'} has a backend that is not a Service."
            problems.append(Problem(ref, "NoServiceBackend", message, "Name a Service and its port."))
        else:
            rules.append(PathRule(path.path or "", _path_type(path.path_type), (backend,)))
    return rules, problems


def _backend(path: HttpPath, namespace: str) -> Backend | None:
    service = path.backend.service
    if service is None:
        return None
    port = service.port
    wanted = BackendPort(name=(port.name if port else "") or "", number=(port.number if port else 0) or 0)
    return Backend(namespace, service.name, wanted)


def _path_type(text: str | None) -> PathType:
    try:
        return PathType(text)
    except ValueError:
        return PathType.IMPLEMENTATION_SPECIFIC


def _secrets(ingress: Ingress) -> dict[str, NamespacedName]:
    """Give the Secret of each host in a TLS section; a host in two sections belongs to the first."""
    secrets: dict[str, NamespacedName] = {}
    for section in ingress.spec.tls or ():
        for host in section.hosts or ():
            secrets.setdefault(_as_in_dns(host), NamespacedName(ingress.metadata.namespace, section.secret_name or ""))
    return secrets


def _distinct(rules: list[PathRule]) -> Iterator[PathRule]:
    yield from dict.fromkeys(rules)
