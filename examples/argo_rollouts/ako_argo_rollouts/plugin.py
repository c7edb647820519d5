"""The hooks: each one call. This is the module that the entry point `argo_rollouts` names."""

from __future__ import annotations

from collections.abc import Sequence

from ako import (
    Discovery,
    Needs,
    PortClaim,
    SourceObject,
    Translation,
    View,
    VirtualHost,
    WatchedKind,
    hookimpl,
)
from ako_argo_rollouts.adjust import adjust_host
from ako_argo_rollouts.records import KINDS, Rollout
from ako_argo_rollouts.shares import problems_of


@hookimpl
def ako_needs() -> Needs:
    """Ask for the plugin API that this is written for."""
    return Needs(api="1.0")


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Rollouts, and the Services they name."""
    return KINDS


@hookimpl
def ako_discover(source: SourceObject, view: View) -> Discovery | None:
    """Find nothing in a Rollout but what of it has no effect, for whoever looks after it."""
    if not isinstance(rollout := source.record, Rollout):
        return None
    return Discovery(problems=problems_of(source.ref, rollout, view))


@hookimpl
def ako_adjust(virtual_host: VirtualHost | PortClaim, translation: Translation, view: View) -> Translation | None:
    """Share the requests of a host with the canaries of its Services."""
    return adjust_host(virtual_host, translation, view) if isinstance(virtual_host, VirtualHost) else None
