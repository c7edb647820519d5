"""Which source objects are ours: first by kind and namespace, which the core decides, then as their plugins say.

What is processed and what whoever asks is told comes of the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable

from ako.core.base.refs import Kind, ObjectRef
from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import Backend
from ako.core.hooks.outcome import SourceObject
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.reasons import LeftOut, Whose
from ako.core.hooks.selection import kept_out
from ako.core.hooks.site import SETTINGS

_NOTHING_SAID = "its plugin finds nothing in it that is to be served, and does not say why."
_CLAIMS = "its plugin finds in it what is to be served."


class Sources:
    """Says whose source objects are, and why.

    Args:
        host: the plugins.
    """

    def __init__(self, host: PluginHost) -> None:
        self._host = host

    def is_processed(self, view: View, kind: Kind) -> bool:
        """Say whether the objects of a source kind are processed (a query)."""
        return self.passed_over(view, kind) is None

    def passed_over(self, view: View, kind: Kind) -> Whose | None:
        """Say why the objects of a source kind are not processed, None if they are.

        By the list of `ako.sources`; with `auto`, unless a kind that replaces it is served. While that is not known,
        neither is this. A kind that neither replaces another nor is replaced (Service) always is.

        Raises:
            Unknown: whether a kind is served is not known.
        """
        if not any(kind in {k.kind, *k.replaces} for k in self._host.source_kinds if k.replaces):
            return None
        sources, plugins = view.input(SETTINGS).ako.sources, self._host.plugins_reading(kind)
        if sources != "auto":
            if any(plugin in sources for plugin in plugins):
                return None
            why = f"ako.sources is [{', '.join(sources)}]: objects of kind {kind.name} are not processed."
            return Whose(why, f"Add {plugins[0]} to it." if plugins else "")
        for other in self._host.source_kinds:
            if kind in other.replaces and view.is_served(other.record):
                name = other.kind.name
                why = f"this cluster serves {name}s; with ako.sources auto these are processed, and no {kind.name}."
                remedy = f"Ask about the {name} that was made of it, or list {plugins[0]} in ako.sources."
                return Whose(why, remedy)
        return None

    def whose(self, view: View, ref: ObjectRef, read_as: Iterable[SourceObject]) -> Whose:
        """Say whether a source object is ours, and why; what cannot be known is said, too.

        Args:
            view: what reads.
            ref: the object.
            read_as: it as each of the plugins reads it; none where it is not there.
        """
        try:
            found = self.passed_over(view, ref.kind) or kept_out(view, ref.namespace)
            return found or self._by_plugins(view, read_as)
        except Unknown as unknown:
            return Whose(f"it cannot be said whether it is ours: {unknown}")

    def _by_plugins(self, view: View, read_as: Iterable[SourceObject]) -> Whose:
        """Give what the plugins say: that of one to whom it is ours, if there is one."""
        said = tuple(self._by_plugin(view, source) for source in read_as)
        if not said:
            return Whose("it is not there, or never could be read.")
        return next((one for one in said if one.is_ours), said[0])

    def _by_plugin(self, view: View, source: SourceObject) -> Whose:
        said = self._host.explain_source(source, view)
        if said is not None:
            return said
        found = self._host.discover(source, view)
        is_ours = bool(found.claims or found.problems)
        return Whose(_CLAIMS, is_ours=True) if is_ours else Whose(_NOTHING_SAID)

    def left_out(self, view: View, backend: Backend) -> tuple[LeftOut, ...]:
        """Say what could be a server of a backend and is none; what cannot be known is said, too."""
        try:
            return self._host.explain_backend(backend, view)
        except Unknown as unknown:
            return (LeftOut(f"it cannot be said what is left out: {unknown}"),)
