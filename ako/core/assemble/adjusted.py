"""What plugins make of the translation of a host: one asked after the other, each about what the one before it gave.

Each answer is a query of its own, so that a plugin that cannot answer is known by what it said last of the host: where
that was nothing, nothing is held up by it, and the owner is told; where it was another translation, the host stays as
it is.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import UNREADABLE, HostKey, Problem
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.translation import HostModel, Translation

_REMEDY = "It had nothing to say of it before, and that stays so until it answers again."

Plain = Callable[[View, HostKey], HostModel]
"""The query that gives a host as it is translated, before anybody adjusts it."""


class _Answer(Struct, frozen=True):
    """What a plugin said of a host; None leaves it as it is."""

    translation: Translation | None


class Adjusted:
    """Asks the plugins that adjust.

    Args:
        host: the plugins.
        plain: gives a host before that.
    """

    def __init__(self, host: PluginHost, plain: Plain) -> None:
        self._host = host
        self._plain = plain

    def model(self, view: View, key: HostKey) -> HostModel:
        """Give a host as the last of the plugins leaves it; it costs nothing where none adjusts.

        Raises:
            Unknown: it cannot be translated, or one that has adjusted it, or never was asked about it, cannot answer.
        """
        plugins = self._host.adjusting
        if not plugins:
            return self._plain(view, key)
        model, translation, doubts = self._until(view, key, len(plugins))
        if doubts and translation is not None:
            sources = dict.fromkeys(claim.source for claim in model.virtual_host.claims)
            problems = (Problem(source, UNREADABLE, doubt, _REMEDY) for source in sources for doubt in doubts)
            translation = translation.with_problems(*problems)
        return replace(model, translation=translation)

    def _until(self, view: View, key: HostKey, count: int) -> tuple[HostModel, Translation | None, tuple[str, ...]]:
        """Give a host, its translation as the first plugins leave it, and why those cannot answer that said nothing."""
        model, doubt = view.last(self._plain, key)
        if model is None or doubt:
            raise Unknown(doubt)
        translation = model.translation
        doubts: list[str] = []
        for number in range(count) if translation is not None else ():
            answer, doubt = view.last(self._answer, key, number)
            if answer is None or (doubt and answer.translation is not None):
                raise Unknown(doubt)
            translation = answer.translation or translation
            doubts += [doubt] if doubt else []
        return model, translation, tuple(doubts)

    def _answer(self, view: View, key: HostKey, number: int) -> _Answer:
        """Give what a plugin says of a host as those before it leave it (a query)."""
        model, translation, _ = self._until(view, key, number)
        if translation is None:
            return _Answer(None)
        return _Answer(self._host.adjust(self._host.adjusting[number], model.virtual_host, translation, view))
