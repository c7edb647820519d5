"""What the operator should know: each matter is told once, as a log line and as an Event on our ConfigMap."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal

from ako.core.base.refs import ObjectRef
from ako.core.kube.cluster import Event

_log = logging.getLogger(__name__)


class Bulletin:
    """Remembers what was said of each matter, so that it is said again only when it changes.

    Args:
        about: the object that Events are attached to.
        write: takes Events.
    """

    def __init__(self, about: ObjectRef, write: Callable[[ObjectRef, Event], None]) -> None:
        self._about = about
        self._write = write
        self._said: dict[str, str] = {}
        self.writes_normal = True
        """Whether Normal Events are written too; the log has what they say either way."""

    def warn(self, matter: str, reason: str, message: str) -> None:
        """Say what is wrong, at once and once."""
        if self._said.get(matter) != message:
            self._said[matter] = message
            _log.warning("%s", message, extra={"key": self._about.key})
            self._tell("Warning", reason, message)

    def follow(self, matter: str, trouble: str, reasons: tuple[str, str], settled: str) -> None:
        """Say what is wrong, or that it no longer is if there is nothing; `reasons` are the words for either."""
        if trouble:
            self.warn(matter, reasons[0], trouble)
        else:
            self.settle(matter, reasons[1], settled)

    def say(self, reason: str, message: str) -> None:
        """Say that something happened that should not have."""
        _log.warning("%s", message, extra={"key": self._about.key})
        self._tell("Warning", reason, message)

    def settle(self, matter: str, reason: str, message: str) -> None:
        """Say that what was wrong no longer is; nothing if it never was."""
        if self._said.pop(matter, None) is not None:
            self.note(reason, message)

    def note(self, reason: str, message: str) -> None:
        """Say something that is worth knowing."""
        _log.info("%s", message, extra={"key": self._about.key})
        self._tell("Normal", reason, message)

    def _tell(self, kind: Literal["Normal", "Warning"], reason: str, message: str) -> None:
        if kind == "Warning" or self.writes_normal:
            self._write(self._about, Event(type=kind, reason=reason, message=message))
