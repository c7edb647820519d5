"""What the operator should know: each matter is told once, as a log line and as an Event on our ConfigMap."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct

from ako.core.base.log import about, told
from ako.core.base.moment import duration
from ako.core.base.outages import Clock, Seldom
from ako.core.base.refs import ObjectRef
from ako.core.kube.cluster import Event

_log = logging.getLogger(__name__)

_VARYING = frozenset({"sync", "forbidden"})
"""Matters whose text is that of whatever failed last."""

_AT_ONCE = 20
"""How much of one sort that happened is told before only some of it is."""


class _Said(Struct, frozen=True):
    """What was said last of a matter, since when it is wrong, and whether somebody else writes its lines."""

    message: str
    since: float
    is_in_log: bool


class Bulletin:
    """Remembers what was said of each matter, so that it is said again only when it changes.

    Args:
        subject: the object that Events are attached to.
        write: takes Events.
        clock: seconds, growing.
    """

    def __init__(
        self, subject: ObjectRef, write: Callable[[ObjectRef, Event], None], clock: Clock = time.monotonic
    ) -> None:
        self._subject = subject
        self._write = write
        self._clock = clock
        self._said: dict[str, _Said] = {}
        self._lines = Seldom[str](clock, at_first=3)
        self._many = Seldom[str](clock, at_first=_AT_ONCE)
        self.writes_normal = True
        """Whether Normal Events are written too; the log has what they say either way."""

    @property
    def standing(self) -> Mapping[str, str]:
        """Give what is wrong, by matter, as it was said last."""
        return {matter: said.message for matter, said in self._said.items()}

    def warn(self, matter: str, reason: str, message: str, *, is_in_log: bool = False) -> None:
        """Say what is wrong, at once and once; `is_in_log`: somebody else has written the line."""
        before = self._said.get(matter)
        if before is not None and before.message == message:
            return
        self._said[matter] = _Said(message, self._clock() if before is None else before.since, is_in_log)
        # Of some matters the text differs from try to try; of the others each change is worth a line.
        is_left_out = before is not None and matter in _VARYING and self._lines.happened(matter) is None
        level = logging.DEBUG if is_in_log or is_left_out else logging.WARNING
        _log.log(level, "%s", told(reason, message), extra=about(self._subject.key, reason=reason))
        self._tell("Warning", reason, message)

    def follow(self, matter: str, trouble: str, reasons: tuple[str, str], settled: str) -> None:
        """Say what is wrong, or that it no longer is if there is nothing; `reasons` are the words for either."""
        if trouble:
            self.warn(matter, reasons[0], trouble)
        else:
            self.settle(matter, reasons[1], settled)

    def say(self, reason: str, message: str) -> None:
        """Say that something happened that should not have; of much that happens at once the log has a part."""
        level, more = self._many.weigh(reason, "{} more since the last line")
        _log.log(level, "%s%s", told(reason, message), more, extra=about(self._subject.key, reason=reason))
        self._tell("Warning", reason, message)

    def settle(self, matter: str, reason: str, message: str) -> None:
        """Say that what was wrong no longer is; nothing if it never was."""
        if (said := self._said.pop(matter, None)) is not None:
            level = logging.DEBUG if said.is_in_log else logging.INFO
            self.note(reason, message, self._clock() - said.since, level)

    def note(self, reason: str, message: str, seconds: float | None = None, level: int = logging.INFO) -> None:
        """Say something that is worth knowing; `seconds`: how long what was wrong has lasted."""
        lasted = "" if seconds is None else f", after {duration(seconds)}"
        fields = about(self._subject.key, reason=reason, seconds=seconds)
        _log.log(level, "%s%s", told(reason, message), lasted, extra=fields)
        self._tell("Normal", reason, message)

    def _tell(self, kind: Literal["Normal", "Warning"], reason: str, message: str) -> None:
        if kind == "Warning" or self.writes_normal:
            self._write(self._subject, Event(type=kind, reason=reason, message=message))
