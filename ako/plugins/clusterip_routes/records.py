"""What the static routes are made from: nodes, and the objects in which network plugins keep the networks of pods."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from ako import NODES, Kind, Metadata, Node, WatchedKind


class RoutedNodeSpec(Struct, frozen=True, kw_only=True):
    """The pod networks of a node, as the node controller allocates them."""

    pod_cidr: str | None = field(name="podCIDR", default=None)
    pod_cidrs: tuple[str, ...] | None = field(name="podCIDRs", default=None)

    @property
    def networks(self) -> tuple[str, ...]:
        """Give them all; the newer field holds the older one's value too."""
        return self.pod_cidrs or ((self.pod_cidr,) if self.pod_cidr else ())


class RoutedNode(Node, frozen=True, kw_only=True):
    """A node with its pod networks; a source object only to be told what is wrong with it."""

    spec: RoutedNodeSpec = RoutedNodeSpec()


class BlockAffinitySpec(Struct, frozen=True, kw_only=True):
    """A block of pod addresses and the node it belongs to; `deleted` is a text in Calico's API."""

    node: str = ""
    cidr: str = ""
    deleted: str = ""
    state: str = ""

    @property
    def is_confirmed(self) -> bool:
        """Say whether the block is the node's; without a state it is, as older versions write none."""
        return self.state in {"", "confirmed"}

    @property
    def is_leaving(self) -> bool:
        """Say whether the node is about to give the block up; until somebody else has it, its pods are there."""
        return self.state == "pendingDeletion"


class BlockAffinity(Struct, frozen=True, kw_only=True):
    """Calico's record of a block; a node has any number of them."""

    metadata: Metadata
    spec: BlockAffinitySpec = BlockAffinitySpec()


class HostSubnet(Struct, frozen=True, kw_only=True):
    """OpenShift SDN's record of the pod network of a node."""

    metadata: Metadata
    host: str = ""
    subnet: str = ""


class CiliumIpam(Struct, frozen=True, kw_only=True):
    """The pod networks of a node, as Cilium allocates them."""

    pod_cidrs: tuple[str, ...] | None = field(name="podCIDRs", default=None)


class CiliumNodeSpec(Struct, frozen=True, kw_only=True):
    """The part of a CiliumNode that holds addresses."""

    ipam: CiliumIpam = CiliumIpam()


class CiliumNode(Struct, frozen=True, kw_only=True):
    """Cilium's record of a node, of the same name."""

    metadata: Metadata
    spec: CiliumNodeSpec = CiliumNodeSpec()


def _all_nodes(_: RoutedNode) -> Iterator[str]:
    yield ""


def _node_of_block(record: BlockAffinity) -> Iterator[str]:
    if record.spec.deleted.lower() != "true":
        yield record.spec.node


def _cidr_of_block(record: BlockAffinity) -> Iterator[str]:
    if record.spec.deleted.lower() != "true":
        yield record.spec.cidr


def _node_of_subnet(record: HostSubnet) -> Iterator[str]:
    yield record.host


ROUTED_NODES = WatchedKind(
    kind=NODES.kind,
    plural=NODES.plural,
    record=RoutedNode,
    namespaced=False,
    is_source=True,
    indexes={"all": _all_nodes},
)
BLOCK_AFFINITIES = WatchedKind(
    kind=Kind("crd.projectcalico.org", "v1", "BlockAffinity"),
    plural="blockaffinities",
    record=BlockAffinity,
    namespaced=False,
    is_optional=True,
    indexes={"node": _node_of_block, "cidr": _cidr_of_block},
)
HOST_SUBNETS = WatchedKind(
    kind=Kind("network.openshift.io", "v1", "HostSubnet"),
    plural="hostsubnets",
    record=HostSubnet,
    namespaced=False,
    is_optional=True,
    indexes={"node": _node_of_subnet},
)
CILIUM_NODES = WatchedKind(
    kind=Kind("cilium.io", "v2", "CiliumNode"),
    plural="ciliumnodes",
    record=CiliumNode,
    namespaced=False,
    is_optional=True,
)
