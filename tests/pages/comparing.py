"""Whether what was printed is what a page shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

ANYTHING = "…"


def fits(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Say whether lines are those that are shown; `…` stands for anything in a line, alone on one for any lines."""
    text = "".join(f"{line.rstrip()}\n" for line in printed)
    return re.fullmatch("".join(map(_pattern, shown)), text) is not None


def _pattern(line: str) -> str:
    if line.strip() == ANYTHING:
        return r"(?:.*\n)*?"
    return r".*?".join(re.escape(part) for part in line.rstrip().split(ANYTHING)) + r"\n"
