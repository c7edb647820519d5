"""AKO: keeps an Avi load balancer in line with what a Kubernetes or OpenShift cluster declares.

This module is the public interface for plugin authors, and nothing else; the plugins of this project use only it.
"""

from ako.core.balancer_status import BalancerStatusRecord, balancer_status
from ako.core.certificates import misfit
from ako.core.claims import (
    Backend,
    BackendPort,
    ClaimedPort,
    Discovery,
    HostClaim,
    InlineCertificate,
    InsecurePolicy,
    PathRule,
    PathType,
    Placement,
    PortClaim,
    Problem,
    ServedRule,
    Termination,
    Tls,
    VirtualHost,
)
from ako.core.engine import View
from ako.core.hookspecs import hookimpl
from ako.core.kinds import WatchedKind
from ako.core.memo import Input, Unknown
from ako.core.model import (
    AttachedL4PolicySet,
    ConnectionAction,
    ConnectionMatch,
    ConnectionPolicy,
    ConnectionRule,
    L4PolicySet,
    ListeningPort,
    Pool,
    PoolServer,
    PortMatch,
    ProtocolMatch,
    SelectPool,
    VirtualService,
)
from ako.core.naming import MAX_NAME_BYTES
from ako.core.outcome import HostOutcome, HostState, Outcome, SourceObject
from ako.core.placement import servers_of
from ako.core.records import (
    ENDPOINT_SLICES,
    ENDPOINTS,
    NODES,
    SECRETS,
    SERVICES,
    EndpointPort,
    Endpoints,
    EndpointSlice,
    LabelledMetadata,
    Metadata,
    Node,
    Secret,
    Service,
    ServicePort,
)
from ako.core.refs import AviRef, Kind, NamespacedName, ObjectRef
from ako.core.service_ports import WantedPorts, wanted_ports
from ako.core.settings import Section, Settings, setting
from ako.core.site import CLOUD, SETTINGS, CloudFacts, Site, site
from ako.core.translate.metadata import port_metadata
from ako.core.translation import Contribution, OwnTree, ParentTemplate, Translation

__all__ = [
    "CLOUD",
    "ENDPOINTS",
    "ENDPOINT_SLICES",
    "MAX_NAME_BYTES",
    "NODES",
    "SECRETS",
    "SERVICES",
    "SETTINGS",
    "AttachedL4PolicySet",
    "AviRef",
    "Backend",
    "BackendPort",
    "BalancerStatusRecord",
    "ClaimedPort",
    "CloudFacts",
    "ConnectionAction",
    "ConnectionMatch",
    "ConnectionPolicy",
    "ConnectionRule",
    "Contribution",
    "Discovery",
    "EndpointPort",
    "EndpointSlice",
    "Endpoints",
    "HostClaim",
    "HostOutcome",
    "HostState",
    "InlineCertificate",
    "Input",
    "InsecurePolicy",
    "Kind",
    "L4PolicySet",
    "LabelledMetadata",
    "ListeningPort",
    "Metadata",
    "NamespacedName",
    "Node",
    "ObjectRef",
    "Outcome",
    "OwnTree",
    "ParentTemplate",
    "PathRule",
    "PathType",
    "Placement",
    "Pool",
    "PoolServer",
    "PortClaim",
    "PortMatch",
    "Problem",
    "ProtocolMatch",
    "Secret",
    "Section",
    "SelectPool",
    "ServedRule",
    "Service",
    "ServicePort",
    "Settings",
    "Site",
    "SourceObject",
    "Termination",
    "Tls",
    "Translation",
    "Unknown",
    "View",
    "VirtualHost",
    "VirtualService",
    "WantedPorts",
    "WatchedKind",
    "balancer_status",
    "hookimpl",
    "misfit",
    "port_metadata",
    "servers_of",
    "setting",
    "site",
    "wanted_ports",
]
