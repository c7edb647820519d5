"""The same words at a terminal and in a pipe; at a terminal a long line is folded beside its label."""

from __future__ import annotations

import io
import re

import pytest

from ako.cli.explain.lines import show
from ako.cli.screen import Screen, Style, Words
from ako.core.explain.outline import Line, Tone

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
LINES = (
    Line(
        "shop.com",
        "served at 10.0.0.1",
        Tone.GOOD,
        lines=(
            Line("claim", "Ingress/default/shop", lines=(Line("", "/ (Prefix) → default/web:80"),)),
            Line("wrong", "one two three four five six seven eight", Tone.BAD, "mend it"),
            Line("rule", "plain HTTP: any path"),
            Line("rule", "TLS: any path"),
        ),
    ),
)
TOLD = """\
shop.com  served at 10.0.0.1
  claim  Ingress/default/shop
         / (Prefix) → default/web:80
  wrong  one two three four five six seven eight
         → mend it
  rule   plain HTTP: any path
         TLS: any path
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO) -> str:
    show(Screen(stream), LINES)
    return stream.getvalue()


def test_a_pipe_gets_the_words_and_nothing_else() -> None:
    assert shown(io.StringIO()) == TOLD


def test_a_terminal_gets_the_same_words_folded_under_their_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    told = [line.rstrip() for line in ESCAPES.sub("", shown(Terminal())).splitlines()]
    assert told[3:6] == ["  wrong  one two three four five six", "         seven eight", "         → mend it"]
    assert " ".join(" ".join(told).split()) == " ".join(TOLD.split())


def test_a_label_has_its_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    Screen(stream).beside(Words("a ", Style.BAD), "b")
    assert "\x1b[1;31ma" in stream.getvalue()


@pytest.mark.parametrize("is_terminal", [False, True])
def test_what_is_told_of_others_ends_no_line_and_does_nothing_to_a_terminal(
    monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: is_terminal)
    Screen(stream).line("a\n::error::b\u202e", Words("\x1b[31m\udcff", Style.FAINT))
    printed = ESCAPES.sub("", stream.getvalue())
    assert printed == "a\\n::error::b\\u202e\\u001b[31m\ufffd\n"
