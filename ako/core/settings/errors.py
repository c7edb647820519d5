"""What is wrong with the settings: every fault at once, in the user's own spelling, with no secret in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ako.core.base.errors import AkoError

MASK = "***"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend.

    Attributes:
        key: the key as the user spells it, such as `L7Settings.shardVSSize`, or the variable or file at fault.
        origin: where it was given, such as `file values.yaml, line 7`; empty if `key` says it already.
        reason: what is wrong and, where we know it, the remedy.
        value: the text of the value; None where it says nothing or is secret.
        allowed: the values that would do; empty where `reason` says it.
    """

    key: str
    origin: str
    reason: str
    value: str | None = None
    allowed: str = ""

    def __str__(self) -> str:
        given = "" if self.value is None else f" = {self.value}"
        origin = f" ({self.origin})" if self.origin else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{self.key}{given}{origin}: {self.reason}{allowed}"


class SettingsError(AkoError):
    """The settings cannot be used; `str()` gives the complete report, a line for each fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(tuple(faults))
        self.faults = tuple(faults)

    def __str__(self) -> str:
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        return "\n".join([f"{count} in the settings", *(f"  {fault}" for fault in self.faults)])


def shown(value: object) -> str:
    """Give a value as text for a report: on one line, shortened."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}..."
