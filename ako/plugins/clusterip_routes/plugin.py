"""The ClusterIP plugin: backend placement on pod addresses, for Services of any type that has endpoints."""

from __future__ import annotations

from collections.abc import Sequence

from ako import ENDPOINT_SLICES, ENDPOINTS, SERVICES, SETTINGS, Backend, Placement, View, WatchedKind, hookimpl
from ako.plugins.clusterip_routes.place import place_on_endpoints


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Services and their endpoints, in both forms."""
    return (SERVICES, ENDPOINT_SLICES, ENDPOINTS)


@hookimpl
def ako_place_backend(backend: Backend, view: View) -> Placement | None:
    """Serve backends unless pools are made of node ports."""
    if view.input(SETTINGS).l7_settings.service_type == "NodePort":
        return None
    return place_on_endpoints(backend, view)
