"""What a run would do, for those who only look."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ako.core.observe.ownership import Namesake
from ako.core.plan.deletion_guard import Held
from ako.core.plan.plan import Plan


class Preview(Struct, frozen=True):
    """The plan for everything as it stands, and what else an operator should know before.

    Attributes:
        plan: all operations.
        held: who would no longer be served if it did not wait for being confirmed; nothing of that is in the plan.
        elsewhere: hosts that stay on another shard than the settings give them, with that shard.
        namesakes: other clusters of our name, whose objects are left alone.
        tenants: which tenants could not be read, in words.
    """

    plan: Plan
    held: Held
    elsewhere: Mapping[str, int]
    namesakes: tuple[Namesake, ...] = ()
    tenants: tuple[str, ...] = ()
