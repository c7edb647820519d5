"""A port claim → a tree of its own: virtual service, VsVip, policies, and a pool for each port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    NetworkSecurityPolicy,
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
from ako.plugins.loadbalancer.clients import security_policy
from ako.plugins.loadbalancer.protocols import PROTOCOLS

PERSISTENCE = AviRef("applicationpersistenceprofile", "System-Persistence-Client-IP")


class _NamedPort(Struct, frozen=True):
    """A port, the claim that has it, and what its pool and rule are called."""

    port: ClaimedPort
    claim: PortClaim
    name: str

    @property
    def protocol(self) -> str:
        return self.port.backend.protocol


def translate_service(claim: PortClaim, view: View) -> Translation:
    """Translate a port claim, one Service's or that of several on one address; pools stay when they have no servers."""
    here = view.ask(site)
    name = here.names.service(claim.named)
    ports = tuple(_named(claim, here))
    security = security_policy(claim, name, here)
    objects = (
        here.vsvip(name, claim.fqdns, claim.address),
        *(_pool(port, view) for port in ports),
        _policy_set(ports, name, here),
        *((security,) if security else ()),
        _virtual_service(ports, name, claim, security, here),
    )
    return Translation(parent=OwnTree(name), objects=objects, problems=tuple(_problems(ports, view)))


def _named(claim: PortClaim, here: Site) -> Iterator[_NamedPort]:
    for member in claim.claims:
        for port in member.ports:
            yield _NamedPort(port, member, here.names.service_pool(claim.named, port.backend.protocol, port.number))


def _problems(ports: Sequence[_NamedPort], view: View) -> Iterator[Problem]:
    """Give what is wrong with the servers of each Service, each once."""
    found = ((named.claim.source, fault) for named in ports for fault in servers_of(view, named.port.backend).faults)
    for source, fault in dict.fromkeys(found):
        yield Problem(source, fault.reason, fault.message, fault.remedy)


def _pool(named: _NamedPort, view: View) -> Pool:
    here = view.ask(site)
    return Pool(
        name=named.name,
        created_by=here.names.created_by,
        cloud_ref=here.cloud,
        vrf_ref=here.vrf,
        service_metadata=port_metadata(named.claim.source.namespaced_name, named.claim.fqdns),
        sni_enabled=False,
        application_persistence_profile_ref=PERSISTENCE if named.claim.keeps_client else None,
        health_monitor_refs=(AviRef("healthmonitor", PROTOCOLS[named.protocol].health_monitor),),
        placement_networks=here.placement_networks,
        servers=servers_of(view, named.port.backend).servers,
    )


def _policy_set(ports: Sequence[_NamedPort], name: str, here: Site) -> L4PolicySet:
    rules = tuple(
        ConnectionRule(
            name=named.name,
            index=index,
            match=ConnectionMatch(PortMatch((named.port.number,)), ProtocolMatch(PROTOCOLS[named.protocol].match)),
            action=ConnectionAction(SelectPool(AviRef("pool", named.name))),
        )
        for index, named in enumerate(ports)
    )
    return L4PolicySet(name=name, created_by=here.names.created_by, l4_connection_policy=ConnectionPolicy(rules))


def _virtual_service(
    ports: Sequence[_NamedPort], name: str, claim: PortClaim, security: NetworkSecurityPolicy | None, here: Site
) -> VirtualService:
    """Build the virtual service; ports of another protocol than its own bring a network profile of their own."""
    own = min((named.protocol for named in ports), key=list(PROTOCOLS).index)
    services = tuple(
        ListeningPort(
            named.port.number,
            override_network_profile_ref=UNSET if named.protocol == own else _network_profile(named.protocol),
        )
        for named in ports
    )
    owners = dict.fromkeys(named.claim.source.namespaced_name for named in ports)
    first, *others = owners
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
        network_security_policy_ref=security.ref if security else None,
        remove_listening_port_on_vs_down=True,
        service_metadata=port_metadata(first, claim.fqdns, *others),
    )


def _network_profile(protocol: str) -> AviRef:
    return AviRef("networkprofile", PROTOCOLS[protocol].network_profile)
