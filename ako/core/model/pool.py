"""Pools and pool groups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject, IpAddr, IpPrefix, bearing, in_fields, references_in


class PoolServer(Struct, frozen=True, gc=False):
    """One member of a pool.

    Attributes:
        ip: its address.
        port: its port.
        server_node: the name of the node it runs on, where that is known.
    """

    ip: IpAddr
    port: int
    server_node: str | UnsetType = UNSET

    @classmethod
    def at(cls, address: str, port: int, node: str = "") -> PoolServer:
        """Give the server at an address, written as text."""
        return cls(IpAddr.of(address), port, node or UNSET)


class PlacementNetwork(Struct, frozen=True):
    """A network through which the servers of a pool are reached.

    Attributes:
        network_ref: the network.
        subnet: the part of it that they are in.
    """

    network_ref: AviRef
    subnet: IpPrefix


class Pool(AviObject, frozen=True, kw_only=True):
    """Servers that share a port, a health monitor and a way of speaking TLS.

    Attributes:
        created_by: our mark, `site.names.created_by`.
        cloud_ref: `site.cloud`.
        vrf_ref: `site.vrf`.
        service_metadata: whose it is, as `pool_metadata` or `port_metadata` write it.
        sni_enabled: servers are told the name of the host by TLS (SNI).
        ssl_profile_ref: how servers are spoken to over TLS; None: they are not.
        pki_profile_ref: what the certificates of servers are verified against; None: nothing.
        application_persistence_profile_ref: how a client gets to the server it had; None: it need not.
        health_monitor_refs: how servers are asked whether they serve.
        placement_networks: `site.placement_networks`.
        servers: the members, each address and port once.
        enabled: requests are sent to it.
        description: for people.
        lb_algorithm: such as `LB_ALGORITHM_ROUND_ROBIN`.
        lb_algorithm_hash: what `LB_ALGORITHM_CONSISTENT_HASH` goes by.
        lb_algorithm_consistent_hash_hdr: the header, where it goes by one.
        default_server_port: the port of servers without one.
        server_timeout: how long a server may take to answer, in milliseconds.
        connection_ramp_duration: over how long a new server gets its share, in minutes.
        graceful_disable_timeout: how long a server that is to go keeps its connections, in minutes.
        min_servers_up: with how many servers it is up.
        min_health_monitors_up: by how many of its monitors a server is up.
        inline_health_monitor: a server is judged by its answers to clients too.
        max_concurrent_connections_per_server: how many connections a server gets at once; 0: any number.
        request_queue_enabled: requests wait where every server has as many connections as it may have.
        request_queue_depth: how many of them.
        enable_http2: servers are spoken to by HTTP/2.
        rewrite_host_header_to_server_name: the Host header says the name of the server.
        rewrite_host_header_to_sni: the Host header says what SNI does.
        server_name: what is told by SNI; unset: the Host header.
        host_check_enabled: the certificate of a server has to be for one of `domain_name`.
        domain_name: names that certificates of servers are for.
        ssl_key_and_certificate_ref: what is presented to servers that ask for it.
        analytics_profile_ref: what is measured, and what counts as good.
    """

    avi_type: ClassVar[str] = "pool"
    created_from: ClassVar[frozenset[str]] = frozenset({"cloud_ref", "vrf_ref"})
    has_checksum: ClassVar[bool] = True
    lendable: ClassVar[frozenset[str]] = frozenset({"application_persistence_profile_ref"})

    created_by: str | None = None
    cloud_ref: AviRef | UnsetType = UNSET
    vrf_ref: AviRef | UnsetType = UNSET
    service_metadata: str | None = None
    sni_enabled: bool = True
    ssl_profile_ref: AviRef | None = None
    pki_profile_ref: AviRef | None = None
    application_persistence_profile_ref: AviRef | UnsetType | None = UNSET
    health_monitor_refs: tuple[AviRef, ...] = ()
    placement_networks: tuple[PlacementNetwork, ...] = ()
    servers: tuple[PoolServer, ...] = ()

    enabled: bool | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    lb_algorithm: str | UnsetType | None = UNSET
    lb_algorithm_hash: str | UnsetType | None = UNSET
    lb_algorithm_consistent_hash_hdr: str | UnsetType | None = UNSET
    default_server_port: int | UnsetType | None = UNSET
    server_timeout: int | UnsetType | None = UNSET
    connection_ramp_duration: int | UnsetType | None = UNSET
    graceful_disable_timeout: int | UnsetType | None = UNSET
    min_servers_up: int | UnsetType | None = UNSET
    min_health_monitors_up: int | UnsetType | None = UNSET
    inline_health_monitor: bool | UnsetType | None = UNSET
    max_concurrent_connections_per_server: int | UnsetType | None = UNSET
    request_queue_enabled: bool | UnsetType | None = UNSET
    request_queue_depth: int | UnsetType | None = UNSET
    enable_http2: bool | UnsetType | None = UNSET
    rewrite_host_header_to_server_name: bool | UnsetType | None = UNSET
    rewrite_host_header_to_sni: bool | UnsetType | None = UNSET
    server_name: str | UnsetType | None = UNSET
    host_check_enabled: bool | UnsetType | None = UNSET
    domain_name: tuple[str, ...] | UnsetType | None = UNSET
    ssl_key_and_certificate_ref: AviRef | UnsetType | None = UNSET
    analytics_profile_ref: AviRef | UnsetType | None = UNSET

    def references(self) -> Iterator[AviRef]:
        """Give every reference; there is none in a server, of which there may be thousands."""
        return in_fields(self, _beside_servers())

    def sharing(self, known: dict[object, Any]) -> Pool:
        """Give an equal pool whose servers hold addresses and ports that pools read before hold too.

        Behind node ports every pool names every node: kept apart, 2,000 pools of 1,000 nodes take 400 MiB more.
        """
        servers = (
            PoolServer(known.setdefault(s.ip, s.ip), known.setdefault(s.port, s.port), s.server_node)
            for s in self.servers
        )
        return replace(self, servers=tuple(servers))


@cache
def _beside_servers() -> tuple[str, ...]:
    return tuple(field for field in bearing(Pool) if field != "servers")


class PoolGroupMember(Struct, frozen=True):
    """A pool in a group.

    Attributes:
        pool_ref: the pool.
        priority_label: which requests it takes: of a shared virtual service the beginning of host and path; else
            unset.
        ratio: its share, 0 to 1000.
    """

    pool_ref: AviRef
    priority_label: str | UnsetType = UNSET
    ratio: int = 1


class PoolGroup(AviObject, frozen=True, kw_only=True):
    """Pools that share the traffic of a path, or that are chosen by their label.

    Attributes:
        created_by: our mark, `site.names.created_by`.
        cloud_ref: `site.cloud`.
        implicit_priority_labels: labels are compared with texts that a script gives.
        members: its pools.
    """

    avi_type: ClassVar[str] = "poolgroup"
    created_from: ClassVar[frozenset[str]] = frozenset({"cloud_ref"})
    has_checksum: ClassVar[bool] = True

    created_by: str | None = None
    cloud_ref: AviRef | UnsetType = UNSET
    implicit_priority_labels: bool = False
    members: tuple[PoolGroupMember, ...] = ()

    def references(self) -> Iterator[AviRef]:
        """Give cloud, pools and what plugins add; hundreds of members may have no other reference in them."""
        if isinstance(self.cloud_ref, AviRef):
            yield self.cloud_ref
        yield from (member.pool_ref for member in self.members)
        yield from references_in(self.extra)
