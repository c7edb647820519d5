"""How far a command is, on one line at a terminal: after a second, gone when it ends, and nothing of it in a pipe.

`rich` is not asked for that: what is printed meanwhile, the log too, has to stay as it is, and it folds lines.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from ako.core.base.doing import Doing
from ako.core.base.log import on_one_line

SILENT_SECONDS = 1.0
"""How long nothing is shown: what is done by then needs no telling."""

_LOOK_SECONDS = 0.1
_ERASE = "\r\x1b[K"

Look = Callable[[], Iterable[Doing] | None]
"""Says what is being done; None: there is nothing more to show."""


class Progress:
    """The line, and what it shows; any thread may say what that is.

    Args:
        stream: where it is shown.
        clock: seconds, growing.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.RLock()
        self._look: Look = tuple
        self._began = clock()
        self._shown = ""
        self._is_at_start = True

    def say(self, what: str, done: int = 0, of: int = 0, things: str = "") -> None:
        """Show that something is under way, from now on, and how much of it is done."""
        doing = Doing(what, done, of, things)
        self.follow(lambda: (doing,))

    def follow(self, look: Look) -> None:
        """Show what `look` gives, which is asked again and again, from a thread of its own."""
        self._look = look

    def tick(self) -> bool:
        """Show what is being done now; say whether there may be more to show."""
        doing = self._look()
        with self._lock:
            seconds = self._clock() - self._began
            text = ", ".join(map(str, doing or ()))
            if not text or seconds < SILENT_SECONDS:
                self._show("")
            elif self._is_at_start:
                self._show(self._cut(f"{text} ({seconds:.0f} s)"))
        return doing is not None

    def write(self, stream: TextIO, text: str) -> None:
        """Print something above the line, which is shown again once that ends a line."""
        with self._lock:
            self._show("")
            stream.write(text)
            if text:
                self._is_at_start = text.endswith("\n")

    def close(self) -> None:
        """Take the line away; nothing is shown any more."""
        with self._lock:
            self._look = lambda: None
            self._show("")

    def _show(self, text: str) -> None:
        if text != self._shown:
            self._shown = text
            self._stream.write(f"{_ERASE}{text}")
            self._stream.flush()

    def _cut(self, text: str) -> str:
        """Give as much of a text as fits into the one line that the terminal can erase."""
        try:
            columns = os.get_terminal_size(self._stream.fileno()).columns
        except (OSError, ValueError):
            columns = 0
        most = (columns or 80) - 1
        text = on_one_line(" ".join(text.split()))
        return text if len(text) <= most else f"{text[: most - 1]}…"


@contextmanager
def progress() -> Iterator[Progress]:
    """Have a line that shows what is being done, for as long as this lasts; in a pipe there is none.

    What is printed and logged meanwhile goes above it.
    """
    stream = sys.stderr
    line = Progress(stream)
    if not _is_wanted(stream):
        yield line
        return
    ended = threading.Event()

    def show() -> None:
        while line.tick() and not ended.wait(_LOOK_SECONDS):
            pass

    thread = threading.Thread(target=show, name="progress", daemon=True)
    with _above(line):
        thread.start()
        try:
            yield line
        finally:
            ended.set()
            thread.join()
            line.close()


def _is_wanted(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


@contextmanager
def _above(line: Progress) -> Iterator[None]:
    """Have what is written to a terminal go above a line, by handlers of the log too that are there already."""
    before = sys.stdout, sys.stderr
    above = [cast("TextIO", _Above(stream, line)) if stream.isatty() else stream for stream in before]
    sys.stdout, sys.stderr = above
    _log_to(above[1], instead_of=before[1])
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        _log_to(before[1], instead_of=above[1])


def _log_to(stream: TextIO, *, instead_of: TextIO) -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is instead_of:
            handler.setStream(stream)


class _Above:
    """A stream of text that writes above the line, and is the stream beneath it otherwise."""

    def __init__(self, stream: TextIO, line: Progress) -> None:
        self._stream, self._line = stream, line

    def write(self, text: str) -> int:
        self._line.write(self._stream, text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
