"""What pydantic finds wrong, told in the user's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ako.core.settings.errors import MASK, Fault, shown
from ako.core.settings.keys import Key, KeyTable
from ako.core.settings.layers import Given
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


def faults_of(error: ValidationError, owner: str, table: KeyTable, given: Mapping[str, Given]) -> list[Fault]:
    """Give the faults of one model; several of one setting (the arms of a union) are one."""
    faults: dict[str, Fault] = {}
    for detail in error.errors(include_url=False):
        key, rest = _located(owner, detail["loc"], table)
        name = ".".join([key.helm if key else f"ako.{owner}", *map(str, rest)])
        faults.setdefault(name, _fault(name, key, detail, given))
    return list(faults.values())


def _located(owner: str, loc: tuple[int | str, ...], table: KeyTable) -> tuple[Key | None, tuple[int | str, ...]]:
    """Find the setting that a location is in, and the rest of the location inside its value."""
    for length in range(len(loc), 0, -1):
        key = table.by_path.get((owner, tuple(map(str, loc[:length]))))
        if key is not None:
            return key, loc[length:]
    return None, loc


def _fault(name: str, key: Key | None, detail: Any, given: Mapping[str, Given]) -> Fault:
    cause = detail.get("ctx", {}).get("error")
    reason = str(cause) if isinstance(cause, ValueError) else _REASONS.get(detail["type"], detail["msg"])
    if key is None:
        return Fault(name, "", reason)
    is_secret = key.is_secret or isinstance(cause, SecretInValueError)
    value, origin = given.get(key.helm, Given(None, "default"))
    return Fault(
        key=name,
        origin=origin,
        reason=reason,
        value=MASK if is_secret else shown(value if name == key.helm else detail["input"]),
        allowed=key.allowed,
    )
