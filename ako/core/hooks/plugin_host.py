"""Loads plugins and calls them: the only module that knows pluggy's machinery.

Every hook has one typed method here. Plugins are called one by one; one that raises is logged, counted, and turned into
`Unknown`, so that its last good result stays and the others are not disturbed.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

import pluggy
from msgspec import Struct
from pydantic import BaseModel

from ako.core.base.errors import PluginError
from ako.core.base.log import about
from ako.core.base.outages import Tenfold
from ako.core.base.refs import Kind
from ako.core.base.tally import Stopwatch
from ako.core.engine.cells import Unknown
from ako.core.engine.kinds import WatchedKind
from ako.core.engine.view import View
from ako.core.hooks.claims import Backend, Discovery, Placement, PlacementFault, PortClaim, VirtualHost
from ako.core.hooks.hookspecs import AkoHooks
from ako.core.hooks.outcome import Outcome, SourceObject
from ako.core.hooks.records import NAMESPACES
from ako.core.hooks.translation import OwnTree, ParentTemplate, Translation
from ako.core.model import AviObject, StaticRoute

GROUP = "ako.plugins"
_TOOK = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Plugin(Struct, frozen=True):
    """A loaded plugin: the name it is enabled by, its object, and the distribution it came in."""

    name: str
    implementation: object
    distribution: str = ""


def available_plugins() -> Mapping[str, EntryPoint]:
    """Find every plugin that is installed, by name."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def load_plugins(names: Sequence[str], available: Mapping[str, EntryPoint] | None = None) -> tuple[Plugin, ...]:
    """Load plugins by name, in this order.

    Raises:
        PluginError: a name is not installed, or its module does not import.
    """
    points = available_plugins() if available is None else available
    if unknown := [name for name in names if name not in points]:
        raise PluginError(
            f"ako.plugins.enabled: unknown plugin {', '.join(unknown)}; installed are {', '.join(points) or 'none'}. "
            "Install its distribution or correct the name."
        )
    loaded = []
    for name in names:
        point = points[name]
        try:
            implementation = point.load()
        except Exception as fault:
            raise PluginError(
                f"plugin {name} ({point.value}) does not load: {type(fault).__name__}: {fault}"
            ) from fault
        distribution = f"{point.dist.name} {point.dist.version}" if point.dist else ""
        loaded.append(Plugin(name, implementation, distribution))
    return tuple(loaded)


_RAISED = re.compile(r"plugin (.+?) raised in (\w+): ")


def failing_hook(doubt: str) -> tuple[str, str] | None:
    """Give plugin and hook if a doubt, as `PluginHost` words it, is there because that raised; None if it is not."""
    found = _RAISED.search(doubt)
    return (found[1], found[2]) if found else None


class PluginHost:
    """The plugins of one process, behind typed methods.

    Args:
        plugins: in the order in which they are asked.
        clock: seconds, growing.

    Raises:
        PluginError: a plugin has a hook of an unknown name, or with arguments that the hook does not have.
    """

    def __init__(self, plugins: Sequence[Plugin], clock: Callable[[], float] = time.monotonic) -> None:
        self.plugins = tuple(plugins)
        self.failures: Counter[tuple[str, str]] = Counter()
        """(plugin, hook) → how often it raised."""
        self._lines = Tenfold[tuple[str, str, type[Exception]]]()
        self._stopwatch = Stopwatch(clock, _TOOK)
        self.durations = self._stopwatch.durations
        """How long each hook of each plugin took, less what it asked of other hooks."""
        pm = pluggy.PluginManager("ako")
        pm.add_hookspecs(AkoHooks)
        for plugin in plugins:
            try:
                pm.register(plugin.implementation, plugin.name)
            except (pluggy.PluginValidationError, ValueError) as fault:
                raise PluginError(f"plugin {plugin.name}: {fault}") from fault
        try:
            pm.check_pending()
        except pluggy.PluginValidationError as fault:
            raise PluginError(f"{fault}; hooks are {', '.join(_hook_names())}") from fault
        self._calls = {name: self._implementations(pm, name) for name in _hook_names()}
        self.kinds = self._collect_kinds()
        self._sources = [(plugin, kind) for plugin, kinds in self.kinds.items() for kind in kinds if kind.is_source]

    @staticmethod
    def _implementations(pm: pluggy.PluginManager, hook: str) -> dict[str, Callable[..., Any]]:
        """Give each plugin's implementation, in the order of registration (pluggy keeps the last one first)."""
        caller = getattr(pm.hook, hook)
        for implementation in caller.get_hookimpls():
            if implementation.wrapper or implementation.hookwrapper:
                raise PluginError(f"plugin {implementation.plugin_name}: {hook} is a wrapper; plugins wrap nothing")
        return {
            implementation.plugin_name: pm.subset_hook_caller(
                hook, [plugin for name, plugin in pm.list_name_plugin() if name != implementation.plugin_name]
            )
            for implementation in caller.get_hookimpls()
        }

    def _collect_kinds(self) -> dict[str, tuple[WatchedKind, ...]]:
        kinds = {plugin: tuple(self._one(plugin, call) or ()) for plugin, call in self._calls["ako_kinds"].items()}
        declared: dict[object, tuple[str, WatchedKind]] = {}
        for plugin, of_plugin in kinds.items():
            for kind in of_plugin:
                if not isinstance(kind, WatchedKind):
                    raise PluginError(f"plugin {plugin}: ako_kinds gives {kind!r}, which is no WatchedKind")
                first, known = declared.setdefault(kind.record, (plugin, kind))
                if known != kind:
                    raise PluginError(
                        f"plugin {plugin} declares {kind.record.__name__} otherwise than plugin {first} does; "
                        "use the same declaration, or a record type of its own"
                    )
                first, known = declared.setdefault(kind.kind, (plugin, kind))
                if (known.plural, known.namespaced) != (kind.plural, kind.namespaced):
                    raise PluginError(
                        f"plugin {plugin} declares {kind.kind} with other `plural` or `namespaced` than plugin {first}"
                    )
        return kinds

    @staticmethod
    def _one(plugin: str, call: Callable[..., Any]) -> Any:
        try:
            results = call()
        except Exception as fault:
            raise PluginError(f"plugin {plugin} fails at start: {type(fault).__name__}: {fault}") from fault
        return results[0] if results else None

    def _ask(self, plugin: str, hook: str, **arguments: object) -> Any:
        call = self._calls[hook].get(plugin)
        if call is None:
            return None
        begun = self._stopwatch.begin()
        try:
            results = call(**arguments)
            answer = results[0] if results else None
            _require(hook, answer)
        except Unknown:
            raise
        except Exception as fault:
            self.failures[plugin, hook] += 1
            self._tell(plugin, hook, fault)
            raise Unknown(f"plugin {plugin} raised in {hook}: {type(fault).__name__}: {fault}") from fault
        finally:
            self._stopwatch.end(begun, plugin, hook)
        return answer

    def _tell(self, plugin: str, hook: str, fault: Exception) -> None:
        """Tell what a plugin raised, with its stack; what it raises for each of many objects not each time."""
        if count := self._lines.happened((plugin, hook, type(fault))):
            times = f" ({count} times by now)" if count > 1 else ""
            _log.error(
                "plugin %s raised in %s%s", plugin, hook, times, exc_info=fault, extra=about(reason="PluginFault")
            )
        else:
            _log.debug("plugin %s raised in %s: %r", plugin, hook, fault)

    @property
    def watched(self) -> tuple[WatchedKind, ...]:
        """Give every declared kind, equal declarations once, and Namespaces, by which sources are selected."""
        distinct: list[WatchedKind] = []
        selecting = [NAMESPACES] if any(kind.namespaced for kind in self.source_kinds) else []
        for kinds in (*self.kinds.values(), selecting):
            distinct += [kind for kind in kinds if kind not in distinct]
        return tuple(distinct)

    @property
    def source_kinds(self) -> tuple[WatchedKind, ...]:
        """Give the kinds whose objects are discovered."""
        return tuple(kind for _, kind in self._sources)

    @property
    def reading(self) -> tuple[str, ...]:
        """Give the plugins that discover claims."""
        return tuple(dict.fromkeys(plugin for plugin, _ in self._sources))

    @property
    def switched(self) -> tuple[str, ...]:
        """Give those of them of which one stands in for another: a kind of theirs replaces one, or is replaced."""
        replaced = {kind for watched in self.source_kinds for kind in watched.replaces}
        return tuple(plugin for plugin, kind in self._sources if kind.replaces or kind.kind in replaced)

    def plugins_reading(self, kind: Kind) -> tuple[str, ...]:
        """Give the plugins that discover claims in objects of a kind."""
        return tuple(plugin for plugin, watched in self._sources if watched.kind == kind)

    def settings_models(self) -> dict[str, type[BaseModel]]:
        """Give the settings model of every plugin that has one."""
        models = {plugin: self._one(plugin, call) for plugin, call in self._calls["ako_settings"].items()}
        for plugin, model in models.items():
            if model is not None and not (isinstance(model, type) and issubclass(model, BaseModel)):
                raise PluginError(f"plugin {plugin}: ako_settings gives {model!r}, which is no class of settings")
        return {plugin: model for plugin, model in models.items() if model is not None}

    def hooks_of(self, plugin: str) -> tuple[str, ...]:
        """Give the hooks a plugin implements."""
        return tuple(hook for hook, calls in self._calls.items() if plugin in calls)

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """Give each plugin with each hook of it that is asked while running, and so may fail."""
        return tuple((plugin, hook) for hook in _ANSWERS for plugin in self._calls[hook])

    def discover(self, source: SourceObject, view: View) -> Discovery:
        """Find the claims of one source object: by the plugin that declared its record."""
        for plugin, kind in self._sources:
            if kind.record is type(source.record):
                return self._ask(plugin, "ako_discover", source=source, view=view) or Discovery()
        return Discovery()

    def translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
        """Give the first plugin's translation of a virtual host, None if no plugin wants it."""
        translation: Translation | None = self._first("ako_translate", virtual_host=virtual_host, view=view)
        return translation

    @property
    def translators(self) -> tuple[str, ...]:
        """Give the plugins that translate."""
        return tuple(self._calls["ako_translate"])

    def place(self, view: View, backend: Backend) -> Placement:
        """Give the first plugin's placement of a backend (a query)."""
        placement: Placement | None = self._first("ako_place_backend", backend=backend, view=view)
        if placement is None:
            message = f"no plugin finds servers for service {backend.namespace}/{backend.service}."
            remedy = "Enable one that does in ako.plugins.enabled."
            return Placement(faults=(PlacementFault("NotPlaced", message, remedy),))
        return placement

    def static_routes(self, view: View) -> Sequence[StaticRoute] | None:
        """Give the first plugin's static routes, None if no plugin has any to give."""
        routes: Sequence[StaticRoute] | None = self._first("ako_static_routes", view=view)
        return routes

    def report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
        """Give the status patch of a source object: by the plugin that declared its record.

        None too if the plugin fails: what the status says then stays.
        """
        for plugin, kind in self._sources:
            if kind.record is type(source.record):
                try:
                    patch: Mapping[str, Any] | None = self._ask(plugin, "ako_report", source=source, outcome=outcome)
                except Unknown:
                    return None
                return patch
        return None

    def _first(self, hook: str, **arguments: object) -> Any:
        answers = (self._ask(plugin, hook, **arguments) for plugin in self._calls[hook])
        return next((answer for answer in answers if answer is not None), None)


_ANSWERS: Mapping[str, type] = {
    "ako_discover": Discovery,
    "ako_translate": Translation,
    "ako_place_backend": Placement,
    "ako_static_routes": Sequence,
    "ako_report": Mapping,
}


def _require(hook: str, answer: object) -> None:
    """Refuse an answer that cannot be worked with here, where it is still known whose it is."""
    expected = _ANSWERS[hook]
    if answer is None:
        return
    if not isinstance(answer, expected):
        raise TypeError(f"the answer is a {type(answer).__name__}, not a {expected.__name__}")
    if isinstance(answer, (Discovery, Translation, Placement)):
        try:
            hash(answer)
        except TypeError as fault:  # it could not be filed, and a list never equals the tuple it is compared with
            raise TypeError(f"the answer holds something that can change: {fault}") from fault
    if isinstance(answer, Translation):
        if not isinstance(answer.parent, (ParentTemplate, OwnTree)):
            raise TypeError(f"the parent is a {type(answer.parent).__name__}, not a ParentTemplate or an OwnTree")
        if strangers := [item for item in answer.objects if not isinstance(item, AviObject)]:
            raise TypeError(f"an object is a {type(strangers[0]).__name__}, not an AviObject")


def _hook_names() -> Iterator[str]:
    return (name for name in vars(AkoHooks) if name.startswith("ako_"))
