"""The plugins of one process, behind typed methods: one for each hook that is asked while the program runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ako.core.base.tally import MONOTONIC
from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.calls import Calls
from ako.core.hooks.claims import Backend, Discovery, Placement, PlacementFault, PortClaim, VirtualHost
from ako.core.hooks.declarations import Declarations
from ako.core.hooks.first_answers import Answer, first_answer
from ako.core.hooks.loading import Plugin
from ako.core.hooks.outcome import Outcome, SourceObject
from ako.core.hooks.translation import Translation
from ako.core.model import StaticRoute


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

    def discover(self, source: SourceObject, view: View) -> Discovery:
        """Find the claims of one source object: by the plugin that declared its record."""
        for plugin, kind in self.sources:
            if kind.record is type(source.record):
                return self.calls.ask(plugin, "ako_discover", source=source, view=view) or Discovery()
        return Discovery()

    def translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
        """Give the first plugin's translation of a virtual host, None if no plugin wants it."""
        translation: Translation | None = self._first("ako_translate", virtual_host=virtual_host, view=view)
        return translation

    def adjust(self, virtual_host: VirtualHost | PortClaim, translation: Translation, view: View) -> Translation:
        """Give a translation as the plugins that adjust leave it, each asked about what the one before it gave."""
        for plugin in self.implementations["ako_adjust"]:
            answer = self.calls.ask(plugin, "ako_adjust", virtual_host=virtual_host, translation=translation, view=view)
            translation = translation if answer is None else answer
        return translation

    def place(self, view: View, backend: Backend) -> Placement:
        """Give the first plugin's placement of a backend (a query)."""
        placement: Placement | None = first_answer(view, self._placed, self._having("ako_place_backend"), backend)
        if placement is None:
            message = f"no plugin finds servers for service {backend.namespace}/{backend.service}."
            remedy = "Enable one that does in ako.plugins.enabled."
            return Placement(faults=(PlacementFault("NotPlaced", message, remedy),))
        return placement

    def static_routes(self, view: View) -> Sequence[StaticRoute] | None:
        """Give the first plugin's static routes, None if no plugin has any to give."""
        routes: Sequence[StaticRoute] | None = first_answer(view, self._routed, self._having("ako_static_routes"))
        return routes

    def _placed(self, view: View, plugin: str, backend: Backend) -> Answer:
        """Give one plugin's placement of a backend (a query)."""
        return Answer(self.calls.ask(plugin, "ako_place_backend", backend=backend, view=view))

    def _routed(self, view: View, plugin: str) -> Answer:
        """Give one plugin's static routes (a query)."""
        return Answer(self.calls.ask(plugin, "ako_static_routes", view=view))

    def _having(self, hook: str) -> tuple[str, ...]:
        return tuple(self.implementations[hook])

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
                patch: Mapping[str, Any] | None = answer
                return patch
        return None

    def _first(self, hook: str, **arguments: object) -> Any:
        answers = (self.calls.ask(plugin, hook, **arguments) for plugin in self.implementations[hook])
        return next((answer for answer in answers if answer is not None), None)
