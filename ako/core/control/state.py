"""How a controller is: what readiness, metrics, the operator and the command line may know of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ako.core.control.election import Standing
from ako.core.kube.sight import WatchReport
from ako.core.observe.ownership import Namesake
from ako.core.plan.deletion_guard import Held


class State(Struct, frozen=True):
    """A controller as it was at the end of its last pass: replaced whole, so that any thread may read it at any time.

    Attributes:
        is_observed: the Avi Controller has been read.
        unread: the kinds that cannot be read at present, each with the reason.
        watches: how each kind is followed.
        sync_failure: why the last full sync failed; empty if it did not.
        full_syncs: how many there were.
        held: who would no longer be served, but waits for that being confirmed; or why nothing at all is deleted.
        namesakes: other clusters of our name, whose objects are left alone.
        tenants: which tenants could not be read, in words.
        elsewhere: hosts that are live on another shard than the settings give them, with that shard.
        objects: how many objects of ours are on the Controller, by type.
        in_tenants: how many of them are in other tenants than the one of the settings, by tenant.
        problems: how many faults of users' objects stand, by reason.
        plugin_failures: how often a plugin failed, by plugin and hook.
        done: how many operations of each kind were carried out.
        faults: how many faults of this program there were, by what was at work.
        stages: what may be at work then.
        works: this replica is the one that works, if there are several.
        standing: how their election stands; None where there is none.
        hazard: what lets several write at the same time; empty if nothing does.
    """

    is_observed: bool = False
    unread: tuple[str, ...] = ()
    watches: tuple[WatchReport, ...] = ()
    sync_failure: str = ""
    full_syncs: int = 0
    held: Held = Held()
    namesakes: tuple[Namesake, ...] = ()
    tenants: tuple[str, ...] = ()
    elsewhere: Mapping[str, int] = {}
    objects: Mapping[str, int] = {}
    in_tenants: Mapping[str, int] = {}
    problems: Mapping[str, int] = {}
    plugin_failures: Mapping[tuple[str, str], int] = {}
    done: Mapping[str, int] = {}
    faults: Mapping[str, int] = {}
    stages: tuple[str, ...] = ()
    works: bool = True
    standing: Standing | None = None
    hazard: str = ""

    @property
    def knows_controller(self) -> bool:
        """Say whether it is known what is on the Controller: not by a standby, nor before it was read."""
        return self.works and self.is_observed
