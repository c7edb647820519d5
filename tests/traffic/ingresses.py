"""Ingresses → claims, as ours and as Go AKO read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.traffic.claims import Claim, Match, Tls, World, covers
from tests.traffic.reading import (
    AVI_CLASS,
    Thing,
    Who,
    asks_for_elsewhere,
    is_synced,
    name,
    namespace,
    notes,
    order,
    path_of,
    secret_certificate,
    spec,
)

OLD_CLASS = "kubernetes.io/ingress.class"
DEFAULT = "ingressclass.kubernetes.io/is-default-class"


def ingress_claims(world: World, who: Who) -> Iterator[Claim]:
    """Give what all Ingresses ask for; where Routes are, OpenShift makes one for each Ingress, and they count."""
    routes = bool(world.cluster.of("Route"))
    for ingress in world.cluster.of("Ingress"):
        refused = "Routes are served" if routes else _refusal(ingress, world, who)
        for claim in _claims(ingress, world, who):
            yield replace(claim, refused=refused or claim.refused)


def _refusal(ingress: Thing, world: World, who: Who) -> str:
    if not is_synced(ingress, world.cluster, world.setup):
        return "its namespace is not looked at"
    if not _is_of_our_class(ingress, world, who):
        return "it is of another class"
    rules = spec(ingress).get("rules") or ()
    if who is Who.THEIRS and any(not rule.get("http") for rule in rules):
        return "a rule has no paths"
    if who is Who.OURS and (asks_for_elsewhere(ingress, world.cluster, world.setup) or _has_parameters(ingress, world)):
        return "it asks for another network or tenant"
    return ""


def _has_parameters(ingress: Thing, world: World) -> bool:
    chosen = world.cluster.get("IngressClass", "", str(spec(ingress).get("ingressClassName") or ""))
    return bool(chosen and spec(chosen).get("parameters"))


def _is_of_our_class(ingress: Thing, world: World, who: Who) -> bool:
    classes = world.cluster.of("IngressClass")
    ours = [one for one in classes if spec(one).get("controller") == AVI_CLASS]
    if chosen := spec(ingress).get("ingressClassName"):
        return any(name(one) == chosen for one in ours)
    default = [one for one in classes if notes(one).get(DEFAULT) == "true"]
    has_our_default = any(one in ours for one in default)
    if who is Who.THEIRS:
        return has_our_default
    if old := notes(ingress).get(OLD_CLASS):
        return old == "avi"
    if default or ours:
        return has_our_default
    return world.setup.value("L7Settings", "defaultIngController", "true") == "true"


def _claims(ingress: Thing, world: World, who: Who) -> Iterator[Claim]:
    position = 0
    hosts: dict[str, str] = {}
    for rule in spec(ingress).get("rules") or ():
        if not (host := _host(rule, ingress, world, who)):
            continue
        paths = (rule.get("http") or {}).get("paths") or ()
        refused = "" if world.setup.covers(host, who) else "its host is in no DNS domain"
        if paths:
            hosts[host] = refused
        for entry in paths:
            if backend := world.backend_of(ingress, entry.get("backend") or {}):
                match = _match(entry.get("pathType") or "", world)
                claim = Claim(
                    host, entry.get("path") or "", match, (backend,), path_of(ingress), (*order(ingress), position)
                )
                yield _with_tls(replace(claim, refused=refused), ingress, world, who)
                position += 1
    last = world.backend_of(ingress, spec(ingress).get("defaultBackend") or {})
    if last and who is Who.OURS:
        for host, refused in hosts.items():
            key = (*order(ingress), position)
            claim = Claim(host, "", Match.TEXT, (last,), path_of(ingress), key, refused=refused, is_last=True)
            yield _with_tls(claim, ingress, world, who)


def _host(rule: Thing, ingress: Thing, world: World, who: Who) -> str:
    if host := str(rule.get("host") or ""):
        return host.lower() if who is Who.OURS else host
    domain = world.setup.first_domain
    return f"{name(ingress)}.{namespace(ingress)}.{domain}" if domain else ""


def _match(path_type: str, world: World) -> Match:
    if path_type == "Exact":
        return Match.EXACT
    return Match.ELEMENTS if path_type == "Prefix" and world.setup.matches_elements else Match.TEXT


def _with_tls(claim: Claim, ingress: Thing, world: World, who: Who) -> Claim:
    section = _section(claim.host, ingress, who)
    if section is None:
        return claim
    found = secret_certificate(world.cluster, namespace(ingress), str(section.get("secretName") or ""))
    refused = claim.refused or ("" if found else "its Secret has no certificate")
    return replace(claim, tls=Tls.EDGE, insecure="Redirect", certificate=found, refused=refused)


def _section(host: str, ingress: Thing, who: Who) -> Thing | None:
    """Give the TLS section of a host: one that names it before one with a wildcard, which Go AKO does not know."""
    sections = spec(ingress).get("tls") or ()
    if exact := next((one for one in sections if host in (one.get("hosts") or ())), None):
        return dict(exact)
    if who is Who.THEIRS:
        return None
    return next((one for one in sections if any(covers(known, host) for known in one.get("hosts") or ())), None)
