"""Which nodes are no servers of a backend; where each serves its own pods only, also which endpoints do not count."""

from __future__ import annotations

from collections.abc import Iterator

from ako import SETTINGS, Backend, LeftOut, NamespacedName, Node, View, left_out_endpoints
from ako.plugins.nodeport.place import Meant, local_nodes, meant_by, serving_nodes


def left_out_of_pool(backend: Backend, view: View) -> Iterator[LeftOut]:
    """Say why nodes are no servers."""
    meant = meant_by(backend, view)
    if meant.service is None or meant.port is None:
        return
    serving, settings = view.ask(serving_nodes), view.input(SETTINGS)
    selector, family = settings.node_port_selector, settings.ako_settings.ip_family
    local = local_nodes(meant.service, meant.port, view) if meant.is_local else serving.addresses.keys()
    for node in view.list(Node, "selector", ""):
        name = node.metadata.name
        if name in serving.without_address:
            why = f"it has no InternalIP of the IP family {family} (AKOSettings.ipFamily)."
            yield LeftOut(why, "See why the kubelet reports none.", node=name)
        elif name not in serving.addresses:
            why = f"it has not the label {selector.key}={selector.value}, which nodePortSelector asks for."
            yield LeftOut(why, "Label it so, or correct nodePortSelector.", node=name)
        elif name not in local:
            why = "externalTrafficPolicy of the Service is Local, and no endpoint on this node takes traffic."
            yield LeftOut(why, "Have a ready pod there, or set externalTrafficPolicy to Cluster.", node=name)
    if meant.is_local:
        yield from _endpoints(backend, meant, view)


def _endpoints(backend: Backend, meant: Meant, view: View) -> Iterator[LeftOut]:
    """Say which endpoints do not count, so that their nodes may be left out."""
    if meant.service is not None and meant.port is not None:
        key, names = NamespacedName(backend.namespace, backend.service), frozenset({meant.port.name or ""})
        is_single = len(meant.service.ports) == 1
        yield from left_out_endpoints(view, key, names, is_single=is_single, any_family=True)
