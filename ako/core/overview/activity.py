"""What was done, what waits and what somebody else changed: told in the words of the log, for whoever looks."""

from __future__ import annotations

from collections import deque

from msgspec import Struct

MOST_PASSES = 50
MOST_DRIFTS = 50
MOST_NAMED = 10
"""How many hosts are named with a pass."""


class PassTold(Struct, frozen=True):
    """A pass that is over.

    Attributes:
        at: when it ended, RFC 3339.
        plan: its id.
        causes: what brought it about.
        created, updated, deleted, failed, skipped: how many objects.
        hosts: for whom something was done, by name, up to a bound.
        hosts_in_all: how many they are.
        seconds: how long it took.
        words: the line of the log.
    """

    at: str
    plan: str
    causes: tuple[str, ...]
    created: int
    updated: int
    deleted: int
    failed: int
    skipped: int
    hosts: tuple[str, ...]
    hosts_in_all: int
    seconds: float
    words: str


class DriftTold(Struct, frozen=True):
    """An object that somebody else changed.

    Attributes:
        object: in words.
        fields: which of its fields, where it was not made or deleted.
        what: `repaired` or `left`.
        at: when that was found, RFC 3339.
        words: the line of the log.
    """

    object: str
    fields: tuple[str, ...]
    what: str
    at: str
    words: str


class Wait(Struct, frozen=True):
    """Something that waits.

    Attributes:
        what: in a word or two.
        why: what is in the way.
        ends: what ends it; empty where `why` says so.
        id: what confirms it, if that is how it ends.
    """

    what: str
    why: str
    ends: str = ""
    id: str = ""


class Activity:
    """Remembers the latest; on the thinking thread."""

    def __init__(self) -> None:
        self._passes: deque[PassTold] = deque(maxlen=MOST_PASSES)
        self._drifts: deque[DriftTold] = deque(maxlen=MOST_DRIFTS)

    def pass_over(self, told: PassTold) -> None:
        """Note what a pass did."""
        self._passes.appendleft(told)

    def drifted(self, told: DriftTold) -> None:
        """Note what somebody else changed."""
        self._drifts.appendleft(told)

    @property
    def passes(self) -> tuple[PassTold, ...]:
        """Give the latest passes, the last one first."""
        return tuple(self._passes)

    @property
    def drifts(self) -> tuple[DriftTold, ...]:
        """Give what somebody else changed lately, the last first."""
        return tuple(self._drifts)
