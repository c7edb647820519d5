"""Avi objects as frozen records of the fields we own, and their names."""

from ako.core.model.base import AviObject, IpAddr, IpPrefix, KeyValues
from ako.core.model.certificate import (
    CA_CERTIFICATE,
    CaReference,
    CertificateText,
    PKIProfile,
    SSLKeyAndCertificate,
)
from ako.core.model.http_policy_set import (
    HostMatch,
    HTTPPolicySet,
    PathMatch,
    PortMatch,
    RedirectAction,
    RequestMatch,
    RequestPolicy,
    RequestRule,
    SwitchingAction,
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

FOREIGN_TYPES: tuple[type[ForeignObject], ...] = (VrfContext, ServiceEngineGroup)
"""Every type of which only some entries are ours."""

__all__ = [
    "CA_CERTIFICATE",
    "CHILD",
    "CLUSTER_LABEL",
    "FOREIGN_TYPES",
    "MAX_DNS_NAMES",
    "NORMAL",
    "OWNED_TYPES",
    "PARENT",
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
    "HostMatch",
    "IpAddr",
    "IpPrefix",
    "IpamNetworkSubnet",
    "KeyValues",
    "L4PolicySet",
    "Label",
    "ListeningPort",
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
    "Vip",
    "VirtualService",
    "VrfContext",
    "VsVip",
    "group_of",
    "static_route",
]
