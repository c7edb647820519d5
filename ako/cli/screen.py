"""What commands print: the same words for a person at a terminal and for a pipe; colour and width at a terminal only.

Who asks for no colour (`NO_COLOR`, `TERM=dumb`) gets none. In a pipe no line is cut or folded, whatever `COLUMNS` says:
what reads it may be a program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TextIO

from ako.core.base.log import on_one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


class Style(StrEnum):
    """What a word is, which says how it looks; never the only thing that says it."""

    GOOD = "green"
    BAD = "bold red"
    WARNING = "yellow"
    ADDED = "green"
    CHANGED = "yellow"
    REMOVED = "red"
    STRONG = "bold"
    FAINT = "dim"


class Words(NamedTuple):
    """Some words of a line, and what they are."""

    text: str
    style: Style


class Screen:
    """Prints lines on a stream; what would end one, or do something to a terminal, is written as JSON would write it.

    Args:
        stream: standard output, if it is not said.

    Attributes:
        is_terminal: a person looks at it.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self.is_terminal = self._stream.isatty()
        self._console = _console(self._stream) if self.is_terminal else None

    @property
    def width(self) -> int:
        """Give how many columns a line has, 0 if there is no limit."""
        return self._console.width if self._console else 0

    @property
    def height(self) -> int:
        """Give how many lines are seen at once, 0 if there is no limit."""
        return self._console.height if self._console else 0

    def line(self, *parts: str | Words, indent: int = 0) -> None:
        """Print a line; at a terminal one that is too long is folded between words, under its indentation."""
        if self._console is None:
            text = "".join(map(_plain, parts))
            print(f"{' ' * indent}{text}".rstrip(), file=self._stream)
            return
        from rich.padding import Padding  # noqa: PLC0415 - takes a while, and only at a terminal

        line = _text(*parts)
        shown = Padding(line, (0, 0, 0, indent), expand=False) if indent else line
        self._console.print(shown, highlight=False, markup=False)

    def lines(self, text: str) -> None:
        """Print lines that another screen took; only where no person looks, for they are not folded."""
        print(text, end="", file=self._stream)

    def beside(self, label: str | Words, *parts: str | Words, indent: int = 0) -> None:
        """Print a line that begins with a label; at a terminal one that is too long is folded beside it."""
        if self._console is None:
            self.line(label, *parts, indent=indent)
            return
        from rich.padding import Padding  # noqa: PLC0415 - as above
        from rich.table import Table  # noqa: PLC0415

        grid = Table.grid()
        grid.add_column(width=len(_plain(label)), no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(_text(label), _text(*parts))
        self._console.print(Padding(grid, (0, 0, 0, indent)), highlight=False, markup=False)

    def table(self, rows: Iterable[tuple[str | Words, ...]], *, indent: int = 0, gap: int = 2) -> None:
        """Print rows in columns as wide as they have to be; the last one is as long as it is."""
        listed = list(rows)
        columns = max((len(row) for row in listed), default=1) - 1
        widths = [max(len(_plain(row[n])) for row in listed if n < len(row) - 1) for n in range(columns)]
        for row in listed:
            cells: list[str | Words] = []
            for cell, width in zip(row[:-1], widths, strict=False):
                cells += [cell, " " * (width - len(_plain(cell)) + gap)]
            self.line(*cells, *row[-1:], indent=indent)


def _plain(cell: str | Words) -> str:
    return on_one_line(cell.text if isinstance(cell, Words) else cell)


def _text(*parts: str | Words) -> Text:
    from rich.text import Text  # noqa: PLC0415 - takes a while, and only at a terminal

    return Text.assemble(
        *((_plain(part), part.style.value) if isinstance(part, Words) else _plain(part) for part in parts)
    )


def _console(stream: TextIO) -> Console:
    from rich.console import Console  # noqa: PLC0415 - takes a while, and only at a terminal

    return Console(file=stream)
