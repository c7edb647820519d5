"""The hooks: each one call. This is the module that the entry point `sites` names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ako import SETTINGS, Discovery, Outcome, Section, SourceObject, View, WatchedKind, hookimpl
from ako_sites.discover import discover_site
from ako_sites.records import KINDS, Site, SiteStatus
from ako_sites.report import site_status
from ako_sites.settings import SiteSettings


@hookimpl
def ako_settings() -> type[Section]:
    """Have a section `ako.sites`."""
    return SiteSettings


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch Sites, and the Secrets they name."""
    return KINDS


@hookimpl
def ako_discover(source: SourceObject, view: View) -> Discovery | None:
    """Find the host of a Site."""
    if not isinstance(source.record, Site):
        return None
    return discover_site(source.ref, source.record, view.input(SETTINGS).section("sites", SiteSettings), view)


@hookimpl
def ako_report(source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
    """Tell a Site where it is served, or why not."""
    return site_status(source.status if isinstance(source.status, SiteStatus) else SiteStatus(), outcome)
