"""Lines within lines on a terminal or in a pipe: each top one is a headline, with a column of labels below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ako.cli.screen import Screen, Style, Words
from ako.core.explain.outline import Line, Tone

INDENT = 2

_STYLES: Mapping[Tone, Style] = {
    Tone.GOOD: Style.GOOD,
    Tone.WARNING: Style.WARNING,
    Tone.BAD: Style.BAD,
    Tone.FAINT: Style.FAINT,
}


def show(screen: Screen, lines: Iterable[Line]) -> None:
    """Print an outline.

    Args:
        screen: where.
        lines: the headlines, with what belongs to each.
    """
    for line in lines:
        label = Words(line.label, Style.FAINT if line.tone is Tone.FAINT else Style.STRONG)
        screen.line(label, "  ", _toned(line.text, line.tone))
        _remedy(screen, line, INDENT)
        _within(screen, line.lines, INDENT)


def _within(screen: Screen, lines: Sequence[Line], indent: int) -> None:
    width = max((len(line.label) for line in lines), default=0)
    before = ""
    for line in lines:
        label = "" if line.label == before else line.label
        gap = f"{label:{width}}  " if width else ""
        text = _toned(line.text, line.tone)
        if gap:
            screen.beside(Words(gap, Style.FAINT), text, indent=indent)
        else:
            screen.line(text, indent=indent)
        _remedy(screen, line, indent + len(gap))
        _within(screen, line.lines, indent + len(gap))
        before = line.label


def _remedy(screen: Screen, line: Line, indent: int) -> None:
    if line.remedy:
        screen.beside(Words("→ ", Style.STRONG), Words(line.remedy, Style.STRONG), indent=indent)


def _toned(text: str, tone: Tone) -> str | Words:
    style = _STYLES.get(tone)
    return Words(text, style) if style else text
