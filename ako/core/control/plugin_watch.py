"""What a controller does about its plugins: how long they may take, whom to try again, and whether all is as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.outages import Clock
from ako.core.control.hook_limit import HookLimit
from ako.core.control.integrity import Integrity
from ako.core.control.plugin_lines import PluginLines
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.site import SETTINGS
from ako.core.hooks.suspension import PASS_LIMITS


class PluginWatch:
    """Follows the plugins of a controller on the thread that thinks.

    Args:
        plugins: that are asked.
        pipeline: what they are asked for.
        clock: seconds, growing.
    """

    def __init__(self, plugins: PluginHost, pipeline: Pipeline, clock: Clock) -> None:
        self._calls = plugins.calls
        self._pipeline = pipeline
        self._integrity = Integrity(plugins.calls)
        self._limit = HookLimit(plugins.calls, has_watchdog=True)
        self._lines = PluginLines(plugins, pipeline, clock)
        self._limits_a_pass = inf

    @contextmanager
    def limited(self, *, goes_on: bool = False) -> Iterator[None]:
        """Ask within the block, in a program that is as it is now; what takes too long is ended.

        If that `goes_on`, there is another pass for what takes too long altogether; else all is asked, and waited for.
        """
        self._limits_a_pass = PASS_LIMITS if goes_on else inf
        self._calls.is_ending = False
        self._integrity.begin()
        with self._limit:
            yield

    @property
    def next_due(self) -> float | None:
        """Give the time at which something is to be tried again, None if nothing is."""
        return self._lines.next_due

    def begin_pass(self, concern_all: Callable[[], None]) -> None:
        """Go by the settings in force, and have asked and told anew what is to be tried again."""
        self._calls.limit = self._pipeline.engine.input(SETTINGS).ako.plugins.hook_limit_seconds
        self._calls.suspensions.begin_pass(self._limits_a_pass * self._calls.limit)
        if self._lines.try_again():
            concern_all()

    def check(self) -> None:
        """Insist, before anything is done about what they said, that none has changed the program.

        Raises:
            Tampered: one has.
        """
        self._integrity.check()

    def end_pass(self) -> None:
        """Note that all were asked that were to be."""
        self._lines.follow()
        self._limit.rest()
