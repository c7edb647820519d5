"""What may come in from a plugin that discovers: claims and problems of the object that it was asked about. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ako.core.base.refs import NamespacedName, ObjectRef
from ako.core.hooks.claims import Discovery, HostClaim, PathRule, PortClaim
from ako.core.hooks.judge.meaning import name_fault, network_fault, problem_faults, shown
from ako.core.hooks.outcome import SourceObject
from ako.core.hooks.records import Metadata, is_address
from ako.core.hooks.tls import InlineCertificate, Tls


def discovery_faults(found: Discovery, asked: SourceObject) -> Iterator[str]:
    """Say what is wrong with what was discovered in an object."""
    source, metadata = asked.ref, getattr(asked.record, "metadata", None)
    has_ports = False
    for index, claim in enumerate(found.claims):
        where = f"claims[{index}]"
        if claim.source != source:
            yield f"{where}.source is {shown(str(claim.source))}, not {_asked(source)}"
        if isinstance(metadata, Metadata) and claim.created != metadata.created:
            # Whoever is older has a host: an age that is made up would take it from others.
            yield f"{where}.created is {shown(claim.created)}, not {shown(metadata.created)}, as of {_asked(source)}"
        if isinstance(claim, HostClaim):
            yield from _host_faults(where, claim)
            continue
        if has_ports:
            yield f"{where} is a second PortClaim; an object has one at most"
        has_ports = True
        yield from _port_faults(where, claim)
    yield from problem_faults(found.problems, (source,), lambda: _asked(source))


def crossing_faults(found: Discovery, asked: SourceObject) -> Iterator[str]:
    """Say what claims name of other namespaces than that of their object; whose own is none may name any.

    Whoever may write such an object would have servers, and certificates, of those who let them do neither.
    """
    namespace = asked.ref.namespace
    for index, claim in enumerate(found.claims if namespace else ()):
        for where, name in _named(claim):
            if name.namespace != namespace:
                yield (
                    f"claims[{index}].{where} is {shown(str(name))}, in another namespace than {_asked(asked.ref)};"
                    " give a Problem instead, or declare it (ako_needs: other_namespaces)"
                )


def _named(claim: HostClaim | PortClaim) -> Iterator[tuple[str, NamespacedName]]:
    """Give each Service and Secret that a claim names, with its place."""
    if isinstance(claim, PortClaim):
        for index, port in enumerate(claim.ports):
            yield f"ports[{index}].backend", NamespacedName(port.backend.namespace, port.backend.service)
        return
    for index, rule in enumerate(claim.rules):
        for number, backend in enumerate(rule.backends):
            yield f"rules[{index}].backends[{number}]", NamespacedName(backend.namespace, backend.service)
    if claim.tls is not None and isinstance(claim.tls.certificate, NamespacedName):
        yield "tls.certificate", claim.tls.certificate


def _asked(source: ObjectRef) -> str:
    return f"{source.key}, which was asked about"


def _host_faults(where: str, claim: HostClaim) -> Iterator[str]:
    if fault := name_fault(claim.host):
        yield f"{where}.host {fault}"
    for index, rule in enumerate(claim.rules):
        yield from _rule_faults(f"{where}.rules[{index}]", rule)
    if claim.tls is not None:
        yield from _tls_faults(f"{where}.tls", claim.tls)


def _rule_faults(where: str, rule: PathRule) -> Iterator[str]:
    if fault := name_fault(rule.path):
        yield f"{where}.path {fault}"
    for index, backend in enumerate(rule.backends):
        yield from _named_faults(f"{where}.backends[{index}]", backend.namespace, backend.service)


def _named_faults(where: str, namespace: str, name: str, field: str = "service") -> Iterator[str]:
    for part, text in (("namespace", namespace), (field, name)):
        if fault := name_fault(text):
            yield f"{where}.{part} {fault}"


def _tls_faults(where: str, tls: Tls) -> Iterator[str]:
    if tls.certificate is not None and not isinstance(tls.certificate, InlineCertificate):
        yield from _named_faults(f"{where}.certificate", *tls.certificate, field="name")


def _port_faults(where: str, claim: PortClaim) -> Iterator[str]:
    if claim.members:
        yield f"{where}.members is for the core to fill in"
    if claim.problems:
        yield f"{where}.problems is for the core to fill in; give them beside the claims"
    if claim.address and not is_address(claim.address):
        yield f"{where}.address is {shown(claim.address)}, which is no IP address"
    for index, name in enumerate(claim.fqdns):
        if fault := name_fault(name):
            yield f"{where}.fqdns[{index}] {fault}"
    for index, network in enumerate(claim.clients):
        if fault := network_fault(network):
            yield f"{where}.clients[{index}] {fault}"
    if fault := name_fault(claim.shares):
        yield f"{where}.shares {fault}"
    for index, port in enumerate(claim.ports):
        yield from _named_faults(f"{where}.ports[{index}].backend", port.backend.namespace, port.backend.service)
