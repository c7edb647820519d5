"""What plugins say once, at start: which hooks they have, which kinds they watch, which settings.

The only module that knows pluggy's machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pluggy
from pydantic import BaseModel

from ako.core.base.errors import PluginError, ToldToEnd
from ako.core.base.refs import Kind
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.hookspecs import AkoHooks
from ako.core.hooks.judge import ANSWERS
from ako.core.hooks.loading import Plugin
from ako.core.hooks.records import NAMESPACES


class Declarations:
    """What the plugins of one process declare.

    Args:
        plugins: in the order in which they are asked.

    Raises:
        PluginError: a plugin has a hook of an unknown name, or with arguments that the hook does not have.
    """

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        self.plugins = tuple(plugins)
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
        self.implementations = {name: self._implementations(pm, name) for name in _hook_names()}
        """Hook → plugin → what is called, in the order in which they are asked."""
        self.kinds = self._collect_kinds()
        self.sources = tuple((plugin, kind) for plugin, kinds in self.kinds.items() for kind in kinds if kind.is_source)

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
        asked = self.implementations["ako_kinds"]
        kinds = {plugin: tuple(self._one(plugin, call) or ()) for plugin, call in asked.items()}
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
        except (KeyboardInterrupt, ToldToEnd):
            raise
        except BaseException as fault:
            raise PluginError(f"plugin {plugin} fails at start: {type(fault).__name__}: {fault}") from fault
        return results[0] if results else None

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
        models = {plugin: self._one(plugin, call) for plugin, call in self.implementations["ako_settings"].items()}
        for plugin, model in models.items():
            if model is not None and not (isinstance(model, type) and issubclass(model, BaseModel)):
                raise PluginError(f"plugin {plugin}: ako_settings gives {model!r}, which is no class of settings")
        return {plugin: model for plugin, model in models.items() if model is not None}

    def hooks_of(self, plugin: str) -> tuple[str, ...]:
        """Give the hooks a plugin implements."""
        return tuple(hook for hook, calls in self.implementations.items() if plugin in calls)

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """Give each plugin with each hook of it that is asked while running, and so may fail."""
        return tuple((plugin, hook) for hook in ANSWERS for plugin in self.implementations[hook])


def _hook_names() -> Iterator[str]:
    return (name for name in vars(AkoHooks) if name.startswith("ako_"))
