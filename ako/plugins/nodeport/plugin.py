"""The NodePort plugin: backend placement on the node ports of Services, for every source."""

from __future__ import annotations

from collections.abc import Sequence

from ako import (
    ENDPOINT_SLICES,
    ENDPOINTS,
    NODES,
    SERVICES,
    SETTINGS,
    Backend,
    LeftOut,
    Placement,
    View,
    WatchedKind,
    hookimpl,
)
from ako.plugins.nodeport.explain import left_out_of_pool
from ako.plugins.nodeport.place import place_on_nodes


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Services, nodes, and the endpoints that say on which nodes there are pods."""
    return (SERVICES, NODES, ENDPOINT_SLICES, ENDPOINTS)


@hookimpl
def ako_place_backend(backend: Backend, view: View) -> Placement | None:
    """Serve backends if pools are made of node ports."""
    if view.input(SETTINGS).l7_settings.service_type != "NodePort":
        return None
    return place_on_nodes(backend, view)


@hookimpl
def ako_explain_backend(backend: Backend, view: View) -> tuple[LeftOut, ...]:
    """Say why nodes are no servers."""
    return tuple(left_out_of_pool(backend, view))
