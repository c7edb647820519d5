"""Virtual services and the DataScripts attached to them."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType, field

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject

PARENT = "VS_TYPE_VH_PARENT"
"""Type of a virtual service on which children hang, by the name that a client asks for (SNI)."""
CHILD = "VS_TYPE_VH_CHILD"
"""Type of such a child."""
NORMAL = "VS_TYPE_NORMAL"
"""Type of a virtual service by itself."""
ENHANCED = "VS_TYPE_VH_ENHANCED"


class ListeningPort(Struct, frozen=True):
    """A port that a virtual service listens on.

    Attributes:
        port: number of the port.
        enable_ssl: TLS is spoken there.
        override_network_profile_ref: of this port, where it is another than that of the virtual service.
    """

    port: int
    enable_ssl: bool = False
    override_network_profile_ref: AviRef | UnsetType = UNSET


class AttachedPolicySet(Struct, frozen=True):
    """An HTTP policy set on a virtual service.

    Attributes:
        index: sets are evaluated by it, the lowest first; ours have 3 to 11.
        http_policy_set_ref: the policy set.
    """

    index: int
    http_policy_set_ref: AviRef


class AttachedDataScriptSet(Struct, frozen=True):
    """A DataScript set on a virtual service.

    Attributes:
        index: sets run by it, the lowest first.
        vs_datascript_set_ref: the DataScript set.
    """

    index: int
    vs_datascript_set_ref: AviRef


class AttachedL4PolicySet(Struct, frozen=True):
    """An L4 policy set on a virtual service.

    Attributes:
        index: sets are evaluated by it, the lowest first.
        l4_policy_set_ref: the policy set.
    """

    index: int
    l4_policy_set_ref: AviRef


class VirtualService(AviObject, frozen=True, kw_only=True):
    """What listens: a shared parent, an SNI child, or a virtual service of its own.

    Attributes:
        created_by: our mark, `site.names.created_by`.
        vs_type: `PARENT`, `CHILD` or `NORMAL`.
        vh_type: read and never written: by anything else than SNI children are found as this program does not do it.
        cloud_ref: `site.cloud`.
        vrf_context_ref: `site.vrf`.
        se_group_ref: `site.se_group`.
        application_profile_ref: such as `System-HTTP`.
        network_profile_ref: such as `System-TCP-Proxy`.
        vsvip_ref: its addresses and names; a child has those of its parent.
        services: the ports that it listens on; a child has those of its parent.
        enable_rhi: its address is announced by BGP.
        vs_datascripts: its scripts.
        http_policies: its policy sets for requests.
        l4_policies: its policy sets for connections.
        network_security_policy_ref: which clients are let in; None: all.
        vh_parent_vs_ref: of a child: its parent.
        vh_domain_name: of a child: the hosts that it is for.
        ssl_key_and_certificate_refs: what it presents.
        remove_listening_port_on_vs_down: no connection is taken while it is down.
        service_metadata: whose it is, as `child_metadata` or `port_metadata` write it.
        enabled: it is there for clients.
        description: for people.
        traffic_enabled: it takes traffic, where it is enabled.
        waf_policy_ref: the rules of the web application firewall.
        ssl_profile_ref: versions and ciphers of TLS.
        analytics_profile_ref: what is measured, and what counts as good.
        error_page_profile_ref: what clients see of errors.
        security_policy_ref: what is done against floods.
        icap_request_profile_refs: who looks at the bodies of requests.
        sso_policy_ref: how clients log in.
        bot_policy_ref: what becomes of bots.
        traffic_clone_profile_ref: where a copy of the traffic goes.
        server_network_profile_ref: how servers are spoken to, where it is otherwise than clients.
        max_cps_per_client: how many connections a client may open, in a second; 0: any number.
        limit_doser: a client that attacks is slowed down.
        min_pools_up: with how many pools it is up.
        weight: its share of the bandwidth of an engine, 1 to 128.
        close_client_conn_on_config_update: connections end when it is changed.
        allow_invalid_client_cert: clients may present a certificate that is none.
        host_name_xlate: what servers find in the Host header.
        ign_pool_net_reach: it is placed without regard to the networks of its pools.
        ssl_sess_cache_avg_size: bytes that a session of TLS is reckoned with.
        use_vip_as_snat: servers see its address as that of the client.
    """

    avi_type: ClassVar[str] = "virtualservice"
    created_from: ClassVar[frozenset[str]] = frozenset({"cloud_ref", "vrf_context_ref", "se_group_ref"})
    has_checksum: ClassVar[bool] = True
    lendable: ClassVar[frozenset[str]] = frozenset({"network_security_policy_ref"})

    created_by: str | None = None
    vs_type: str = field(name="type", default=NORMAL)
    vh_type: str | UnsetType = UNSET
    cloud_ref: AviRef | UnsetType = UNSET
    vrf_context_ref: AviRef | UnsetType = UNSET
    se_group_ref: AviRef | UnsetType = UNSET
    application_profile_ref: AviRef | UnsetType = UNSET
    network_profile_ref: AviRef | UnsetType = UNSET
    vsvip_ref: AviRef | UnsetType = UNSET
    services: tuple[ListeningPort, ...] | UnsetType = UNSET
    enable_rhi: bool | UnsetType = UNSET
    vs_datascripts: tuple[AttachedDataScriptSet, ...] | UnsetType = UNSET
    http_policies: tuple[AttachedPolicySet, ...] | UnsetType = UNSET
    l4_policies: tuple[AttachedL4PolicySet, ...] | UnsetType = UNSET
    network_security_policy_ref: AviRef | UnsetType | None = UNSET
    vh_parent_vs_ref: AviRef | UnsetType = UNSET
    vh_domain_name: tuple[str, ...] | UnsetType = UNSET
    ssl_key_and_certificate_refs: tuple[AviRef, ...] | UnsetType = UNSET
    remove_listening_port_on_vs_down: bool | UnsetType = UNSET
    service_metadata: str | None = None

    enabled: bool | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    traffic_enabled: bool | UnsetType | None = UNSET
    waf_policy_ref: AviRef | UnsetType | None = UNSET
    ssl_profile_ref: AviRef | UnsetType | None = UNSET
    analytics_profile_ref: AviRef | UnsetType | None = UNSET
    error_page_profile_ref: AviRef | UnsetType | None = UNSET
    security_policy_ref: AviRef | UnsetType | None = UNSET
    icap_request_profile_refs: tuple[AviRef, ...] | UnsetType | None = UNSET
    sso_policy_ref: AviRef | UnsetType | None = UNSET
    bot_policy_ref: AviRef | UnsetType | None = UNSET
    traffic_clone_profile_ref: AviRef | UnsetType | None = UNSET
    server_network_profile_ref: AviRef | UnsetType | None = UNSET
    max_cps_per_client: int | UnsetType | None = UNSET
    limit_doser: bool | UnsetType | None = UNSET
    min_pools_up: int | UnsetType | None = UNSET
    weight: int | UnsetType | None = UNSET
    close_client_conn_on_config_update: bool | UnsetType | None = UNSET
    allow_invalid_client_cert: bool | UnsetType | None = UNSET
    host_name_xlate: str | UnsetType | None = UNSET
    ign_pool_net_reach: bool | UnsetType | None = UNSET
    ssl_sess_cache_avg_size: int | UnsetType | None = UNSET
    use_vip_as_snat: bool | UnsetType | None = UNSET

    @property
    def guard(self) -> AviRef | None:
        """Give the policy that keeps clients out; None if there is none."""
        return self.network_security_policy_ref or None

    @property
    def policy_sets(self) -> frozenset[AviRef]:
        """Give the policy sets with the rules of its requests."""
        return frozenset(attached.http_policy_set_ref for attached in self.http_policies or ())

    @property
    def connection_rules(self) -> tuple[AviRef, ...]:
        """Give the policy sets with the rules of its connections."""
        return tuple(attached.l4_policy_set_ref for attached in self.l4_policies or ())


class DataScript(Struct, frozen=True):
    """A script and the event that runs it.

    Attributes:
        evt: such as `VS_DATASCRIPT_EVT_HTTP_REQ`.
        script: Lua.
    """

    evt: str
    script: str


class DataScriptSet(AviObject, frozen=True, kw_only=True):
    """Scripts, and what they may name.

    Attributes:
        created_by: our mark, `site.names.created_by`.
        datascript: the scripts.
        pool_group_refs: pool groups that they may select.
        protocol_parser_refs: parsers that they may require.
    """

    avi_type: ClassVar[str] = "vsdatascriptset"

    created_by: str | None = None
    datascript: tuple[DataScript, ...] = ()
    pool_group_refs: tuple[AviRef, ...] = ()
    protocol_parser_refs: tuple[AviRef, ...] = ()
