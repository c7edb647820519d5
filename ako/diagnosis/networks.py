"""Whether pod networks are looked for where the cluster's network plugin writes them down. Pure.

Where they are not, static routes lead to networks that no pod is in, and nothing else tells: each object is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ako.core.base.wording import some_of
from ako.core.settings import Settings
from ako.diagnosis.finding import Finding, ok, warning
from ako.diagnosis.manifest import Json, at
from ako.plugins.clusterip_routes.pod_networks import OVN_ANNOTATION
from ako.plugins.clusterip_routes.records import BLOCK_AFFINITIES, CILIUM_NODES, HOST_SUBNETS

CHECK = "network plugin"
PLACES = {
    name: (declared.kind.group, declared.plural)
    for name, declared in (("calico", BLOCK_AFFINITIES), ("cilium", CILIUM_NODES), ("openshift", HOST_SUBNETS))
}
"""The network plugins that write down pod networks in objects of their own, and where."""

_OVN = "ovn-kubernetes"
_KEY = "AKOSettings.cniPlugin"


def network_plugin(
    settings: Settings, nodes: Iterable[Json], listed: Mapping[str, Iterable[Json]]
) -> Iterator[Finding]:
    """Say whether the setting fits what is there.

    Args:
        settings: in force.
        nodes: all Nodes.
        listed: by network plugin the objects at its place.
    """
    if not settings.programs_static_routes:
        yield ok(CHECK, "does not matter: no static routes to pods are wanted")
        return
    nodes, setting = list(nodes), settings.ako_settings.cni_plugin
    networks = {name: set(_networks(objects)) for name, objects in listed.items()}
    networks[_OVN] = {name for node in nodes for name in [at(node, "metadata", "annotations", OVN_ANNOTATION)] if name}
    found = sorted(name for name, theirs in networks.items() if theirs)
    of_nodes = set(_of_nodes(nodes))
    if setting in networks:
        if found and not networks[setting]:  # where there are none, each Node is told of
            text = f"{_KEY} is {setting}, and the cluster has networks of {' and '.join(found)} alone"
            yield warning(CHECK, text, _remedy(found))
            return
    elif strange := sorted(name for name in found if name == _OVN or networks[name] - of_nodes):
        # Some plugins leave it to Kubernetes which network a node gets, and write down the same.
        text = f"{_KEY} is {setting or 'empty'}, so that spec.podCIDRs of the Nodes count; {' and '.join(strange)} has"
        theirs = some_of(sorted(networks[strange[0]] - of_nodes))
        yield warning(CHECK, f"{text} others for their pods: {theirs}", _remedy(strange))
        return
    yield ok(CHECK, f"{_KEY} is {setting or 'empty: spec.podCIDRs of the nodes count'}, and nothing speaks against it")


def _remedy(found: list[str]) -> str:
    return f"Set {_KEY} to {' or '.join(found)}."


def _networks(objects: Iterable[Json]) -> Iterator[str]:
    """Give the networks in objects of any of the plugins."""
    for one in objects:
        cidrs = at(one, "spec", "ipam", "podCIDRs") or (at(one, "spec", "cidr"), one.get("subnet"))
        yield from (str(cidr) for cidr in cidrs if cidr)


def _of_nodes(nodes: Iterable[Json]) -> Iterator[str]:
    for node in nodes:
        yield from at(node, "spec", "podCIDRs") or filter(None, (at(node, "spec", "podCIDR"),))
