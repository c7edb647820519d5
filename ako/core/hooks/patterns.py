"""Paths that no request has: with control characters, or written as patterns of another controller.

Patterns are compared as they are, and so match nothing. Names of objects are made of paths, so that no control
character gets into one.
"""

from __future__ import annotations

import re

_PATTERN = re.compile(r"\*|[\\^|?{}\[\]]|\$$|\([^)]*[.|*+]")
"""A star, what only regular expressions and templates have, or brackets around such; `/item(1)`, `/c++` are paths."""


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What no path, and nothing that is printed on one line, can have."""


def has_control(text: str) -> bool:
    """Say whether there is a control character in a text, or what ends a line."""
    return bool(_CONTROL.search(text))


def path_fault(path: str, where: str) -> tuple[str, str, str] | None:
    """Say that a path cannot be served (reason, message, remedy), None if it can; `where` says whose it is.

    Args:
        path: the path, as it is written.
        where: words for the message, such as `of host shop.com`.
    """
    if not has_control(path):
        return None
    message = f"path {path[:80]!r} {where} has a control character, which no request can have; it is not served."
    return "InvalidPath", message, "Remove it, or write it as %XX."


def pattern_fault(path: str, where: str) -> tuple[str, str, str] | None:
    """Say that a path looks like a pattern (reason, message, remedy), None if it does not; `where` says whose it is.

    Args:
        path: the path, as it is written.
        where: words for the message, such as `of host shop.com`.
    """
    if not _PATTERN.search(path):
        return None
    message = f"path {path} {where} looks like a pattern; it is compared as it is written, so that no request matches."
    return "PathIsPattern", message, "Use a path without it; every path below a prefix matches already."
