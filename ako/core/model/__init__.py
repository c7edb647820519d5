"""Avi objects as we own them: frozen, one file per family, fields under their Avi names."""

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
from ako.core.model.pool import PlacementNetwork, Pool, PoolGroup, PoolGroupMember, PoolServer
from ako.core.model.virtual_service import (
    CHILD,
    NORMAL,
    PARENT,
    AttachedDataScriptSet,
    AttachedPolicySet,
    DataScript,
    DataScriptSet,
    ListeningPort,
    VirtualService,
)
from ako.core.model.vsvip import DnsInfo, IpamNetworkSubnet, Vip, VsVip

OWNED_TYPES: tuple[type[AviObject], ...] = (
    VsVip,
    SSLKeyAndCertificate,
    PKIProfile,
    Pool,
    PoolGroup,
    HTTPPolicySet,
    DataScriptSet,
    VirtualService,
)
"""Every type we create, what is referenced before what refers to it."""

__all__ = [
    "CA_CERTIFICATE",
    "CHILD",
    "NORMAL",
    "OWNED_TYPES",
    "PARENT",
    "AttachedDataScriptSet",
    "AttachedPolicySet",
    "AviObject",
    "CaReference",
    "CertificateText",
    "DataScript",
    "DataScriptSet",
    "DnsInfo",
    "HTTPPolicySet",
    "HostMatch",
    "IpAddr",
    "IpPrefix",
    "IpamNetworkSubnet",
    "KeyValues",
    "ListeningPort",
    "PKIProfile",
    "PathMatch",
    "PlacementNetwork",
    "Pool",
    "PoolGroup",
    "PoolGroupMember",
    "PoolServer",
    "PortMatch",
    "RedirectAction",
    "RequestMatch",
    "RequestPolicy",
    "RequestRule",
    "SSLKeyAndCertificate",
    "SwitchingAction",
    "Vip",
    "VirtualService",
    "VsVip",
]
