"""Which questions plugins leave to others: what they said last holds where they cannot be asked."""

from __future__ import annotations

from collections.abc import Hashable

_MOST = 200_000
"""Questions that are remembered; then all are forgotten, which holds up others only where a plugin fails."""


class NotMine:
    """Remembers of each plugin and hook which questions it answered with None."""

    def __init__(self) -> None:
        self._left: set[tuple[str, str, Hashable]] = set()
        self._gave: dict[tuple[str, str], bool] = {}

    def note(self, plugin: str, hook: str, question: Hashable, *, is_left: bool) -> None:
        """Note an answer: whether the question is left to others."""
        key = (plugin, hook, question)
        if is_left:
            if len(self._left) >= _MOST:
                self._left.clear()
            self._left.add(key)
            self._gave.setdefault((plugin, hook), False)
        else:
            self._left.discard(key)
            self._gave[plugin, hook] = True

    def was_left(self, plugin: str, hook: str, question: Hashable) -> bool:
        """Say whether the last answer to a question left it to others."""
        return (plugin, hook, question) in self._left

    def leaves_all(self, plugin: str, hook: str) -> bool:
        """Say whether a plugin has answered, and left every question to others so far."""
        return self._gave.get((plugin, hook)) is False
