"""One Service of type LoadBalancer → a port claim."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ako import (
    MAX_DNS_NAMES,
    MAX_NAME_BYTES,
    SETTINGS,
    Backend,
    BackendPort,
    ClaimedPort,
    Discovery,
    ObjectRef,
    PortClaim,
    Problem,
    ServicePort,
    Site,
    SourceObject,
    View,
    host_fault,
    site,
)
from ako.plugins.loadbalancer.protocols import PROTOCOLS
from ako.plugins.loadbalancer.records import CLASS, HOSTNAME, SHARED_VIP, SOURCE_RANGES, BalancedService

LONGEST_LABEL = 63
"""Characters between two dots of a DNS name (RFC 1035)."""


def discover_service(source: SourceObject, service: BalancedService, view: View) -> Discovery:
    """Find the ports a Service wants to be reached at from outside, if that is for us."""
    if not _is_ours(service, view):
        return Discovery()
    here = view.ask(site)
    problems = [*_unknown_protocols(service, source.ref), *_ignored(service, source.ref)]
    ports = tuple(_ports(service))
    if fault := _fault(service, source.ref, here):
        return Discovery(problems=(fault, *problems))
    if not ports:
        return Discovery(problems=tuple(problems))
    names, faults = _names(service, source.ref, view)
    claim = PortClaim(
        source=source.ref,
        created=service.metadata.created,
        ports=ports,
        address=service.wanted_address,
        fqdns=names,
    )
    return Discovery((claim,), (*problems, *faults))


def _is_ours(service: BalancedService, view: View) -> bool:
    """Say whether a Service is for us: of type LoadBalancer, and of our class or, if we are the default, of none."""
    if service.spec.type != "LoadBalancer":
        return False
    settings = view.input(SETTINGS)
    if settings.ako_settings.layer7_only:
        return False
    if not service.spec.load_balancer_class:
        return bool(settings.l4_settings.default_lb_controller)
    return service.spec.load_balancer_class == CLASS


def _unknown_protocols(service: BalancedService, ref: ObjectRef) -> Iterator[Problem]:
    for port in service.spec.ports or ():
        if port.protocol not in PROTOCOLS:
            message = f"port {port.port} has the protocol {port.protocol}, which cannot be served."
            yield Problem(ref, "UnknownProtocol", message, f"Use one of {', '.join(PROTOCOLS)}.")


def _ignored(service: BalancedService, ref: ObjectRef) -> Iterator[Problem]:
    """Say what a Service asks for in vain, so that nobody relies on it."""
    annotation = service.metadata.annotation
    if service.spec.load_balancer_source_ranges or annotation(SOURCE_RANGES):
        field = "spec.loadBalancerSourceRanges" if service.spec.load_balancer_source_ranges else SOURCE_RANGES
        message = f"{field} is not supported: everybody can reach this Service."
        remedy = "Restrict access in another way, such as a network security policy on its virtual service."
        yield Problem(ref, "SourceRangesIgnored", message, remedy)
    if annotation(SHARED_VIP):
        message = f"annotation {SHARED_VIP} is not supported: this Service has an address of its own."
        yield Problem(ref, "SharedVipIgnored", message, "Remove it, or use one Service with all ports.")


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


def _fault(service: BalancedService, ref: ObjectRef, here: Site) -> Problem | None:
    """Say why nothing of a Service can be served."""
    address = service.wanted_address
    if address and not _is_address(address):
        message = f"{service.address_field} asks for {address!r}, which is no IPv4 address."
        return Problem(ref, "InvalidAddress", message, "Correct or remove it.")
    longest = here.names.service_pool(ref.namespaced_name, "65535-SCTP")
    if len(longest.encode()) > MAX_NAME_BYTES:
        message = f"would need Avi objects with names over {MAX_NAME_BYTES} bytes."
        return Problem(ref, "NameTooLong", message, "Shorten the name of the Service or its namespace.")
    return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


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
