"""The LoadBalancer plugin: Services of type LoadBalancer, each on a virtual service of its own."""

from __future__ import annotations

from collections.abc import Sequence

from ako import SERVICES, WatchedKind, hookimpl


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Services."""
    return (SERVICES,)
