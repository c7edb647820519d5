"""Which plugins are suspended, since when and until when. Time is an argument.

A plugin that did not answer in time is *held*: it is not asked. When its pause is over it is *on trial*: asked again.
If it then does not answer in time it is held again, for twice as long; after a whole pass without that it is as any
other.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ako.core.engine.cells import Input

TRIAL: Input[int] = Input("trial of a plugin", default=0)
"""plugin → how often it was tried again; read by whatever lacks an answer because it was suspended."""

FIRST_PAUSE = 3.0
"""The first pause is so many times the limit: of the time with a plugin that hangs it has a quarter at the most."""

LONGEST_PAUSE = 3600.0
"""Seconds of the longest pause; who has answered in time for so long begins with the first one again."""


class _Term(Struct, frozen=True):
    why: str
    since: float
    pause: float
    until: float


class Suspensions:
    """Says who is not asked, and who is to be tried again.

    Args:
        clock: seconds, growing.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held: dict[str, _Term] = {}
        self._tried: dict[str, _Term] = {}
        self._past: dict[str, tuple[float, float]] = {}
        self._trials = 0

    def suspend(self, plugin: str, why: str, limit: float) -> float:
        """Hold a plugin that did not answer within `limit` seconds; give the seconds for which it is not asked."""
        now, tried = self._clock(), self._tried.pop(plugin, None)
        ended, before = self._past.get(plugin, (0.0, 0.0))
        if tried is not None:
            before = tried.pause
        elif now - ended > LONGEST_PAUSE:
            before = 0.0
        pause = min(LONGEST_PAUSE, before * 2 or FIRST_PAUSE * limit)
        self._held[plugin] = _Term(why, tried.since if tried else now, pause, now + pause)
        return pause

    def why_held(self, plugin: str) -> str:
        """Say why a plugin is not asked; empty if it is."""
        term = self._held.get(plugin)
        return term.why if term is not None else ""

    def release_due(self) -> tuple[tuple[str, int], ...]:
        """Put those on trial whose pause is over, each with a number for `TRIAL` that it never had."""
        now = self._clock()
        due = [plugin for plugin, term in self._held.items() if term.until <= now]
        for plugin in due:
            self._tried[plugin] = self._held.pop(plugin)
            self._trials += 1
        return tuple((plugin, self._trials) for plugin in due)

    def settle(self) -> tuple[tuple[str, float], ...]:
        """After everything was asked anew: give those on trial that answered, with for how long they had not."""
        now, recovered = self._clock(), tuple(self._tried.items())
        for plugin, term in recovered:
            self._past[plugin] = (now, term.pause)
        self._tried.clear()
        return tuple((plugin, now - term.since) for plugin, term in recovered)

    @property
    def names(self) -> frozenset[str]:
        """Give the plugins that are held or on trial; any thread may ask."""
        return frozenset((*tuple(self._held), *tuple(self._tried)))

    @property
    def next_due(self) -> float | None:
        """Give the time at which the next one is to be tried again, None if none is held."""
        return min((term.until for term in self._held.values()), default=None)
