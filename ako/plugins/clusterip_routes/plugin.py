"""The ClusterIP plugin: backend placement on pod addresses, and the static routes that lead there."""

from __future__ import annotations

from collections.abc import Sequence

from ako import (
    ENDPOINT_SLICES,
    ENDPOINTS,
    SERVICES,
    SETTINGS,
    Backend,
    Discovery,
    LeftOut,
    Placement,
    SourceObject,
    StaticRoute,
    View,
    WatchedKind,
    Whose,
    hookimpl,
)
from ako.plugins.clusterip_routes.explain import left_out_of_pool, routes_of_node
from ako.plugins.clusterip_routes.place import place_on_endpoints
from ako.plugins.clusterip_routes.records import BLOCK_AFFINITIES, CILIUM_NODES, HOST_SUBNETS, ROUTED_NODES
from ako.plugins.clusterip_routes.static_routes import node_problems, static_routes


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Services, their endpoints in both forms, nodes, and what network plugins say of the networks of pods."""
    return (SERVICES, ENDPOINT_SLICES, ENDPOINTS, ROUTED_NODES, BLOCK_AFFINITIES, HOST_SUBNETS, CILIUM_NODES)


@hookimpl
def ako_discover(source: SourceObject, view: View) -> Discovery | None:
    """Find nothing in a node but what keeps routes from leading there, for whoever looks after it."""
    return Discovery(problems=node_problems(view, source.ref.name))


@hookimpl
def ako_place_backend(backend: Backend, view: View) -> Placement | None:
    """Serve backends unless pools are made of node ports."""
    if view.input(SETTINGS).l7_settings.service_type == "NodePort":
        return None
    return place_on_endpoints(backend, view)


@hookimpl
def ako_static_routes(view: View) -> Sequence[StaticRoute] | None:
    """Lead the way to the pods of every node."""
    return static_routes(view)


@hookimpl
def ako_explain_source(source: SourceObject, view: View) -> Whose | None:
    """Say whether routes lead to the pods of a node."""
    return routes_of_node(source.ref.name, view)


@hookimpl
def ako_explain_backend(backend: Backend, view: View) -> tuple[LeftOut, ...]:
    """Say why endpoints are no servers, or not reached."""
    return tuple(left_out_of_pool(backend, view))
