"""Which endpoints of a backend's Service are no servers, and to whose pods no route leads."""

from __future__ import annotations

from collections.abc import Iterator

from ako import SETTINGS, Backend, LeftOut, NamespacedName, View, Whose, left_out_endpoints, serving_endpoints
from ako.plugins.clusterip_routes.place import meant_by
from ako.plugins.clusterip_routes.static_routes import node_problems


def left_out_of_pool(backend: Backend, view: View) -> Iterator[LeftOut]:
    """Say why endpoints are no servers, and on which nodes are servers that are not reached."""
    meant = meant_by(backend, view)
    if meant.service is None:
        return
    key = NamespacedName(backend.namespace, backend.service)
    yield from left_out_endpoints(view, key, meant.names, is_single=meant.is_single)
    found = serving_endpoints(view, key, meant.names, is_single=meant.is_single)
    for node in sorted({endpoint.node for endpoint in found} - {""}):
        for problem in node_problems(view, node):
            yield LeftOut(f"its pods are servers, but not reached: {problem.message}", problem.remedy, node=node)


def routes_of_node(node: str, view: View) -> Whose:
    """Say whether anything is done for a node, and why."""
    settings = view.input(SETTINGS)
    if settings.l7_settings.service_type != "ClusterIP":
        mode = settings.l7_settings.service_type
        why = f"L7Settings.serviceType is {mode}: nodes are servers, as nodePortSelector says."
        return Whose(why, is_ours=True)
    if settings.ako_settings.disable_static_route_sync:
        why = "AKOSettings.disableStaticRouteSync is true: no static routes lead to the pods of nodes."
        return Whose(why, "Set it to false, unless the network itself leads there.")
    if faults := node_problems(view, node):
        return Whose(
            f"static routes lead to the pods of nodes, but here: {faults[0].message}", faults[0].remedy, is_ours=True
        )
    return Whose("static routes lead to the pods of nodes.", is_ours=True)
