"""The hooks of the plugin `my_source`, each one call; what they do is in the modules beside this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ako import SETTINGS, Discovery, Outcome, Section, SourceObject, View, WatchedKind, hookimpl
from ako_my_source.discover import discover
from ako_my_source.records import KINDS, MySource, MySourceStatus
from ako_my_source.report import status_patch
from ako_my_source.settings import MySourceSettings


@hookimpl
def ako_settings() -> type[Section]:
    """Have a section `ako.my_source`."""
    return MySourceSettings


@hookimpl
def ako_kinds() -> Sequence[WatchedKind]:
    """Watch MySource objects, and the Secrets they name."""
    return KINDS


@hookimpl
def ako_discover(source: SourceObject, view: View) -> Discovery | None:
    """Find the host of a MySource."""
    if not isinstance(source.record, MySource):
        return None
    return discover(source.ref, source.record, view.input(SETTINGS).section("my_source", MySourceSettings), view)


@hookimpl
def ako_report(source: SourceObject, outcome: Outcome) -> Mapping[str, bool | str | None] | None:
    """Tell a MySource where it is served, or why not."""
    return status_patch(source.status if isinstance(source.status, MySourceStatus) else MySourceStatus(), outcome)
