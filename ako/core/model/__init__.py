"""Avi objects as frozen records of the fields we own, and their names."""

from ako.core.model.base import AviObject, IpAddr, IpPrefix, KeyValues, family_of
from ako.core.model.certificate import (
    CA_CERTIFICATE,
    CaReference,
    CertificateText,
    PKIProfile,
    SSLKeyAndCertificate,
)
from ako.core.model.field_names import field_names
from ako.core.model.health_monitor import HealthMonitor, HttpMonitor, MonitorTls, TcpMonitor, UdpMonitor
from ako.core.model.http_policy_set import (
    HeaderMatch,
    HostMatch,
    HTTPPolicySet,
    PathMatch,
    PortMatch,
    RedirectAction,
    RequestMatch,
    RequestPolicy,
    RequestRule,
    SwitchingAction,
    in_order,
    rules_in,
)
from ako.core.model.l4 import (
    ConnectionAction,
    ConnectionMatch,
    ConnectionPolicy,
    ConnectionRule,
    L4PolicySet,
    ProtocolMatch,
    SelectPool,
)
from ako.core.model.network_security import ClientMatch, NetworkSecurityPolicy, SecurityMatch, SecurityRule
from ako.core.model.pool import PlacementNetwork, Pool, PoolGroup, PoolGroupMember, PoolServer
from ako.core.model.virtual_service import (
    CHILD,
    NORMAL,
    PARENT,
    AttachedDataScriptSet,
    AttachedL4PolicySet,
    AttachedPolicySet,
    DataScript,
    DataScriptSet,
    ListeningPort,
    VirtualService,
)
from ako.core.model.vrf import (
    CLUSTER_LABEL,
    ForeignObject,
    Label,
    ServiceEngineGroup,
    StaticRoute,
    VrfContext,
    group_of,
    static_route,
)
from ako.core.model.vsvip import MAX_DNS_NAMES, DnsInfo, IpamNetworkSubnet, Vip, VsVip

OWNED_TYPES: tuple[type[AviObject], ...] = (
    VsVip,
    SSLKeyAndCertificate,
    PKIProfile,
    Pool,
    PoolGroup,
    HTTPPolicySet,
    L4PolicySet,
    NetworkSecurityPolicy,
    DataScriptSet,
    VirtualService,
)
"""Every type we create, what is referenced before what refers to it."""

CREATABLE_TYPES: tuple[type[AviObject], ...] = (HealthMonitor,)
"""Every type that plugins may create beside: read only where one of them declares it."""

WRITTEN_TYPES = (*CREATABLE_TYPES, *OWNED_TYPES)
"""Every type of which there may be objects of ours, likewise in order."""

FOREIGN_TYPES: tuple[type[ForeignObject], ...] = (VrfContext, ServiceEngineGroup)
"""Every type of which only some entries are ours."""

__all__ = [
    "CA_CERTIFICATE",
    "CHILD",
    "CLUSTER_LABEL",
    "CREATABLE_TYPES",
    "FOREIGN_TYPES",
    "MAX_DNS_NAMES",
    "NORMAL",
    "OWNED_TYPES",
    "PARENT",
    "WRITTEN_TYPES",
    "AttachedDataScriptSet",
    "AttachedL4PolicySet",
    "AttachedPolicySet",
    "AviObject",
    "CaReference",
    "CertificateText",
    "ClientMatch",
    "ConnectionAction",
    "ConnectionMatch",
    "ConnectionPolicy",
    "ConnectionRule",
    "DataScript",
    "DataScriptSet",
    "DnsInfo",
    "ForeignObject",
    "HTTPPolicySet",
    "HeaderMatch",
    "HealthMonitor",
    "HostMatch",
    "HttpMonitor",
    "IpAddr",
    "IpPrefix",
    "IpamNetworkSubnet",
    "KeyValues",
    "L4PolicySet",
    "Label",
    "ListeningPort",
    "MonitorTls",
    "NetworkSecurityPolicy",
    "PKIProfile",
    "PathMatch",
    "PlacementNetwork",
    "Pool",
    "PoolGroup",
    "PoolGroupMember",
    "PoolServer",
    "PortMatch",
    "ProtocolMatch",
    "RedirectAction",
    "RequestMatch",
    "RequestPolicy",
    "RequestRule",
    "SSLKeyAndCertificate",
    "SecurityMatch",
    "SecurityRule",
    "SelectPool",
    "ServiceEngineGroup",
    "StaticRoute",
    "SwitchingAction",
    "TcpMonitor",
    "UdpMonitor",
    "Vip",
    "VirtualService",
    "VrfContext",
    "VsVip",
    "family_of",
    "field_names",
    "group_of",
    "in_order",
    "rules_in",
    "static_route",
]
