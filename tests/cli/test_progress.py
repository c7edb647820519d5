"""The line that says how far a command is: at a terminal, after a second, gone at the end, whole among other lines."""

from __future__ import annotations

import io
import logging
import os
import pty
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import pytest

from ako.cli.progress import Progress, progress
from ako.core.base.doing import Doing
from tests.waiting import eventually


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """What a terminal was sent, and what is to be seen of it."""

    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        """Give the lines as they stand, as far as `Progress` moves on them."""
        lines = [""]
        for piece in self.getvalue().replace("\r\x1b[K", "\0").splitlines(keepends=True):
            lines[-1] = (lines[-1] + piece.rstrip("\n")).rpartition("\0")[2]
            if piece.endswith("\n"):
                lines.append("")
        return lines


def line_on(terminal: TextIO) -> tuple[Progress, Clock]:
    clock = Clock()
    return Progress(terminal, clock), clock


def test_nothing_is_shown_for_a_second_and_nothing_is_left() -> None:
    terminal = Terminal()
    line, clock = line_on(terminal)
    line.say("reading", 3, 1200, "objects")
    assert line.tick()
    clock.now += 0.9
    line.tick()
    assert terminal.getvalue() == ""
    clock.now += 0.1
    line.tick()
    assert terminal.lines == ["reading: 3 of 1,200 objects (1 s)"]
    line.say("writing")
    clock.now += 60
    line.tick()
    assert terminal.lines == ["writing (61 s)"]
    line.close()
    assert terminal.lines == [""]
    assert not line.tick()


def test_what_is_printed_meanwhile_stands_above_as_it_is() -> None:
    terminal = Terminal()
    line, clock = line_on(terminal)
    line.say("reading")
    clock.now += 2
    line.tick()
    line.write(terminal, "first line\n")
    assert terminal.lines == ["first line", ""]
    line.tick()
    line.write(terminal, "half ")
    line.tick()
    assert terminal.lines == ["first line", "half "]
    line.write(terminal, "a line\n")
    line.tick()
    assert terminal.lines == ["first line", "half a line", "reading (2 s)"]


def test_what_is_under_way_together_is_one_line_and_never_more_than_fits() -> None:
    terminal = Terminal()
    line, clock = line_on(terminal)
    clock.now += 1
    line.follow(lambda: (Doing("a", 1, 2, "things"), Doing("b\nc " * 100)))
    line.tick()
    (shown,) = terminal.lines
    assert shown.startswith("a: 1 of 2 things, b c b c")
    assert len(shown) == 79
    line.say("what \x1b[2J a server says")
    line.tick()
    assert terminal.lines == [r"what \u001b[2J a server says (1 s)"]
    line.follow(lambda: None)
    assert not line.tick()
    assert terminal.lines == [""]


@contextmanager
def streams(monkeypatch: pytest.MonkeyPatch, out: TextIO, err: TextIO) -> Iterator[logging.StreamHandler[TextIO]]:
    """Have these in the place of our own, and the log going to the one for errors."""
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr("ako.cli.progress.SILENT_SECONDS", 0.0)
    handler = logging.StreamHandler(err)
    logging.getLogger().addHandler(handler)
    try:
        yield handler
    finally:
        logging.getLogger().removeHandler(handler)


def test_on_a_pty_it_is_shown_between_whole_lines_of_log_and_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    master, slave = pty.openpty()
    sent: list[bytes] = []

    def has_come(text: bytes) -> bool:
        sent.append(os.read(master, 4096))
        return text in b"".join(sent)

    with os.fdopen(slave, "w") as terminal, streams(monkeypatch, terminal, terminal) as handler:
        with progress() as line:
            line.say("reading", 1, 2, "objects")
            assert "progress" in {thread.name for thread in threading.enumerate()}
            eventually(lambda: has_come(b"reading: 1 of 2 objects ("), "the line")
            logging.getLogger("ako").error("an error")
            print("some output")
            eventually(lambda: has_come(b"some output\r\n\r\x1b[Kreading: 1 of 2 objects ("), "the line again")
        assert handler.stream is terminal
        assert sys.stderr is terminal
        print("the end", flush=True)
        eventually(lambda: has_come(b"the end"), "what comes after")
    os.close(master)
    text = b"".join(sent)
    assert b"\r\x1b[Kan error\r\n" in text
    assert text.rstrip().endswith(b"\r\x1b[Kthe end")


@pytest.mark.parametrize("term", ["xterm", "dumb", ""])
def test_in_a_pipe_and_on_a_dumb_terminal_there_is_nothing_of_it(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    out, err = io.StringIO(), io.StringIO() if term == "xterm" else Terminal()
    with streams(monkeypatch, out, err), progress() as line:
        line.say("reading")
        assert "progress" not in {thread.name for thread in threading.enumerate()}
        print("some output")
        logging.getLogger("ako").error("an error")
        assert sys.stdout is out
    assert out.getvalue() == "some output\n"
    assert err.getvalue() == "an error\n"
