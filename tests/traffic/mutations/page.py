"""The table of reasons of `docs/mutations.md`; `python -m tests.traffic.mutations.page` puts it there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.traffic.mutations.reasons import REASONS

PAGE = Path(__file__).parents[3] / "docs" / "mutations.md"
_HEAD = "| reason | objects | fields | true |\n|---|---|---|---|\n"


def text(page: str) -> str:
    """Give a page with the table of now in it."""
    return re.sub(rf"{re.escape(_HEAD)}(?:\|.*\n)*", lambda _: reasons_table(), page)


def reasons_table() -> str:
    """Give the reasons as a table in Markdown."""
    rows = [
        f"| {one.text} | {_listed(one.kinds)} | {_listed(one.paths)} | {'checked' if one.is_checked else 'always'} |\n"
        for one in REASONS
    ]
    return _HEAD + "".join(rows)


def _listed(patterns: str) -> str:
    return " ".join(f"`{one}`" for one in patterns.split()) if patterns != "*" else "any"


if __name__ == "__main__":
    PAGE.write_text(text(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
