"""`ako.drift.policy`: what to do about an Avi object that was changed by somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, cast

from pydantic import PlainValidator, WithJsonSchema

from ako.core.model import OWNED_TYPES
from ako.core.settings.values import from_json

DriftAction = Literal["repair", "report"]
_ACTIONS = ("repair", "report")
_KINDS = frozenset({owned.avi_type for owned in OWNED_TYPES} | {"vrfcontext", "serviceenginegroup"})
"""What we create, and what we keep static routes and our label in."""


class DriftPolicy(NamedTuple):
    """One action for all kinds of Avi objects, and other ones for some kinds."""

    default: DriftAction = "repair"
    by_kind: tuple[tuple[str, DriftAction], ...] = ()

    def action(self, kind: str) -> DriftAction:
        """Give the action for an Avi kind such as `pool`."""
        return dict(self.by_kind).get(kind, self.default)


def _parse(given: object) -> DriftPolicy:
    if isinstance(given, DriftPolicy):
        return given
    read = from_json(given)
    if isinstance(read, Mapping):
        return DriftPolicy(by_kind=tuple(sorted((_kind(kind), _action(word)) for kind, word in read.items())))
    return DriftPolicy(default=_action(read))


def _kind(name: object) -> str:
    kind = str(name).lower()
    if kind not in _KINDS:
        raise ValueError(f"{name} is no kind of Avi object that we write; these are {', '.join(sorted(_KINDS))}")
    return kind


def _action(word: object) -> DriftAction:
    action = word.strip().lower() if isinstance(word, str) else word
    if action not in _ACTIONS:
        raise ValueError("is neither `repair` nor `report`")
    return cast("DriftAction", action)


DriftSetting = Annotated[
    DriftPolicy,
    PlainValidator(_parse),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(_ACTIONS)},
                {"type": "object", "additionalProperties": {"enum": list(_ACTIONS)}},
            ]
        }
    ),
]
