"""Typed records of the Kubernetes kinds that more than one plugin reads.

Only the fields we use, so that an object whose used fields did not change wakes nothing.
The declarations at the end are what a plugin puts into its `ako_kinds()`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct, field

from ako.core.base.refs import Kind, NamespacedName
from ako.core.engine.kinds import WatchedKind

PortNumber = Annotated[int, Meta(ge=0, le=65_535)]
"""A port, or 0 for none; an API server refuses every other number, and so do records."""


class Metadata(Struct, frozen=True, kw_only=True, rename="camel"):
    """Name and age of an object.

    Attributes:
        name: of the object.
        namespace: empty for a cluster-scoped object.
        creation_timestamp: as the API server writes it (RFC 3339); None in a folder of manifests.
    """

    name: str
    namespace: str = ""
    creation_timestamp: str | None = None

    @property
    def created(self) -> str:
        """Give the creationTimestamp, empty if there is none (which counts as oldest)."""
        return self.creation_timestamp or ""


class LabelledMetadata(Metadata, frozen=True, kw_only=True, rename="camel"):
    """Metadata with labels and annotations, for kinds where these decide something.

    Attributes:
        labels: by key; None if there are none.
        annotations: by key; None if there are none.
    """

    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None

    def label(self, key: str) -> str | None:
        """Give the value of a label, None if it is not set."""
        return (self.labels or {}).get(key)

    def annotation(self, key: str) -> str | None:
        """Give the value of an annotation, None if it is not set."""
        return (self.annotations or {}).get(key)


class Labelled(Struct, frozen=True, kw_only=True):
    """An object as its metadata: what it is found by, also where the rest of it cannot be read."""

    metadata: LabelledMetadata


class ServicePort(Struct, frozen=True, kw_only=True, rename="camel"):
    """One port of a Service.

    Attributes:
        port: its number.
        name: None if it has none.
        protocol: `TCP`, `UDP` or `SCTP`.
        target_port: the number, or the name, of a container port; None if it is that of `port`.
        node_port: the number on every node; None if there is none.
    """

    port: Annotated[int, Meta(ge=1, le=65_535)]
    name: str | None = None
    protocol: str = "TCP"
    target_port: PortNumber | str | None = None
    node_port: PortNumber | None = None


class ServiceSpec(Struct, frozen=True, kw_only=True, rename="camel"):
    """The part of a Service's spec that placement reads.

    Attributes:
        type: `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
        ports: in the order written; None if there are none.
        external_traffic_policy: `Cluster`, or `Local` where only nodes with endpoints take traffic.
    """

    type: str = "ClusterIP"
    ports: tuple[ServicePort, ...] | None = None
    external_traffic_policy: str = "Cluster"


class Service(Struct, frozen=True, kw_only=True, rename="camel"):
    """A Service as backends use it.

    Attributes:
        metadata: its name and age.
        spec: what is read of it.
    """

    metadata: Metadata
    spec: ServiceSpec = ServiceSpec()

    @property
    def ports(self) -> tuple[ServicePort, ...]:
        """Give the ports, in the order written."""
        return self.spec.ports or ()


class EndpointConditions(Struct, frozen=True, kw_only=True):
    """Whether an endpoint takes traffic; absent counts as ready, and as serving if it is ready (the API's rule).

    Attributes:
        ready: it takes traffic, and is not about to go.
        serving: it takes traffic.
        terminating: it is about to go.
    """

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class EndpointTarget(Struct, frozen=True, kw_only=True):
    """What is behind an endpoint, usually a Pod.

    Attributes:
        uid: its uid; empty if that is not known.
        name: its name, in the namespace of the slice; empty if that is not known.
    """

    uid: str = ""
    name: str = ""


class Endpoint(Struct, frozen=True, kw_only=True, rename="camel"):
    """One endpoint of a slice.

    Attributes:
        addresses: those of one thing; the first is the one that counts.
        conditions: whether it takes traffic.
        node_name: the node that it is on; None if that is not known.
        target_ref: what it is.
    """

    addresses: tuple[str, ...]
    conditions: EndpointConditions = EndpointConditions()
    node_name: str | None = None
    target_ref: EndpointTarget | None = None

    @property
    def is_ready(self) -> bool:
        """Say whether it takes traffic."""
        return self.conditions.ready is not False

    @property
    def serves_while_terminating(self) -> bool:
        """Say whether it is about to go and answers until then."""
        serving = self.is_ready if self.conditions.serving is None else self.conditions.serving
        return bool(self.conditions.terminating and serving)

    @property
    def pod(self) -> str:
        """Give the uid of what is behind it, empty if that is not known."""
        return self.target_ref.uid if self.target_ref else ""


class EndpointPort(Struct, frozen=True, kw_only=True):
    """A port of an EndpointSlice or of an Endpoints subset.

    Attributes:
        name: that of the port of the Service; None if that has none.
        port: its number; None for all of them.
        protocol: `TCP`, `UDP` or `SCTP`.
    """

    name: str | None = None
    port: PortNumber | None = None
    protocol: str = "TCP"


class EndpointSlice(Struct, frozen=True, kw_only=True, rename="camel"):
    """Endpoints of a Service (`discovery.k8s.io/v1`).

    Attributes:
        metadata: the label `kubernetes.io/service-name` says whose they are; `view.list(EndpointSlice, "service",
            NamespacedName(…))` finds all of one Service.
        address_type: `IPv4`, `IPv6` or `FQDN`.
        endpoints: None if there are none.
        ports: that all of them have.
    """

    metadata: LabelledMetadata
    address_type: str = "IPv4"
    endpoints: tuple[Endpoint, ...] | None = None
    ports: tuple[EndpointPort, ...] | None = None


class EndpointAddress(Struct, frozen=True, kw_only=True, rename="camel"):
    """One ready address of an Endpoints subset.

    Attributes:
        ip: the address.
        node_name: the node that it is on; None if that is not known.
    """

    ip: str
    node_name: str | None = None


class EndpointSubset(Struct, frozen=True, kw_only=True):
    """Addresses that share ports.

    Attributes:
        addresses: the ready ones; None if there are none.
        ports: that all of them have.
    """

    addresses: tuple[EndpointAddress, ...] | None = None
    ports: tuple[EndpointPort, ...] | None = None


class Endpoints(Struct, frozen=True, kw_only=True):
    """The older form of a Service's endpoints, read where there are no slices.

    Attributes:
        metadata: they are called like the Service.
        subsets: None if there are none.
    """

    metadata: Metadata
    subsets: tuple[EndpointSubset, ...] | None = None


@lru_cache(maxsize=65_536)
def is_address(text: str) -> bool:
    """Say whether a text is an IP address, of no zone: what that means is known to one node alone."""
    if "%" in text:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class NodeAddress(Struct, frozen=True, kw_only=True):
    """One address of a Node; of each IP family the first of type InternalIP counts.

    Attributes:
        type: such as `InternalIP`.
        address: an IP address, or a name.
    """

    type: str
    address: str


class NodeStatus(Struct, frozen=True, kw_only=True):
    """The part of a Node's status that says where it is reached; its conditions decide nothing.

    Attributes:
        addresses: in the order written; None if there are none.
    """

    addresses: tuple[NodeAddress, ...] | None = None


class Node(Struct, frozen=True, kw_only=True):
    """A Node: its labels and addresses.

    Attributes:
        metadata: its name and labels.
        status: its addresses.
    """

    metadata: LabelledMetadata
    status: NodeStatus = NodeStatus()

    @property
    def internal_addresses(self) -> tuple[str, ...]:
        """Give the addresses of type InternalIP, in the order written: that of the primary IP family first.

        The API takes any text for an address; what is none leads nowhere and is left out.
        """
        listed = (entry.address for entry in self.status.addresses or () if entry.type == "InternalIP")
        return tuple(address for address in listed if is_address(address))


class Namespace(Struct, frozen=True, kw_only=True):
    """A Namespace: its labels and annotations."""

    metadata: LabelledMetadata


class SecretData(Struct, frozen=True, kw_only=True):
    """The TLS entries of a Secret.

    Attributes:
        certificate: PEM text, in base64 below `data`; None if there is none.
        key: likewise; in no message and no `repr`.
    """

    certificate: str | None = field(name="tls.crt", default=None)
    key: str | None = field(name="tls.key", default=None)

    def __repr__(self) -> str:
        return "SecretData(***)"


class Secret(Struct, frozen=True, kw_only=True, rename="camel"):
    """A Secret that may hold a certificate and its key.

    Attributes:
        metadata: its name.
        data: in base64, as the API server has it.
        string_data: as it is written in manifests, which counts where both are given.
    """

    metadata: Metadata
    data: SecretData | None = None
    string_data: SecretData | None = None


def _service_of_slice(record: EndpointSlice | Labelled) -> Iterator[NamespacedName]:
    service = record.metadata.label("kubernetes.io/service-name")
    if service:
        yield NamespacedName(record.metadata.namespace, service)


def _selectors_of_node(record: Node | Labelled) -> Iterator[str]:
    yield ""
    yield from (f"{key}={value}" for key, value in (record.metadata.labels or {}).items())


SERVICES = WatchedKind(kind=Kind("", "v1", "Service"), plural="services", record=Service)
"""Services as placement reads them; one that reads more of them declares a record of its own beside it."""
ENDPOINT_SLICES = WatchedKind(
    kind=Kind("discovery.k8s.io", "v1", "EndpointSlice"),
    plural="endpointslices",
    record=EndpointSlice,
    indexes={"service": _service_of_slice},
    outline=Labelled,
    is_optional=True,
)
"""EndpointSlices; the index `service` files them under the `NamespacedName` of their Service."""
ENDPOINTS = WatchedKind(
    kind=Kind("", "v1", "Endpoints"), plural="endpoints", record=Endpoints, stands_in_for=ENDPOINT_SLICES.kind
)
"""Endpoints, which are watched only where the API server serves no EndpointSlices."""
NODES = WatchedKind(
    kind=Kind("", "v1", "Node"),
    plural="nodes",
    record=Node,
    namespaced=False,
    indexes={"selector": _selectors_of_node},
    outline=Labelled,
)
"""Nodes; the index `selector` files all of them under the empty text, and each under `<key>=<value>` of its labels."""
NAMESPACES = WatchedKind(kind=Kind("", "v1", "Namespace"), plural="namespaces", record=Namespace, namespaced=False)
"""Namespaces; they are watched whenever a source kind is namespaced, whether a plugin declares them or not."""
SECRETS = WatchedKind(
    kind=Kind("", "v1", "Secret"), plural="secrets", record=Secret, field_selector="type!=helm.sh/release.v1"
)
"""Secrets, of which only the TLS entries are kept; without those of Helm releases, which are many, large and no TLS."""
