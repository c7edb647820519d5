"""Figures → the table that is printed and kept: ours, the Go program's, the target, met or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bench.measuring import Measured
from bench.peer import bars_of

Row = tuple[str, ...]

HEADER: Row = ("cell", "figure", "ours", "Go AKO", "target", "met")


def table(results: Iterable[Measured]) -> str:
    """Give the table of the benchmark."""
    return aligned(HEADER, (row for result in results for row in rows_of(result)))


def aligned(header: Row, rows: Iterable[Row]) -> str:
    """Give rows of text below their header, as Markdown that reads as plain text too."""
    every = [header, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(header))]
    lines = [_line(row, widths) for row in every]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def misses_of(result: Measured) -> list[str]:
    """Name the figures of a cell that miss their target."""
    return [row[1] for row in rows_of(result) if row[5] == "no"]


def remark(result: Measured) -> str:
    """Say under which load a cell was measured, and what it missed."""
    machine = result.machine
    load = f"load {machine.load_before} → {machine.load_after}, others used {machine.others_percent:.0f} %"
    misses = misses_of(result)
    return f"{result.cell}: {load}" + (f"; missed: {', '.join(misses)}" if misses else "")


def rows_of(result: Measured) -> Iterator[Row]:
    """Give the rows of a cell; its name stands in the first only."""
    bars = bars_of(result.cell)
    for number, (figure, value) in enumerate(result.figures.items()):
        bar = bars.get(figure)
        target = bar.target if bar else None
        met = "" if target is None else "yes" if value <= target else "no"
        cell = "" if number else result.cell
        yield cell, figure, spelt(value), bar.peer if bar else "", "" if target is None else f"≤ {target:g}", met


def spelt(value: float) -> str:
    """Spell a figure with three digits that count; counts in full."""
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _line(row: Row, widths: Sequence[int]) -> str:
    return "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
