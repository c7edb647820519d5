"""The pod networks of a node: where each network plugin writes them down."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

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
        source = _SOURCES.get(view.input(SETTINGS).ako_settings.cni_plugin, _from_spec)
        found = source(node, view)
    return tuple(dict.fromkeys(found))


def _from_spec(node: RoutedNode, _: View) -> tuple[str, ...]:
    return node.spec.networks


def _from_calico(node: RoutedNode, view: View) -> tuple[str, ...]:
    return tuple(block.spec.cidr for block in view.list(BlockAffinity, "node", node.metadata.name))


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


_SOURCES: Mapping[str, Callable[[RoutedNode, View], tuple[str, ...]]] = {
    "calico": _from_calico,
    "openshift": _from_openshift,
    "ovn-kubernetes": _from_ovn,
    "cilium": _from_cilium,
}
"""By `cniPlugin`; every other plugin leaves the networks in the Node itself."""
