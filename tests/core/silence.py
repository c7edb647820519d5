"""A worker that says nothing by itself."""

from __future__ import annotations

from ako.core.apply.jobs import Halt
from ako.core.base.refs import AviRef
from ako.core.model.mark import UNMARKED, Mark
from ako.core.plan.plan import Operation


class Silence:
    """A worker whose answers the test gives.

    Attributes:
        sent: the operations, in order.
        asked: the names that were looked up, in order.
    """

    def __init__(self) -> None:
        self.sent: list[Operation] = []
        self.asked: list[AviRef] = []

    def carry_out(self, operation: Operation, halt: Halt, mark: Mark = UNMARKED) -> None:
        self.sent.append(operation)

    def look_up(self, ref: AviRef) -> None:
        self.asked.append(ref)

    def retire(self) -> None:
        """Keep silent."""
