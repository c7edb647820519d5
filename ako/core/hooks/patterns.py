"""Paths that are written as patterns of another controller: they are compared as they are, and so match nothing."""

from __future__ import annotations

import re

_PATTERN = re.compile(r"\*|[\\^|?{}\[\]]|\$$|\([^)]*[.|*+]")
"""A star, what only regular expressions and templates have, or brackets around such; `/item(1)`, `/c++` are paths."""


def pattern_fault(path: str, where: str) -> tuple[str, str, str] | None:
    """Say that a path looks like a pattern (reason, message, remedy), None if it does not; `where` says whose it is."""
    if not _PATTERN.search(path):
        return None
    message = f"path {path} {where} looks like a pattern; it is compared as it is written, so that no request matches."
    return "PathIsPattern", message, "Use a path without it; every path below a prefix matches already."
