"""The plugins of one process, behind typed methods: one for each hook that is asked while the program runs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from ako.core.base.tally import MONOTONIC
from ako.core.engine.cells import Unknown
from ako.core.engine.kinds import Index, WatchedKind
from ako.core.engine.view import View
from ako.core.hooks.calls import Calls, NotAsked
from ako.core.hooks.claims import (
    UNREADABLE,
    Backend,
    Discovery,
    HostKey,
    Placement,
    PlacementFault,
    PortClaim,
    Problem,
    VirtualHost,
)
from ako.core.hooks.declarations import Declarations
from ako.core.hooks.judge.patches import copied
from ako.core.hooks.loading import Plugin
from ako.core.hooks.not_mine import NotMine
from ako.core.hooks.outcome import Outcome, SourceObject
from ako.core.hooks.reasons import LeftOut, Whose
from ako.core.hooks.translation import Translation
from ako.core.model import StaticRoute

_STILL_LEFT = "It had nothing to say of it before, and that stays so until it answers again."


class PluginHost(Declarations):
    """What plugins declare, and the answers they give.

    Args:
        plugins: in the order in which they are asked.
        clock: seconds, growing.

    Raises:
        PluginError: a plugin has something that could never work.
    """

    def __init__(self, plugins: Sequence[Plugin], clock: Callable[[], float] = MONOTONIC) -> None:
        super().__init__(plugins)
        self.calls = Calls(self.implementations, clock)
        self.calls.strangers = frozenset(plugin.name for plugin in plugins if not plugin.is_own)
        self.calls.crossing = frozenset(plugin for plugin, needs in self.needs.items() if needs.other_namespaces)
        self._not_mine = NotMine()

    def discover(self, source: SourceObject, view: View) -> Discovery:
        """Find the claims of one source object: by the plugin that declared its record."""
        for plugin, kind in self.sources:
            if kind.record is type(source.record):
                return self.calls.ask(plugin, "ako_discover", source=source, view=view) or Discovery()
        return Discovery()

    def guarded_indexes(self, declared: WatchedKind) -> Mapping[str, Index] | None:
        """Give the indexes of a kind as they are asked, None where they are all ours: objects are filed by no hook."""
        plugin = next((plugin for plugin, kinds in self.kinds.items() if declared in kinds), "")
        if not plugin or all(map(_is_ours, declared.indexes.values())):
            return None
        return {
            name: partial(self.calls.index, plugin, declared.kind, function)
            for name, function in declared.indexes.items()
        }

    def translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
        """Give the first plugin's translation of a virtual host, None if no plugin wants it."""
        translation: Translation | None = self._first(
            "ako_translate", virtual_host.key, virtual_host=virtual_host, view=view
        )
        return translation

    def adjust(self, virtual_host: VirtualHost | PortClaim, translation: Translation, view: View) -> Translation:
        """Give a translation as the plugins that adjust leave it, each asked about what the one before it gave.

        One that cannot answer now, and left the host as it was before, still does, and the owners are told.

        Raises:
            Unknown: a plugin that may have something to say cannot.
        """
        hook, faults = "ako_adjust", []
        for plugin in self.implementations[hook]:
            try:
                answer = self.calls.ask(plugin, hook, virtual_host=virtual_host, translation=translation, view=view)
            except Unknown as unknown:
                if not self._is_left(unknown, plugin, hook, virtual_host.key):
                    raise
                faults += [] if isinstance(unknown, NotAsked) else [str(unknown)]
                continue
            self._not_mine.note(plugin, hook, virtual_host.key, is_left=answer is None)
            translation = translation if answer is None else answer
        sources = dict.fromkeys(claim.source for claim in virtual_host.claims) if faults else ()
        problems = (Problem(source, UNREADABLE, fault, _STILL_LEFT) for source in sources for fault in faults)
        return translation.with_problems(*problems) if faults else translation

    def forget(self, virtual_host: HostKey) -> None:
        """Note that a host is gone: what plugins said of it is not said of another one of its name."""
        self._not_mine.forget(virtual_host)

    def settle(self) -> None:
        """Note that plugins were asked of all that there is."""
        self._not_mine.settle(self.calls.failures)

    def place(self, view: View, backend: Backend) -> Placement:
        """Give the first plugin's placement of a backend (a query)."""
        placement: Placement | None = self._first("ako_place_backend", backend, backend=backend, view=view)
        if placement is None:
            message = f"no plugin finds servers for service {backend.namespace}/{backend.service}."
            remedy = "Enable one that does in ako.plugins.enabled."
            return Placement(faults=(PlacementFault("NotPlaced", message, remedy),))
        return placement

    def static_routes(self, view: View) -> Sequence[StaticRoute] | None:
        """Give the first plugin's static routes, None if no plugin has any to give."""
        routes: Sequence[StaticRoute] | None = self._first("ako_static_routes", None, view=view)
        return None if routes is None else tuple(routes)

    def report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
        """Give the status patch of a source object: by the plugin that declared its record.

        None too if the plugin fails: what the status says then stays.
        """
        for plugin, kind in self.sources:
            if kind.record is type(source.record):
                try:
                    answer = self.calls.ask(plugin, "ako_report", source=source, outcome=outcome)
                except Unknown:
                    return None
                patch: Mapping[str, Any] | None = copied(answer)
                return patch
        return None

    def explain_source(self, source: SourceObject, view: View) -> Whose | None:
        """Say whether a source object is for us, and why: by the plugin that declared its record.

        Raises:
            Unknown: it cannot say.
        """
        for plugin, kind in self.sources:
            if kind.record is type(source.record):
                answer: Whose | None = self.calls.ask(plugin, "ako_explain_source", source=source, view=view)
                return answer
        return None

    def explain_backend(self, backend: Backend, view: View) -> tuple[LeftOut, ...]:
        """Say what is left out of the servers of a backend: by the plugin that places it.

        Raises:
            Unknown: it cannot say.
        """
        for plugin in self.implementations["ako_place_backend"]:
            if self.calls.ask(plugin, "ako_place_backend", backend=backend, view=view) is not None:
                return self.calls.ask(plugin, "ako_explain_backend", backend=backend, view=view) or ()
        return ()

    def _first(self, hook: str, question: Hashable, **arguments: object) -> Any:
        """Give the first answer of any plugin.

        One that cannot answer now holds nobody up whose question it left to others before; nor does one that is not
        asked at present and left all that there was to others.

        Raises:
            Unknown: a plugin that may have something to say cannot.
        """
        for plugin in self.implementations[hook]:
            try:
                answer = self.calls.ask(plugin, hook, **arguments)
            except Unknown as unknown:
                if not self._is_left(unknown, plugin, hook, question):
                    raise
                continue
            self._not_mine.note(plugin, hook, question, is_left=answer is None)
            if answer is not None:
                return answer
        return None

    def _is_left(self, unknown: Unknown, plugin: str, hook: str, question: Hashable) -> bool:
        """Say whether a question counts as left to others while a plugin cannot answer it."""
        is_idle = isinstance(unknown, NotAsked) and self._not_mine.leaves_all(plugin, hook)
        return is_idle or self._not_mine.was_left(plugin, hook, question)


def _is_ours(function: Index) -> bool:
    return str(getattr(function, "__module__", "")).startswith("ako.")
