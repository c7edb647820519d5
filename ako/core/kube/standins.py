"""Kinds that are watched only where another one is not served: Endpoints where there are no EndpointSlices."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ako.core.base.refs import Kind
from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed
from ako.core.kube.cluster import Sink, Watch


class StandIns:
    """Passes changes on, and starts the watch of a stand-in once the kind it stands in for is known not to be served.

    Until that is known the stand-in is unknown too; where the other is served, the stand-in counts as not served.
    """

    def __init__(self, watches: Iterable[Watch], sink: Sink, start: Callable[[Watch], None]) -> None:
        declared = {watch.kind: watch for watch in watches}
        self._sink = sink
        self._start = start
        self._waiting: dict[Kind, Watch] = {
            watch.stands_in_for: watch for watch in declared.values() if watch.stands_in_for in declared
        }

    def holds_back(self, watch: Watch) -> bool:
        """Say whether a watch has to wait for what becomes known of another kind."""
        return watch in self._waiting.values()

    def __call__(self, change: Change) -> None:
        """Pass a change on, and conclude from it what becomes of a stand-in."""
        self._sink(change)
        stand_in = self._waiting.get(change.kind)
        if stand_in is None:
            return
        if isinstance(change, Listed):
            del self._waiting[change.kind]
            self._sink(AvailabilityChanged(stand_in.kind, Availability.NOT_SERVED, f"{change.kind} is served"))
        elif isinstance(change, AvailabilityChanged) and change.availability is Availability.NOT_SERVED:
            del self._waiting[change.kind]
            self._start(stand_in)
        elif isinstance(change, AvailabilityChanged):
            self._sink(AvailabilityChanged(stand_in.kind, change.availability, change.reason, change.is_forbidden))
