"""A controller that did not hear of Kubernetes for a while: what it tells once that is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ako.core.base.moment import rfc3339
from ako.core.kube.cluster import Event
from ako.core.kube.sight import Blindness, WatchReport, blindness


class Reopening:
    """Tells on our ConfigMap that nothing was heard for a while, once that is over: before it could not be written.

    Args:
        announce: takes the Event.
    """

    def __init__(self, announce: Callable[[Event], None]) -> None:
        self._announce = announce
        self._last = Blindness()

    def follow(self, reports: Sequence[WatchReport]) -> None:
        """See whether we are blind, or no longer."""
        blind = blindness(reports)
        if blind.is_lasting:
            self._last = blind
        elif not blind and self._last:
            since, seconds, self._last = rfc3339(self._last.since), self._last.seconds, Blindness()
            text = f"Kubernetes was not heard of since {since}, for {seconds:.0f} s or more; all is followed again."
            self._announce(Event(type="Warning", reason="KubernetesUnheard", message=text))
