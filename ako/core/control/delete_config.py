"""deleteConfig: everything of ours goes, and a condition on the StatefulSet says how far it is.

| settings       | on the Controller | condition (`ako.vmware.com/ObjectDeletionInProgress`)        |
|----------------|-------------------|--------------------------------------------------------------|
| `true`         | objects of ours   | True, Started: "Started deleting objects"                    |
| `true`         | nothing (*)       | False, Done: "Successfully deleted all objects"              |
| `true`, 30 min | objects of ours   | Unknown, Timeout: "Error, timed out while deleting objects"  |
| `false`        |                   | removed                                                      |

(*) And nothing can come any more: the Controller was read since, and no answer to a write is owed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ako.core.control.own_objects import OwnStatefulSet

CONDITION = "ako.vmware.com/ObjectDeletionInProgress"
PATIENCE = 30 * 60.0
"""Seconds after which the deletion counts as timed out; it goes on all the same."""


class Progress(Struct, frozen=True):
    """A state of the deletion, in the words of AKO's condition."""

    status: str
    reason: str
    message: str


STARTED = Progress("True", "Started", "Started deleting objects")
DONE = Progress("False", "Done", "Successfully deleted all objects")
TIMED_OUT = Progress("Unknown", "Timeout", "Error, timed out while deleting objects")


class DeleteConfig:
    """Follows a deletion; knows nothing of how it is done.

    Args:
        clock: seconds, growing.
        now: the time of day as RFC 3339, for the condition.
    """

    def __init__(self, clock: Callable[[], float], now: Callable[[], str]) -> None:
        self._clock = clock
        self._now = now
        self._since: float | None = None
        self._changed_at = ""
        self.progress: Progress | None = None

    @property
    def is_active(self) -> bool:
        """Say whether everything is to go."""
        return self.progress is not None

    def set(self, *, is_wanted: bool) -> bool:
        """Begin or end; say whether that is a change."""
        if is_wanted == self.is_active:
            return False
        self._since = self._clock() if is_wanted else None
        self.progress = STARTED if is_wanted else None
        self._changed_at = self._now()
        return True

    def advance(self, left: int, *, is_quiet: bool) -> bool:
        """Note how many objects are left, and whether all is done and known; say whether the state changed."""
        if self.progress is None or self._since is None:
            return False
        before = self.progress
        if left == 0 and (is_quiet or before is DONE):
            self.progress = DONE
        elif self._clock() - self._since >= PATIENCE:
            self.progress = TIMED_OUT
        elif before is DONE:
            self.progress = STARTED
        if self.progress is before:
            return False
        self._changed_at = self._now()
        return True

    def status_patch(self, stateful_set: OwnStatefulSet) -> Mapping[str, Any] | None:
        """Give the status patch that makes the condition right, None if it is; other conditions stay."""
        others = [dict(c) for c in stateful_set.conditions if c.get("type") != CONDITION]
        current = next((c for c in stateful_set.conditions if c.get("type") == CONDITION), None)
        if self.progress is None:
            return None if current is None else {"conditions": others or None}
        wanted = {"status": self.progress.status, "reason": self.progress.reason, "message": self.progress.message}
        if current is not None and all(current.get(name) == value for name, value in wanted.items()):
            return None
        return {"conditions": [*others, {"type": CONDITION, **wanted, "lastTransitionTime": self._changed_at}]}
