"""The table of `docs/conformance.md`; `python -m tests.conformance.page` puts it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.conformance.table import BEYOND, SUITE, Row

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
BEGIN, END = "<!-- rows: python -m tests.conformance.page -->", "<!-- end of rows -->"


def rows() -> str:
    """Give both tables and their sums."""
    reasons = list(dict.fromkeys(row.because for row in SUITE if row.instead))
    sections = (
        "## The suite",
        f"{sum(not row.instead for row in SUITE)} of {len(SUITE)} rows pass.",
        _table(SUITE, reasons),
        "The others, by the number in the table:",
        "\n".join(f"{number}. {reason}" for number, reason in enumerate(reasons, 1)),
        "## Beyond it",
        _table(BEYOND, reasons),
    )
    return "\n\n".join(sections)


def text(page: str) -> str:
    """Give a page with the tables of now in it."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{rows()}\n\n{END}{rest.partition(END)[2]}"


def _table(listed: Iterable[Row], reasons: Sequence[str]) -> str:
    return "\n".join(_lines(listed, reasons))


def _lines(listed: Iterable[Row], reasons: Sequence[str]) -> Iterator[str]:
    yield "| feature | what | request | wanted | result |"
    yield "|---|---|---|---|---|"
    for row in listed:
        result = f"**no** ({reasons.index(row.because) + 1}): {row.instead}" if row.instead else "passes"
        yield f"| {row.feature} | {row.says} | {row.request} | {row.wanted} | {result} |"


if __name__ == "__main__":
    PAGE.write_text(text(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
