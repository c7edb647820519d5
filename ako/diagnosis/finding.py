"""What a check found, and how checks are made: one that cannot be made says so, and ends no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any

from msgspec import Struct

from ako.core.base.errors import AkoError
from ako.core.base.log import on_one_line
from ako.core.base.wording import with_remedy


class Verdict(Enum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It could not be looked at."""


class Finding(Struct, frozen=True):
    """What a check found.

    Attributes:
        verdict: how bad it is.
        check: what was looked at, in a word or two.
        text: what is so.
        remedy: what to do about it; empty where nothing has to be done.
    """

    verdict: Verdict
    check: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"[{self.verdict.value}]".ljust(10) + f"{self.check}: {self.sentences}"

    @property
    def sentences(self) -> str:
        """Give what is so, and what to do: on one line, whatever a server said, or somebody called an object."""
        return with_remedy(in_one_line(self.text), in_one_line(self.remedy))

    def as_json(self) -> dict[str, Any]:
        """Give it as data."""
        return {"verdict": self.verdict.value, "check": self.check, "text": self.text, "remedy": self.remedy}


Check = Callable[[], Iterable[Finding]]
"""Looks at something."""


def in_one_line(text: str) -> str:
    """Give a text without ends of lines, and with what moves the cursor of a terminal as an escape."""
    return on_one_line(" ".join(text.split()))


def ok(check: str, text: str) -> Finding:
    """Say that all is well."""
    return Finding(Verdict.OK, check, text)


def warning(check: str, text: str, remedy: str = "") -> Finding:
    """Say what may be meant so."""
    return Finding(Verdict.WARNING, check, text, remedy)


def wrong(check: str, text: str, remedy: str = "") -> Finding:
    """Say what has to be mended."""
    return Finding(Verdict.WRONG, check, text, remedy)


def unknown(check: str, text: str, remedy: str = "") -> Finding:
    """Say why something could not be looked at."""
    return Finding(Verdict.UNKNOWN, check, text, remedy)


def made(name: str, check: Check) -> Iterator[Finding]:
    """Make a check; what keeps it from being made is unknown, and no fault of what is looked at."""
    try:
        yield from check()
    except AkoError as fault:
        yield unknown(name, f"cannot be looked at: {fault}")


def each(check: str, faults: Iterable[Finding], fine: str) -> Iterator[Finding]:
    """Give what is wrong, or that nothing is."""
    found = list(faults)
    yield from found or [ok(check, fine)]
