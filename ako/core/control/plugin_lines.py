"""Says when a plugin no longer fails, after how long; that it fails is told, with its stack, where it is called."""

from __future__ import annotations

import logging

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.log import about
from ako.core.base.moment import duration
from ako.core.base.outages import Clock
from ako.core.hooks.calls import failing_hook
from ako.core.hooks.plugin_host import PluginHost

_log = logging.getLogger(__name__)


class PluginLines:
    """Follows what plugins owe an answer to; runs on the thinking thread.

    Args:
        plugins: the hooks, with how often each failed.
        pipeline: what is in doubt because of them.
        clock: seconds, growing.
    """

    def __init__(self, plugins: PluginHost, pipeline: Pipeline, clock: Clock) -> None:
        self._plugins = plugins
        self._pipeline = pipeline
        self._clock = clock
        self._failures = 0
        self._since: dict[tuple[str, str], float] = {}

    def follow(self) -> None:
        """After a pass: note which hooks fail, and tell of those that no longer do."""
        failures = sum(self._plugins.calls.failures.values())
        if failures == self._failures and not self._since:
            return
        self._failures, now = failures, self._clock()
        tables = (self._pipeline.claims, self._pipeline.hosts, self._pipeline.trees)
        found = {failing_hook(reason) for table in tables for reason in table.doubts.values()}
        failing = {hook for hook in found if hook is not None}
        for plugin, hook in self._since.keys() - failing:
            seconds = now - self._since.pop((plugin, hook))
            fields = about(reason="PluginRecovered", seconds=seconds)
            _log.info("plugin %s no longer fails in %s, after %s", plugin, hook, duration(seconds), extra=fields)
        for one in failing:
            self._since.setdefault(one, now)
