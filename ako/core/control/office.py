"""Whether this replica works: always where it is the only one, else as long as it is elected.

| settings, replicas                             | then                                                           |
|------------------------------------------------|----------------------------------------------------------------|
| a folder, `--once`, `plan`                     | works                                                          |
| `ako.leaderElection.enabled: false`            | works; a hazard, if the StatefulSet is seen to have more       |
| `true`                                         | takes part in the election                                     |
| auto, more than one replica                    | takes part in the election                                     |
| auto, a StatefulSet of one                     | works once the Lease is seen to be nobody else's               |
| auto, no StatefulSet that may be seen          | the same in a pod that is called as its first one; a later one |
|                                                | stands by; who is called otherwise works                       |
| auto, StatefulSet not known yet                | waits; who is called otherwise, only until the first answer    |
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

from ako.core.base.fence import ALWAYS, Fence
from ako.core.control.election import Election, Standing
from ako.core.control.leadership import Candidate, Leadership, Phase, Terms
from ako.core.control.own_objects import STATEFUL_SET, OwnObjects, OwnStatefulSet
from ako.core.kube.lease import Lock
from ako.core.settings import Settings

_log = logging.getLogger(__name__)


class Replica(Struct, frozen=True):
    """What one of several replicas needs to take part in an election.

    Attributes:
        candidate: which one it is.
        lock: the Lease.
        prepare: reads what is needed later and is not watched; called once, on a thread of its own.
    """

    candidate: Candidate
    lock: Lock
    prepare: Callable[[], None]


class Office:
    """Decides whether there is an election, and follows it; runs on the thinking thread.

    Args:
        replica: this one; None: it works in any case.
        fence: what its writes have to pass.
        settings: those that the program was started with.
        on_news: is told how the election stands; called by threads of the election.
    """

    def __init__(
        self, replica: Replica | None, fence: Fence, settings: Settings, on_news: Callable[[Standing], None]
    ) -> None:
        self._replica = replica
        self._fence = fence
        self._is_enabled = settings.ako.leader_election.enabled
        self._replica_count = settings.replica_count
        self._terms = terms_of(settings)
        self._on_news = on_news
        self._election: Election | None = None
        self.standing: Standing | None = None
        """How the election stands; None where there is none, or it is not decided whether there is one."""
        self.hazard = ""
        """What lets several write at the same time, and what to do about it; empty if nothing does."""
        self._works = replica is None
        if replica is not None and self._is_enabled is False:
            self._work_without()

    @property
    def works(self) -> bool:
        """Say whether this replica reads the Avi Controller, plans and writes."""
        return self._works

    def consider(self, own: OwnObjects) -> None:
        """Decide anew whether there is an election, by what is known of the replicas."""
        replica, stateful_set = self._replica, own.stateful_set()
        if replica is None:
            return
        if self._is_enabled is False:
            self._warn(stateful_set)
            return
        ordinal = replica.candidate.ordinal
        count, first = self._replica_count, 0
        if stateful_set is not None:
            count, first = max(count, stateful_set.replicas), stateful_set.first
        elif ordinal is not None:
            count = max(count, ordinal + 1)
        is_known = own.is_stateful_set_known() or (ordinal is None and own.was_stateful_set_sought())
        if not (stateful_set or is_known or self._election):
            return
        is_alone = count <= 1 and self._is_enabled is not True
        if self._election is not None:
            self._election.want(alone=is_alone, first=first)
        elif is_alone and stateful_set is None and ordinal is None:
            if not self._works:
                self._work_without()
        else:
            self._take_part(replica, is_alone=is_alone, first=first)

    def follow(self, standing: Standing) -> bool:
        """Take in how the election stands; say whether that changes what this replica does."""
        works = standing.phase is not Phase.STANDBY
        is_change = works != self._works
        self.standing, self._works = standing, works
        return is_change

    def close(self) -> None:
        """Hand over, after the writes in hand have ended; where they have not, the Lease is left to run out."""
        if self._election is not None:
            self._election.close()

    def _warn(self, stateful_set: OwnStatefulSet | None) -> None:
        """Say so where others work as well: there is no election that would keep them from it."""
        count = stateful_set.replicas if stateful_set else 1
        before, self.hazard = self.hazard, ""
        if count > 1:
            self.hazard = (
                f"StatefulSet {STATEFUL_SET} has {count} replicas, and ako.leaderElection.enabled is false: all of "
                "them write at the same time; scale it to 1, or remove that setting and restart them"
            )
        if self.hazard != before:
            _log.warning("%s", self.hazard or "there is one replica again")

    def _work_without(self) -> None:
        self._fence.open(ALWAYS, 0.0)
        self._works = True

    def _take_part(self, replica: Replica, *, is_alone: bool, first: int) -> None:
        # Who worked without goes on, unless others of its kind may have done so too: any of them may make the Lease.
        goes_on = self._works and (is_alone or replica.candidate.ordinal is not None)
        if not goes_on:
            self._fence.shut()
        leadership = Leadership(replica.candidate, self._terms, lambda: datetime.now(UTC), is_alone=goes_on)
        self._election = Election(leadership, self._terms, replica.lock, self._fence, self._on_news)
        self._election.want(alone=is_alone, first=first)
        self._election.start()
        threading.Thread(target=replica.prepare, name="prepare", daemon=True).start()


def terms_of(settings: Settings) -> Terms:
    """Give the times of the election."""
    election = settings.ako.leader_election
    return Terms(election.lease_duration_seconds, election.renew_deadline_seconds, election.retry_period_seconds)
