"""One Service of type LoadBalancer → a port claim."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from ako import (
    MAX_DNS_NAMES,
    MAX_NAME_BYTES,
    SETTINGS,
    Backend,
    BackendPort,
    ClaimedPort,
    Discovery,
    NamespacedName,
    ObjectRef,
    PortClaim,
    Problem,
    ServicePort,
    SourceObject,
    Unknown,
    View,
    has_control,
    host_fault,
    site,
)
from ako.plugins.loadbalancer.classes import whose
from ako.plugins.loadbalancer.clients import client_networks, ranges_fault
from ako.plugins.loadbalancer.protocols import PROTOCOLS
from ako.plugins.loadbalancer.records import HOSTNAME, SHARED_VIP, BalancedService

LONGEST_LABEL = 63
"""Characters between two dots of a DNS name (RFC 1035)."""


def discover_service(source: SourceObject, service: BalancedService, view: View) -> Discovery:
    """Find the ports a Service wants to be reached at from outside, if that is for us.

    While it cannot be said who is to be let in, what was found before stays. Where nothing ever was, nothing new is
    served, and what there is of it stays too.
    """
    if has_control(service.shared_vip) and whose(service, view).is_ours:
        message = f"annotation {SHARED_VIP}: {service.shared_vip[:80]!r} has a control character."
        return Discovery(problems=(Problem(source.ref, "InvalidSharedVip", message, "Remove it."),))
    fault = ranges_fault(service) if whose(service, view).is_ours else ""
    if not fault:
        return view.ask(understood, source.ref)
    before, _ = view.last(understood, source.ref)
    found = before or Discovery((_doubtful(service, source.ref, fault, view),))
    remedy = "A new Service is not served before that is mended; one that is served stays as it is."
    return Discovery(found.claims, (Problem(source.ref, "InvalidSourceRange", fault, remedy),))


def understood(view: View, ref: ObjectRef) -> Discovery:
    """Find what a Service asks for (a query); raise `Unknown` while it cannot be said who is to be let in."""
    service = view.get(BalancedService, ref.namespace, ref.name)
    if service is None or not whose(service, view).is_ours:
        return Discovery()
    if fault := ranges_fault(service):
        raise Unknown(fault)
    problems = tuple(_unknown_protocols(service, ref))
    ports = tuple(_ports(service))
    if fault_of_all := _fault(service, ref, view):
        return Discovery(problems=(fault_of_all, *problems))
    if not ports:
        return Discovery(problems=problems)
    names, faults = _names(service, ref, view)
    claim = PortClaim(
        source=ref,
        created=service.metadata.created,
        ports=ports,
        address=str(ipaddress.ip_address(service.wanted_address)) if service.wanted_address else "",
        fqdns=names,
        clients=client_networks(service),
        keeps_client=service.spec.session_affinity == "ClientIP",
        shares=service.shared_vip,
    )
    return Discovery((claim,), (*problems, *faults))


def _doubtful(service: BalancedService, ref: ObjectRef, doubt: str, view: View) -> PortClaim:
    """Give a claim of which nothing may be concluded but what it is called."""
    names, _ = _names(service, ref, view)
    return PortClaim(ref, service.metadata.created, (), fqdns=names, shares=service.shared_vip, doubt=doubt)


def _unknown_protocols(service: BalancedService, ref: ObjectRef) -> Iterator[Problem]:
    for port in service.spec.ports or ():
        if port.protocol not in PROTOCOLS:
            message = f"port {port.port} has the protocol {port.protocol}, which cannot be served."
            yield Problem(ref, "UnknownProtocol", message, f"Use one of {', '.join(PROTOCOLS)}.")


def _ports(service: BalancedService) -> Iterator[ClaimedPort]:
    """Give the ports that can be served; of one number and protocol the first, as nothing else can be told apart."""
    distinct: dict[tuple[int, str], ServicePort] = {}
    for port in service.spec.ports or ():
        if port.protocol in PROTOCOLS:
            distinct.setdefault((port.port, port.protocol), port)
    return (_port(service, port) for port in distinct.values())


def _port(service: BalancedService, port: ServicePort) -> ClaimedPort:
    """Give a port and its backend, which is the Service itself."""
    wanted = BackendPort(name=port.name or "", number=port.port)
    metadata = service.metadata
    return ClaimedPort(
        port.port, Backend(metadata.namespace, metadata.name, wanted, protocol=port.protocol, is_own=True)
    )


def _fault(service: BalancedService, ref: ObjectRef, view: View) -> Problem | None:
    """Say why nothing of a Service can be served."""
    address, family = service.wanted_address, view.input(SETTINGS).ako_settings.ip_family
    if address and not _is_address(address, family):
        message = f"{service.address_field} asks for {address!r}, which is no {_FAMILIES[family]} address."
        return Problem(ref, "InvalidAddress", message, "Correct or remove it.")
    named = NamespacedName(ref.namespace, service.shared_vip or ref.name)
    longest = view.ask(site).names.service_pool(named, "SCTP", 65535)
    if len(longest.encode()) > MAX_NAME_BYTES:
        message = f"would need Avi objects with names over {MAX_NAME_BYTES} bytes."
        what = f"the annotation {SHARED_VIP}" if service.shared_vip else "the name of the Service"
        return Problem(ref, "NameTooLong", message, f"Shorten {what} or its namespace.")
    return None


_FAMILIES: Mapping[str, str] = {"V4": "IPv4", "V6": "IPv6", "V4_V6": "IP"}


def _is_address(text: str, family: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return f"V{address.version}" in family and not getattr(address, "scope_id", None)


def _names(service: BalancedService, ref: ObjectRef, view: View) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Give the DNS names of a Service: those it asks for, else the generated one.

    Without DNS domains on the cloud there is none: nobody would answer for it.
    """
    here = view.ask(site)
    if not here.domains:
        return (), ()
    wanted = service.wanted_names
    if wanted:
        faults = {name: host_fault(name, here, f"annotation {HOSTNAME}") for name in wanted}
        served = tuple(name for name, fault in faults.items() if fault is None)
        problems = tuple(Problem(ref, *fault) for fault in faults.values() if fault)
        return served[:MAX_DNS_NAMES], problems + _too_many(served[MAX_DNS_NAMES:], ref)
    name = _generated(ref, view)
    if len(name.partition(".")[0]) <= LONGEST_LABEL:
        return (name,) if name else (), ()
    message = f"has no DNS name: the first part of {name} is longer than {LONGEST_LABEL} characters."
    return (), (Problem(ref, "DnsNameTooLong", message, f"Give it one with the annotation {HOSTNAME}."),)


def _too_many(names: tuple[str, ...], ref: ObjectRef) -> tuple[Problem, ...]:
    """Say which names are more than one address can have."""
    if not names:
        return ()
    message = f"the Avi Controller takes {MAX_DNS_NAMES:,} DNS names on one virtual service; {len(names)} are left out."
    return (Problem(ref, "LimitReached", message, f"Those come last in the annotation {HOSTNAME}: shorten it."),)


def _generated(ref: ObjectRef, view: View) -> str:
    """Give the DNS name that a Service gets by itself, empty for none."""
    settings = view.input(SETTINGS)
    domain = view.ask(site).domain_or_default(settings.network_settings.default_domain)
    form = settings.l4_settings.auto_fqdn
    if form == "disabled":
        return ""
    return f"{ref.name}-{ref.namespace}.{domain}" if form == "flat" else f"{ref.name}.{ref.namespace}.{domain}"
