"""What waits, why, and what ends that: gathered from whoever holds something up, in the words they have for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ako.core.base.backoff import Pace
from ako.core.base.moment import rfc3339
from ako.core.control.bulletin import Bulletin
from ako.core.control.confirmation import cause_apart, cause_held, end_of_apart, end_of_held
from ako.core.control.reconcile import Reconciler
from ako.core.control.state import State
from ako.core.hooks.plugin_host import PluginHost
from ako.core.overview.activity import Wait
from ako.core.report.status_desk import StatusDesk

MOST_REFUSED = 50
"""How many objects are told one by one that the Controller would not take."""

_AGAIN = "tried again by itself"
_MATTERS = {
    "settings": "settings that were changed",
    "start": "a restart",
    "sync": "the full sync",
    "tenants": "tenants",
    "forbidden": "writes to the Avi Controller",
    "domain": "the default domain",
    "certificates": "certificates that end soon",
    "shards": "hosts on another shard",
    "identity": "the uid of the cluster",
    "selection": "Namespaces",
}
"""What the operator is told once, in words. What is held, and other clusters, have lines of their own."""


class Waits:
    """Says what waits; on the thinking thread.

    Args:
        reconciler, bulletin, desk, plugins: whoever may hold something up.
        pace: time.
    """

    def __init__(
        self, reconciler: Reconciler, bulletin: Bulletin, desk: StatusDesk, plugins: PluginHost, pace: Pace
    ) -> None:
        self._reconciler = reconciler
        self._bulletin = bulletin
        self._desk = desk
        self._suspensions = plugins.calls.suspensions
        self._pace = pace

    def told(self, state: State) -> tuple[Wait, ...]:
        """Give what waits in this state."""
        return tuple(self._all(state))

    def _all(self, state: State) -> Iterator[Wait]:
        if held := state.held:
            yield Wait("deletions", cause_held(held), end_of_held(held), held.id)
        for other in state.namesakes:
            yield Wait("objects of another cluster", cause_apart(other), end_of_apart(other), other.id)
        yield from (Wait("Kubernetes", why, _AGAIN) for why in state.unread)
        if state.works and not state.is_observed and not state.sync_failure:
            yield Wait("everything", "the Avi Controller has not been read yet", "its first full sync")
        standing = self._bulletin.standing
        yield from (Wait(what, standing[matter]) for matter, what in _MATTERS.items() if matter in standing)
        yield from self._on_the_controller()
        for plugin in sorted(self._suspensions.names):
            yield Wait(
                f"plugin {plugin}", "it did not answer in time and is suspended: what it said before stays", _AGAIN
            )
        for ref in self._reconciler.reporter.postponed:
            yield Wait(ref.key, "could not be told by a fault of this program; see the log", _AGAIN)
        if (backlog := self._desk.waiting) > 1:
            yield Wait("statuses and Events", f"{backlog} are not written to Kubernetes yet", "written one by one")

    def _on_the_controller(self) -> Iterator[Wait]:
        dispatcher = self._reconciler.dispatcher
        refused = dispatcher.planner.refused
        for ref, refusal in islice(refused.items(), MOST_REFUSED):
            why = f"the Avi Controller refused it: {refusal.message}"
            yield Wait(repr(ref), why, "tried again when the object changes and at each full sync")
        if (more := len(refused) - MOST_REFUSED) > 0:
            yield Wait(f"{more} more objects", "the Avi Controller refused them", "tried again at each full sync")
        for tree, waiting in self._reconciler.quarantine.searching():
            why = f"the Avi Controller refused what hosts add to {tree}; of {waiting} it is being found out whose it is"
            yield Wait(f"hosts of {tree}", why, "a few writes")
        if dispatcher.failures and (due := dispatcher.next_due) is not None:
            at = rfc3339(self._pace.now() + due - self._pace.clock())
            yield Wait("the next try", f"{dispatcher.failures} tries in a row failed; the log says why", f"at {at}")
