"""The pod networks of a node: where each network plugin writes them down."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from ako import SETTINGS, View
from ako.plugins.clusterip_routes.records import BlockAffinity, CiliumNode, HostSubnet, RoutedNode

ANNOTATION = "ako.vmware.com/pod-cidrs"
OVN_ANNOTATION = "k8s.ovn.org/node-subnets"


def pod_networks(node: RoutedNode, view: View) -> tuple[str, ...]:
    """Give the pod networks of a node as written, each once; the annotation of our own wins over every other place."""
    given = node.metadata.annotation(ANNOTATION)
    if given:
        found = tuple(part.strip() for part in given.split(",") if part.strip())
    else:
        found = _source(view).read(node, view)
    return tuple(dict.fromkeys(found))


def _from_spec(node: RoutedNode, _: View) -> tuple[str, ...]:
    return node.spec.networks


def _from_calico(node: RoutedNode, view: View) -> tuple[str, ...]:
    """Read the blocks that are the node's: confirmed ones, and those that it gives up as long as no other has them."""
    blocks = (block.spec for block in view.list(BlockAffinity, "node", node.metadata.name))
    return tuple(
        spec.cidr
        for spec in blocks
        if spec.is_confirmed or (spec.is_leaving and not _is_confirmed_for_any(spec.cidr, view))
    )


def _is_confirmed_for_any(cidr: str, view: View) -> bool:
    return any(block.spec.is_confirmed for block in view.list(BlockAffinity, "cidr", cidr))


def _from_openshift(node: RoutedNode, view: View) -> tuple[str, ...]:
    return tuple(subnet.subnet for subnet in view.list(HostSubnet, "node", node.metadata.name))


def _from_cilium(node: RoutedNode, view: View) -> tuple[str, ...]:
    found = view.get(CiliumNode, "", node.metadata.name)
    return (found.spec.ipam.pod_cidrs if found else None) or ()


def _from_ovn(node: RoutedNode, _: View) -> tuple[str, ...]:
    """Read `{"default": "10.128.0.0/23"}`, or a list of networks under that key; what is not that is no network."""
    text = node.metadata.annotation(OVN_ANNOTATION) or "{}"
    try:
        subnets = msgspec.json.decode(text, type=dict[str, str | tuple[str, ...]])
    except msgspec.MsgspecError:
        return (text,)
    default = subnets.get("default", ())
    return (default,) if isinstance(default, str) else default


class _Source(Struct, frozen=True):
    """Where a network plugin writes pod networks down, in words, and how they are read."""

    place: str
    read: Callable[[RoutedNode, View], tuple[str, ...]]


_SOURCES: Mapping[str, _Source] = {
    "calico": _Source("the BlockAffinity objects (crd.projectcalico.org) of the node", _from_calico),
    "openshift": _Source("the HostSubnet of the node", _from_openshift),
    "ovn-kubernetes": _Source(f"the annotation {OVN_ANNOTATION} of the node", _from_ovn),
    "cilium": _Source("the CiliumNode of the node", _from_cilium),
}
_SPEC = _Source("spec.podCIDRs of the node", _from_spec)


def _source(view: View) -> _Source:
    return _SOURCES.get(view.input(SETTINGS).ako_settings.cni_plugin, _SPEC)


def place_of_pod_networks(view: View) -> str:
    """Say where pod networks are looked for."""
    return _source(view).place
