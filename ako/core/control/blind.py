"""A controller of which the Kubernetes API server is away: what it tells to whoever asks, and afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ako.core.base.moment import rfc3339
from ako.core.control.health_server import Check
from ako.core.kube.cluster import Event
from ako.core.kube.sight import Blindness, WatchReport, blindness

SETTING = "ako.watch.blindReadySeconds"


def kubernetes_check(unread: Sequence[str], reports: Sequence[WatchReport], patience: float) -> Check:
    """Say whether what we know of Kubernetes is good enough; `patience` is for how long without a word (seconds).

    What never was read is unknown, and was told of as such; what was read and is not followed at present may be old.
    """
    blind = blindness(reports)
    is_patient = blind.seconds < patience
    until = f"what is known is served; not ready after {patience:.0f} s ({SETTING})"
    told = (f"{blind}; {until if is_patient else f'not ready, for that is longer than {SETTING}'}",) if blind else ()
    return Check("kubernetes", not unread and is_patient, "; ".join([*told, *unread]), is_urgent=bool(blind))


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
