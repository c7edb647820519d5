"""Whether what was printed is what a page shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

ANYTHING = "…"
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|\b\d+(?:\.\d+)? m?s\b")
"""Times of day and durations, which are other ones each time."""


def fits(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Say whether lines are those that are shown; `…` stands for anything in a line, alone on one for any lines."""
    text = "".join(f"{TIMES.sub('<time>', line.rstrip())}\n" for line in printed)
    return re.fullmatch("".join(_pattern(TIMES.sub("<time>", line)) for line in shown), text) is not None


def _pattern(line: str) -> str:
    if line.strip() == ANYTHING:
        return r"(?:.*\n)*?"
    return r".*?".join(re.escape(part) for part in line.rstrip().split(ANYTHING)) + r"\n"
