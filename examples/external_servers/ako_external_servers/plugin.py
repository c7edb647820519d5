"""The hooks: each one call. This is the module that the entry point `external_servers` names."""

from __future__ import annotations

from collections.abc import Sequence

from ako import Backend, Needs, Placement, Section, View, WatchedKind, hookimpl
from ako_external_servers.place import place_outside
from ako_external_servers.records import KINDS
from ako_external_servers.settings import ExternalServersSettings


@hookimpl
def ako_needs() -> Needs:
    """Ask for the plugin API that this is written for."""
    return Needs(api="1.0")


@hookimpl
def ako_settings() -> type[Section]:
    """Have a section `ako.external_servers`."""
    return ExternalServersSettings


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Services, with their annotations."""
    return KINDS


@hookimpl
def ako_place_backend(backend: Backend, view: View) -> Placement | None:
    """Find the servers of a backend whose Service names them; those of any other are for the next plugin."""
    return place_outside(backend, view)
