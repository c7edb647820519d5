"""What plugins say once, at start: which hooks they have, which kinds they watch, which settings.

The only module that knows pluggy's machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from inspect import signature
from types import NoneType
from typing import Any

import pluggy
from pydantic import BaseModel

from ako.core.base.errors import PluginError, ToldToEnd
from ako.core.base.refs import Kind
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.deprecation import of_hooks
from ako.core.hooks.hookspecs import AkoHooks
from ako.core.hooks.inspection import Hooks, faults_of, first_asked, implemented, without_hooks
from ako.core.hooks.judge import ANSWERS
from ako.core.hooks.kind_faults import fault_of as kind_fault
from ako.core.hooks.loading import Plugin
from ako.core.hooks.needs import Needs, created_types, fault_of, set_fields
from ako.core.hooks.records import NAMESPACES
from ako.core.model.extra import Declared
from ako.core.settings.enabled import IN_TREE_PLUGINS

HOOKS: Hooks = {
    name: tuple(argument for argument in signature(hook).parameters if argument != "self")
    for name, hook in vars(AkoHooks).items()
    if name.startswith("ako_")
}
"""Every hook with its arguments, in the order of the pipeline."""


class Declarations:
    """What the plugins of one process declare.

    Args:
        plugins: in the order in which they are asked.

    Raises:
        PluginError: a plugin has something that could never work; all that is wrong with hooks is told at once.
    """

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        self.plugins = tuple(plugins)
        _refuse_doubles(plugins)
        self.needs = {plugin.name: self._needs_of(plugin) for plugin in plugins}
        self.creates = created_types(self.needs.values())
        """Types of Avi objects that plugins create, beside those that the core creates itself."""
        self.fields = set_fields(self.needs.values())
        """Type → names, in Avi's JSON, of the fields that plugins may set beyond those that the core sets."""
        if faults := [fault for plugin in plugins for fault in _at_start(plugin, partial(_hook_faults, plugin))]:
            raise PluginError("\n".join(faults))
        pm = pluggy.PluginManager("ako")
        pm.add_hookspecs(AkoHooks)
        for plugin in plugins:
            _at_start(plugin, partial(pm.register, plugin.implementation, plugin.name))
        self.implementations = {name: self._implementations(pm, name) for name in HOOKS}
        """Hook → plugin → what is called, in the order in which they are asked."""
        self.declared = Declared(self.creates, self.fields)
        """Both, as they are used where Avi objects are read and written."""
        self.kinds = self._collect_kinds()
        self.sources = tuple((plugin, kind) for plugin, kinds in self.kinds.items() for kind in kinds if kind.is_source)

    @staticmethod
    def _implementations(pm: pluggy.PluginManager, hook: str) -> dict[str, Callable[..., Any]]:
        """Give each plugin's implementation, in the order of registration (pluggy keeps the last one first)."""
        return {
            implementation.plugin_name: pm.subset_hook_caller(
                hook, [plugin for name, plugin in pm.list_name_plugin() if name != implementation.plugin_name]
            )
            for implementation in getattr(pm.hook, hook).get_hookimpls()
        }

    @staticmethod
    def _needs_of(plugin: Plugin) -> Needs:
        """Give what a plugin needs: asked before it is looked at, as one for a newer ako has hooks that we lack."""
        asked = _at_start(plugin, partial(first_asked, plugin.implementation, "ako_needs", HOOKS))
        given = None if asked is None else _at_start(plugin, asked)
        if given is None:
            return Needs()
        if fault := fault_of(given):
            raise PluginError(f"{plugin.title}: {fault}")
        needs: Needs = given
        return needs

    def _collect_kinds(self) -> dict[str, tuple[WatchedKind, ...]]:
        titles = {plugin.name: plugin.title for plugin in self.plugins}
        kinds: dict[str, tuple[WatchedKind, ...]] = {}
        declared: dict[object, tuple[str, WatchedKind]] = {}
        for plugin, answer in self._answers("ako_kinds").items():
            if not isinstance(answer, (list, tuple, NoneType)):
                raise PluginError(f"{titles[plugin]}: ako_kinds gives {answer!r:.200}, not a list of ako.WatchedKind")
            kinds[plugin] = tuple(answer or ())
            for kind in kinds[plugin]:
                if fault := kind_fault(kind, plugin):
                    raise PluginError(f"{titles[plugin]}: {fault}")
                first, known = declared.setdefault(kind.record, (plugin, kind))
                if known != kind:
                    guilty, other = self._blamed(plugin, first)
                    raise PluginError(
                        f"{titles[guilty]} declares {kind.record.__name__} otherwise than plugin {other} does; "
                        "use the same declaration, or a record type of its own"
                    )
                first, known = declared.setdefault(kind.kind, (plugin, kind))
                if (known.plural, known.namespaced) != (kind.plural, kind.namespaced):
                    guilty, other = self._blamed(plugin, first)
                    raise PluginError(
                        f"{titles[guilty]} declares {kind.kind} with other `plural` or `namespaced` than plugin {other}"
                    )
        return kinds

    def _blamed(self, plugin: str, first: str) -> tuple[str, str]:
        """Give which of two plugins that do not agree is wrong, and the other: not one of ours, else the later."""
        return (first, plugin) if plugin in IN_TREE_PLUGINS and first not in IN_TREE_PLUGINS else (plugin, first)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Give what harms nobody and yet is to be told: what cannot be meant so, and uses of what goes away."""
        told = (
            (plugin, (*plugin.remarks, *of_hooks(implemented(plugin.implementation)), *self._idle(plugin.name)))
            for plugin in self.plugins
        )
        return tuple(f"{plugin.title}: {remark}" for plugin, remarks in told for remark in remarks)

    def _idle(self, plugin: str) -> Iterator[str]:
        hooks = self.hooks_of(plugin)
        kinds = [kind for owner, kind in self.sources if owner == plugin]
        if kinds and "ako_discover" not in hooks:
            yield f"{kinds[0].kind} is a source (is_source), and there is no ako_discover that reads it"
        for hook in ("ako_discover", "ako_report"):
            if hook in hooks and not kinds:
                yield f"{hook} will never be asked: none of its kinds is a source; declare one with is_source=True"

    def _answers(self, hook: str) -> dict[str, Any]:
        """Ask every plugin that has a hook; None where it has nothing to say."""
        titles = {plugin.name: plugin for plugin in self.plugins}
        asked = ((name, _at_start(titles[name], call)) for name, call in self.implementations[hook].items())
        return {name: results[0] if results else None for name, results in asked}

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
        return tuple(kind for _, kind in self.sources)

    @property
    def reading(self) -> tuple[str, ...]:
        """Give the plugins that discover claims."""
        return tuple(dict.fromkeys(plugin for plugin, _ in self.sources))

    @property
    def switched(self) -> tuple[str, ...]:
        """Give those of them of which one stands in for another: a kind of theirs replaces one, or is replaced."""
        replaced = {kind for watched in self.source_kinds for kind in watched.replaces}
        return tuple(plugin for plugin, kind in self.sources if kind.replaces or kind.kind in replaced)

    def plugins_reading(self, kind: Kind) -> tuple[str, ...]:
        """Give the plugins that discover claims in objects of a kind."""
        return tuple(plugin for plugin, watched in self.sources if watched.kind == kind)

    def settings_models(self) -> dict[str, type[BaseModel]]:
        """Give the settings model of every plugin that has one."""
        models = {plugin: model for plugin, model in self._answers("ako_settings").items() if model is not None}
        for plugin in self.plugins:
            model = models.get(plugin.name)
            if model is not None and not (isinstance(model, type) and issubclass(model, BaseModel)):
                raise PluginError(f"{plugin.title}: ako_settings gives {model!r:.200}, which is no class of settings")
        return models

    def hooks_of(self, plugin: str) -> tuple[str, ...]:
        """Give the hooks a plugin implements."""
        return tuple(hook for hook, calls in self.implementations.items() if plugin in calls)

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """Give each plugin with each hook of it that is asked while running, and so may fail."""
        return tuple((plugin, hook) for hook in ANSWERS for plugin in self.implementations[hook])


def _refuse_doubles(plugins: Sequence[Plugin]) -> None:
    for place, plugin in enumerate(plugins):
        for other in plugins[:place]:
            if plugin.name == other.name:
                raise PluginError(f"ako.plugins.enabled: {plugin.name} is named twice; name it once")
            if plugin.implementation is other.implementation:
                raise PluginError(f"{plugin.title}: it is the same as {other.title}; enable one of them")


def _hook_faults(plugin: Plugin) -> tuple[str, ...]:
    faults = tuple(faults_of(plugin.implementation, HOOKS)) or (without_hooks(plugin.implementation, HOOKS),)
    return tuple(f"{plugin.title}: {fault}" for fault in faults if fault)


def _at_start(plugin: Plugin, call: Callable[..., Any]) -> Any:
    """Ask what is asked once, at start, where nothing can go on without the answer."""
    try:
        return call()
    except (KeyboardInterrupt, ToldToEnd):
        raise
    except BaseException as fault:  # SystemExit and the like are no way to end ako either
        raise PluginError(f"{plugin.title} fails at start: {type(fault).__name__}: {fault}") from fault
