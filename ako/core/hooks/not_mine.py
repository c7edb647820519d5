"""Which questions plugins leave to others: what they said last holds where they cannot be asked."""

from __future__ import annotations

from collections.abc import Container, Hashable

_MOST = 200_000
"""Questions that are remembered; then all are forgotten, which holds up others only where a plugin fails."""

_Hook = tuple[str, str]
"""Plugin and hook."""


class NotMine:
    """Remembers of each plugin and hook which questions it answered with None."""

    def __init__(self) -> None:
        self._left: dict[Hashable, set[_Hook]] = {}
        self._silent: set[_Hook] = set()
        self._speaks: set[_Hook] = set()
        self._idle: set[_Hook] = set()

    def note(self, plugin: str, hook: str, question: Hashable, *, is_left: bool) -> None:
        """Note an answer: whether the question is left to others."""
        if is_left:
            if len(self._left) >= _MOST:
                self._left.clear()
            self._left.setdefault(question, set()).add((plugin, hook))
            self._silent.add((plugin, hook))
        else:
            self._left.get(question, set()).discard((plugin, hook))
            self._speaks.add((plugin, hook))

    def forget(self, question: Hashable) -> None:
        """Forget what was said to a question: what it was about is gone, and what comes after it is another's."""
        self._left.pop(question, None)

    def settle(self, failed: Container[_Hook]) -> None:
        """Note that all was asked that there is; `failed` are those who failed since the start, and may have something.

        Before that nobody knows what a plugin says: after a restart it may be asked last of what it changes.
        """
        self._idle.update(one for one in self._silent if one not in failed)
        self._silent.clear()

    def was_left(self, plugin: str, hook: str, question: Hashable) -> bool:
        """Say whether the last answer to a question left it to others."""
        return (plugin, hook) in self._left.get(question, ())

    def leaves_all(self, plugin: str, hook: str) -> bool:
        """Say whether a plugin was asked of all that there was, and has left every question to others so far."""
        return (plugin, hook) in self._idle and (plugin, hook) not in self._speaks
