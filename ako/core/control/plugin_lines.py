"""Has suspended plugins tried again, and says when one no longer fails; that it does is told where it is called."""

from __future__ import annotations

import logging

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.log import about
from ako.core.base.moment import duration
from ako.core.base.outages import Clock
from ako.core.hooks.plugin_faults import failing_hook
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.suspension import TRIAL

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

    @property
    def next_due(self) -> float | None:
        """Give the time at which a suspended plugin is to be tried again, None if none is suspended."""
        return self._plugins.calls.suspensions.next_due

    def try_again(self) -> bool:
        """Before a pass: have all computed anew that a plugin owes an answer whose pause is over; say if any is."""
        due = self._plugins.calls.suspensions.release_due()
        for plugin, trial in due:
            self._pipeline.engine.set_input(TRIAL, trial, plugin)
        return bool(due)

    def follow(self) -> None:
        """After a pass: note which hooks fail, and tell of those that no longer do."""
        store = self._pipeline.store
        if all(map(store.was_sought, store.kinds())):
            self._plugins.settle()
        for plugin, seconds in self._plugins.calls.suspensions.settle():
            fields = about(reason="PluginRecovered", seconds=seconds)
            _log.info("plugin %s answers in time again, after %s", plugin, duration(seconds), extra=fields)
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
