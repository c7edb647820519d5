"""A port claim → a tree of its own: virtual service, VsVip, L4 policy set, and a pool for each port."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, Struct

from ako import (
    AttachedL4PolicySet,
    AviRef,
    ClaimedPort,
    ConnectionAction,
    ConnectionMatch,
    ConnectionPolicy,
    ConnectionRule,
    L4PolicySet,
    ListeningPort,
    NamespacedName,
    OwnTree,
    Pool,
    PortClaim,
    PortMatch,
    Problem,
    ProtocolMatch,
    SelectPool,
    Site,
    Translation,
    View,
    VirtualService,
    port_metadata,
    servers_of,
    site,
)
from ako.plugins.loadbalancer.protocols import PROTOCOLS


class _NamedPort(Struct, frozen=True):
    """A claimed port, and what its pool and rule are called by: its number, with the protocol where that is needed."""

    port: ClaimedPort
    text: str

    @property
    def protocol(self) -> str:
        return self.port.backend.protocol


def translate_service(claim: PortClaim, view: View) -> Translation:
    """Translate a port claim; its pools stay when they have no servers."""
    here = view.ask(site)
    service = claim.source.namespaced_name
    name = here.names.service(service)
    metadata = port_metadata(service, claim.fqdns)
    ports = tuple(_named(claim.ports))
    pools = tuple(_pool(port, service, metadata, view) for port in ports)
    objects = (
        here.vsvip(name, claim.fqdns, claim.address),
        *pools,
        _policy_set(ports, service, here),
        _virtual_service(ports, name, metadata, here),
    )
    faults = dict.fromkeys(fault for port in ports for fault in servers_of(view, port.port.backend).faults)
    problems = tuple(Problem(claim.source, fault.reason, fault.message, fault.remedy) for fault in faults)
    return Translation(parent=OwnTree(name), objects=objects, problems=problems)


def _named(ports: tuple[ClaimedPort, ...]) -> Iterator[_NamedPort]:
    """Name ports by their number, as AKO does; of one number with several protocols only the first goes without."""
    order = list(PROTOCOLS)
    protocols: dict[int, list[str]] = {}
    for port in ports:
        protocols.setdefault(port.number, []).append(port.backend.protocol)
    for port in ports:
        protocol = port.backend.protocol
        is_plain = protocol == min(protocols[port.number], key=order.index)
        yield _NamedPort(port, str(port.number) if is_plain else f"{port.number}-{protocol}")


def _pool(named: _NamedPort, service: NamespacedName, metadata: str, view: View) -> Pool:
    here = view.ask(site)
    return Pool(
        name=here.names.service_pool(service, named.text),
        created_by=here.names.created_by,
        cloud_ref=here.cloud,
        vrf_ref=here.vrf,
        service_metadata=metadata,
        sni_enabled=False,
        health_monitor_refs=(AviRef("healthmonitor", PROTOCOLS[named.protocol].health_monitor),),
        placement_networks=here.placement_networks,
        servers=servers_of(view, named.port.backend).servers,
    )


def _policy_set(ports: tuple[_NamedPort, ...], service: NamespacedName, here: Site) -> L4PolicySet:
    rules = tuple(
        ConnectionRule(
            name=here.names.service_rule(service, named.text),
            index=index,
            match=ConnectionMatch(PortMatch((named.port.number,)), ProtocolMatch(PROTOCOLS[named.protocol].match)),
            action=ConnectionAction(SelectPool(AviRef("pool", here.names.service_pool(service, named.text)))),
        )
        for index, named in enumerate(ports)
    )
    return L4PolicySet(
        name=here.names.service(service),
        created_by=here.names.created_by,
        l4_connection_policy=ConnectionPolicy(rules),
    )


def _virtual_service(ports: tuple[_NamedPort, ...], name: str, metadata: str, here: Site) -> VirtualService:
    """Build the virtual service; ports of another protocol than its own bring a network profile of their own."""
    own = min((named.protocol for named in ports), key=list(PROTOCOLS).index)
    services = tuple(
        ListeningPort(
            named.port.number,
            override_network_profile_ref=UNSET if named.protocol == own else _network_profile(named.protocol),
        )
        for named in ports
    )
    return VirtualService(
        name=name,
        created_by=here.names.created_by,
        cloud_ref=here.cloud,
        vrf_context_ref=here.vrf,
        se_group_ref=here.se_group,
        application_profile_ref=AviRef("applicationprofile", "System-L4-Application"),
        network_profile_ref=_network_profile(own),
        vsvip_ref=AviRef("vsvip", name),
        services=services,
        enable_rhi=here.enables_rhi,
        l4_policies=(AttachedL4PolicySet(0, AviRef("l4policyset", name)),),
        remove_listening_port_on_vs_down=True,
        service_metadata=metadata,
    )


def _network_profile(protocol: str) -> AviRef:
    return AviRef("networkprofile", PROTOCOLS[protocol].network_profile)
