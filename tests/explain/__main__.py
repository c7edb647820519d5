"""Writes docs/situations.md: `python -m tests.explain`."""

from __future__ import annotations

from tests.explain.page import PAGE, text

if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
