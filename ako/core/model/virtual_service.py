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
    """A port that a virtual service listens on."""

    port: int
    enable_ssl: bool = False
    override_network_profile_ref: AviRef | UnsetType = UNSET


class AttachedPolicySet(Struct, frozen=True):
    """An HTTP policy set on a virtual service; sets are evaluated by index."""

    index: int
    http_policy_set_ref: AviRef


class AttachedDataScriptSet(Struct, frozen=True):
    """A DataScript set on a virtual service."""

    index: int
    vs_datascript_set_ref: AviRef


class AttachedL4PolicySet(Struct, frozen=True):
    """An L4 policy set on a virtual service."""

    index: int
    l4_policy_set_ref: AviRef


class VirtualService(AviObject, frozen=True, kw_only=True):
    """What listens: a shared parent, an SNI child, or a virtual service of its own.

    `vh_type` is read and never written: by anything else than SNI children are found as this program does not do it.
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
    """A script and the event that runs it."""

    evt: str
    script: str


class DataScriptSet(AviObject, frozen=True, kw_only=True):
    """Scripts, and the pool groups and protocol parsers they may name."""

    avi_type: ClassVar[str] = "vsdatascriptset"

    created_by: str | None = None
    datascript: tuple[DataScript, ...] = ()
    pool_group_refs: tuple[AviRef, ...] = ()
    protocol_parser_refs: tuple[AviRef, ...] = ()
