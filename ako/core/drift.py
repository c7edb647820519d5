"""What somebody else changed of ours on the Controller: found at a full sync, repaired or left by policy."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ako.core.plan import Operation, Plan, Update
from ako.core.refs import AviRef


class Drift(Struct, frozen=True):
    """One object that differs although nothing else is wanted than before.

    Attributes:
        ref: which object.
        fields: what differs; empty if the whole object went, or came.
        action: `repair` or `report`, by `ako.drift.policy`.
    """

    ref: AviRef
    fields: tuple[str, ...]
    action: str


class DriftWatch:
    """Collects drift until somebody takes it.

    Attributes:
        action: what to do about an object of some Avi type; `repair` or `report`.
    """

    def __init__(self) -> None:
        self.action: Callable[[str], str] = lambda _: "repair"
        self._found: list[Drift] = []

    def to_repair(self, plan: Plan) -> Plan:
        """Note everything a plan says was changed by somebody else, and give the part of it that is to be repaired."""
        found = [
            Drift(operation.ref, _fields(operation), self.action(operation.ref.type)) for operation in plan.operations
        ]
        self._found += found
        left = {drift.ref for drift in found if drift.action == "report"}
        return Plan(tuple(op for op in plan.operations if op.ref not in left)) if left else plan

    def take(self) -> list[Drift]:
        """Give what was found since the last call."""
        found, self._found = self._found, []
        return found


def _fields(operation: Operation) -> tuple[str, ...]:
    return tuple(change.field for change in operation.changes) if isinstance(operation, Update) else ()
