"""What is wrong with the settings: every fault at once, in the user's own spelling, with no secret in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ako.core.base.errors import AkoError
from ako.core.base.secrecy import MASK
from ako.core.settings.given import Given
from ako.core.settings.keys import KeyTable
from ako.core.settings.values import SecretInValueError

_REASONS: Mapping[str, str] = {
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "int_parsing": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_type": "is not a whole number",
    "string_type": "is not a text (put it into quotes)",
    "tuple_type": "is not a list",
    "model_type": "is not a mapping",
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "too_long": "has too many entries",
}
"""pydantic's types of errors in the user's words; others are told in pydantic's own."""


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
    """The settings cannot be used; `str()` gives the complete report, a line for each fault.

    Attributes:
        faults: what is wrong.
        missing: what a command that talks to the Avi Controller could not do without either.
    """

    def __init__(self, faults: Sequence[Fault], missing: Sequence[Fault] = ()) -> None:
        super().__init__(tuple(faults))
        self.faults = tuple(faults)
        self.missing = tuple(missing)

    def __str__(self) -> str:
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        return "\n".join([f"{count} in the settings", *(f"  {fault}" for fault in self.faults)])


def shown(value: object) -> str:
    """Give a value as text for a report: on one line, shortened."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}..."


PlaceOf = Callable[[str, tuple[int | str, ...]], str]
"""Says where a part of the value of a setting was given."""


def faults_of(error: ValidationError, table: KeyTable, given: Mapping[str, Given], place_of: PlaceOf) -> list[Fault]:
    """Tell what pydantic finds wrong; several faults of one setting (the arms of a union) are one."""
    faults: dict[str, Fault] = {}
    for detail in error.errors(include_url=False):
        helm, rest = _located(detail["loc"], table)
        name = ".".join([helm, *map(str, rest)])
        origin = place_of(helm, rest) if helm in given else "default"
        faults.setdefault(name, _fault(name, helm, detail, table, given, origin))
    return list(faults.values())


def _located(loc: tuple[int | str, ...], table: KeyTable) -> tuple[str, tuple[int | str, ...]]:
    """Find the setting or section that a location is in, and the rest of the location inside its value."""
    length = next(length for length in range(len(loc), 0, -1) if loc[:length] in table.helm_by_path)
    return table.helm_by_path[loc[:length]], loc[length:]


def _fault(name: str, helm: str, detail: Any, table: KeyTable, given: Mapping[str, Given], origin: str) -> Fault:
    cause = detail.get("ctx", {}).get("error")
    reason = str(cause) if isinstance(cause, ValueError) else _REASONS.get(detail["type"], detail["msg"])
    key = table.by_helm.get(helm)
    if key is None:
        return Fault(name, "", reason)
    is_secret = key.is_secret or isinstance(cause, SecretInValueError)
    value = given[helm].value if helm in given else None
    return Fault(
        key=name,
        origin=origin,
        reason=reason,
        value=MASK if is_secret else shown(value if name == helm else detail["input"]),
        allowed=key.allowed,
    )
