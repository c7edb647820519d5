"""AKO: keeps an Avi load balancer in line with what a Kubernetes or OpenShift cluster declares.

This module is the public interface for plugin authors, and nothing else; the plugins of this project use only it.
"""

from ako.core.certificates import misfit
from ako.core.claims import (
    Backend,
    BackendPort,
    Discovery,
    HostClaim,
    InlineCertificate,
    InsecurePolicy,
    PathRule,
    PathType,
    Placement,
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
from ako.core.model import PoolServer
from ako.core.outcome import HostOutcome, HostState, Outcome, SourceObject
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
from ako.core.site import CLOUD, SETTINGS, CloudFacts, Site, site
from ako.core.translation import Contribution, ParentTemplate, Translation

__all__ = [
    "CLOUD",
    "ENDPOINTS",
    "ENDPOINT_SLICES",
    "NODES",
    "SECRETS",
    "SERVICES",
    "SETTINGS",
    "AviRef",
    "Backend",
    "BackendPort",
    "CloudFacts",
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
    "LabelledMetadata",
    "Metadata",
    "NamespacedName",
    "Node",
    "ObjectRef",
    "Outcome",
    "ParentTemplate",
    "PathRule",
    "PathType",
    "Placement",
    "PoolServer",
    "Problem",
    "Secret",
    "ServedRule",
    "Service",
    "ServicePort",
    "Site",
    "SourceObject",
    "Termination",
    "Tls",
    "Translation",
    "Unknown",
    "View",
    "VirtualHost",
    "WantedPorts",
    "WatchedKind",
    "hookimpl",
    "misfit",
    "site",
    "wanted_ports",
]
