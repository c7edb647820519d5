"""The hooks of the plugin `my_placement`, each one call; what they do is in the modules beside this one."""

from __future__ import annotations

from collections.abc import Sequence

from ako import Backend, Placement, View, WatchedKind, hookimpl
from ako_my_placement.place import place
from ako_my_placement.records import KINDS


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Services."""
    return KINDS


@hookimpl
def ako_place_backend(backend: Backend, view: View) -> Placement | None:
    """Find the servers that the annotation of a Service lists."""
    return place(backend, view)
