"""What a run would do, for those who only look."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ako.core.plan.plan import Plan


class Preview(Struct, frozen=True):
    """The plan for everything as it stands, and what else an operator should know before.

    Attributes:
        plan: all operations.
        held: the deletions among them that would wait for being confirmed; empty if none would.
        elsewhere: hosts that stay on another shard than the settings give them, with that shard.
    """

    plan: Plan
    held: Plan
    elsewhere: Mapping[str, int]
