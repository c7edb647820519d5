"""A plan under way, and what came of it."""

from __future__ import annotations

from msgspec import Struct, field

from ako.core.apply.execution import Execution
from ako.core.avi.errors import AviError
from ako.core.base.refs import AviRef, TreeName
from ako.core.plan.plan import Operation, Plan


class Halt(Struct, eq=False):
    """Says that nothing more of a plan is to be sent: whoever hears it first sets it, others look before they send."""

    is_called: bool = False


class Job(Struct, eq=False):
    """One plan under way, for one tree or several that are linked by a move."""

    trees: frozenset[TreeName]
    plan: Plan
    execution: Execution
    errors: list[AviError] = []
    halt: Halt = field(default_factory=Halt)
    is_broken: bool = False
    """A fault of this program has lost count of it: its trees are planned anew once its last answer is there."""


class Applied(Struct, frozen=True):
    """A plan has come to its end: for which trees, and what it did."""

    trees: frozenset[TreeName]
    succeeded: tuple[Operation, ...]
    failed: frozenset[AviRef]
