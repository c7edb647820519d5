"""What the demonstration prints: headings, evidence and promises kept, plain text at most 110 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from ako.cli.progress import Progress
from ako.core.base.errors import AkoError

WIDTH = 110
_INDENT = "   "


class BrokenPromiseError(AkoError):
    """Something did not go as the demonstration says."""


class Narrator:
    """Prints at once, so that a reader at the other end of a pipe can follow.

    Args:
        line: shows at a terminal which step is under way.
    """

    def __init__(self, line: Progress) -> None:
        self._line = line
        self._step = 0
        self._is_listing = False
        self.kept = 0
        """Promises that were kept so far."""

    def step(self, title: str, why: str) -> None:
        """Begin a step."""
        self._step += 1
        self._is_listing = False
        self._line.say(f"step {self._step}, {title}")
        print(f"\n{self._step}. {title}\n{_filled(why)}\n", flush=True)

    def say(self, text: str) -> None:
        """Print a paragraph."""
        self._end_list()
        print(f"{_filled(text)}\n", flush=True)

    def show(self, lines: Iterable[str]) -> None:
        """Print evidence as it is; what is too wide goes on in the next line."""
        self._end_list()
        for line in lines:
            if len(line) <= WIDTH - len(_INDENT):
                print(f"{_INDENT}{line}")
            else:
                margin = _INDENT + " " * (len(line) - len(line.lstrip()))
                print(textwrap.fill(line.strip(), WIDTH, initial_indent=margin, subsequent_indent=f"{margin}    "))
        print(flush=True)

    def rest(self) -> None:
        """Show no step any more: nothing more happens by itself."""
        self._line.close()

    def offer(self, lines: Iterable[str]) -> None:
        """Print what a reader is to copy: never folded."""
        self._end_list()
        print(*(f"{_INDENT}{line}" for line in lines), "", sep="\n", flush=True)

    def promise(self, promise: str, *, found: str, is_kept: bool) -> None:
        """Print a promise that was kept.

        Raises:
            BrokenPromiseError: it was not; `found` says what was found instead.
        """
        if not is_kept:
            raise BrokenPromiseError(f"not as promised: {promise}. Found: {found}")
        self.kept += 1
        self._is_listing = True
        print(f"{_INDENT}ok: {promise}", flush=True)

    def _end_list(self) -> None:
        """Part what follows from a list of promises."""
        if self._is_listing:
            print()
        self._is_listing = False


def _filled(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
