"""A worker that says nothing by itself."""

from __future__ import annotations

from ako.core.base.refs import AviRef
from ako.core.plan.plan import Operation


class Silence:
    """A worker whose answers the test gives."""

    def __init__(self) -> None:
        self.sent: list[Operation] = []

    def carry_out(self, operation: Operation) -> None:
        self.sent.append(operation)

    def look_up(self, ref: AviRef) -> None:
        """Keep silent."""

    def retire(self) -> None:
        """Keep silent."""
