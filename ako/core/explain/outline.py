"""An answer as people read it, on a terminal and on the page alike: lines within lines."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Tone(StrEnum):
    """How a line is meant."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    FAINT = "faint"


class Line(Struct, frozen=True, omit_defaults=True):
    """One line, and the lines that belong to it.

    Attributes:
        label: what it is about, such as `certificate`.
        text: what there is to say.
        tone: how it is meant; the words say it too.
        remedy: what to do about it.
        asks: the question that leads on from here, as `ako explain` takes it: another object that is named.
        lines: what belongs to it.
    """

    label: str
    text: str
    tone: Tone = Tone.PLAIN
    remedy: str = ""
    asks: str = ""
    lines: tuple[Line, ...] = ()
