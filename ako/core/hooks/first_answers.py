"""The first answer of several plugins, where each may say that something is not its own.

What each says is a query of its own, so that one that cannot answer, as it fails or is suspended, is known by what it
said last: where that was nothing, the next one is asked as before, and nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from msgspec import Struct

from ako.core.engine.cells import Unknown
from ako.core.engine.view import View


class Answer(Struct, frozen=True):
    """What one plugin said; None: it is not its own."""

    given: Any


def first_answer(view: View, query: Callable[..., Answer], plugins: Sequence[str], *arguments: Hashable) -> Any:
    """Give the first answer that is one, None if no plugin has any.

    Args:
        view: what reads.
        query: gives the answer of a plugin to these arguments.
        plugins: in the order in which they are asked.
        arguments: what they are asked about.

    Raises:
        Unknown: one that has answered, or never was asked about it, cannot answer.
    """
    for plugin in plugins:
        answer, doubt = view.last(query, plugin, *arguments)
        if answer is None or (doubt and answer.given is not None):
            raise Unknown(doubt)
        if answer.given is not None:
            return answer.given
    return None
