"""A plugin that answers each time, but holds all others up: in one pass it is asked only so much."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ako import StaticRoute, View, hookimpl
from ako.core.assemble.pipeline import Pipeline
from ako.core.control.plugin_watch import PluginWatch
from ako.core.hooks.loading import Plugin, load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.site import SETTINGS
from tests.builders import settings
from tests.core.clock import Clock

SECONDS = 15.0
"""What an answer takes: less than the limit of 20."""


class Dawdles:
    """Has no answer, and takes a while to find that out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.count = 0

    @hookimpl
    def ako_static_routes(self) -> Sequence[StaticRoute] | None:
        self._clock.now += SECONDS
        self.count += 1
        return None


class Watched:
    """Plugins under a watch."""

    def __init__(self) -> None:
        self.clock = Clock(1000.0)
        self._dawdles = Dawdles(self.clock)
        self.host = PluginHost([Plugin("dawdles", self._dawdles), *load_plugins(["ingress"])], self.clock)
        self._pipeline = Pipeline(self.host)
        self._pipeline.engine.set_input(SETTINGS, settings())
        self.watch = PluginWatch(self.host, self._pipeline, self.clock)

    def asked(self, times: int) -> int:
        """Have everybody asked so often; give how often the plugin was."""
        before = self._dawdles.count
        for _ in range(times):
            self.host.static_routes(View(self._pipeline.engine))
        return self._dawdles.count - before


@pytest.mark.parametrize(("goes_on", "times"), [(True, 5), (False, 8)], ids=["run", "run --once, plan"])
def test_it_is_asked_for_three_times_the_limit_where_there_is_another_pass(goes_on: bool, times: int) -> None:
    watched = Watched()
    with watched.watch.limited(goes_on=goes_on):
        watched.watch.begin_pass(lambda: None)
        assert watched.asked(8) == times
    assert not watched.host.calls.failures, "it did no wrong"


def test_it_goes_on_when_it_has_rested_and_tells_all_what_they_lack() -> None:
    watched = Watched()
    concerned: list[int] = []
    with watched.watch.limited(goes_on=True):
        watched.watch.begin_pass(lambda: concerned.append(1))
        assert watched.asked(6) == 5
        watched.watch.end_pass()
        watched.watch.begin_pass(lambda: concerned.append(2))
        assert watched.asked(1) == 0, "it rests"
        due = watched.watch.next_due
        assert due == watched.clock.now + 5 * SECONDS
        watched.clock.now = due
        watched.watch.begin_pass(lambda: concerned.append(3))
        assert watched.asked(1) == 1
    assert concerned == [3]
