"""What happens while clients ask: all stories by their names."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.traffic.updates.stories import ordinary
from tests.traffic.updates.stream import Count
from tests.traffic.updates.world import Size, UpdateWorld

Plot = Callable[[UpdateWorld], None]


@dataclass(frozen=True)
class Story:
    """What happens, and what the world is like that it happens in."""

    plot: Plot
    routes: bool = False
    version: str = "20.1.5"

    @property
    def told(self) -> str:
        """Give it in a line."""
        return (self.plot.__doc__ or "").partition("\n")[0]

    def play(self, size: Size) -> Count:
        """Have it happen, and give what became of the requests."""
        with UpdateWorld(size, routes=self.routes, version=self.version) as world:
            self.plot(world)
        return world.count


STORIES: Mapping[str, Story] = {
    "endpoints scaled and replaced": Story(ordinary.endpoints_scaled),
    "Secret renewed": Story(ordinary.secret_renewed),
    "paths beside": Story(ordinary.paths_beside),
}


def play(name: str, size: Size) -> Count:
    """Play a story; one that does not come to its end has lost something."""
    try:
        return STORIES[name].play(size)
    except Exception as error:  # noqa: BLE001 - the others are played, and the table says so
        return Count(lost=("".join(traceback.format_exception(error)),))
