"""Which hooks of which plugins are suspended, since when and until when. Time is an argument.

A hook that did not answer in time is *held*: it is not asked about anything, and about what it hung on not for twice as
long. What was held is *on trial* when its pause is over: asked again. If it then does not answer in time it is held
again, for twice as long; after a whole pass without that it is as any other. Where it hangs on the same thing again,
that alone is held: all else is known to go well.

What answers each time, but of so many questions that a pass has no end, *rests*: it is held for as long as it was at
work, and goes on from there, so that in between something comes of what all others said.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from msgspec import Struct

from ako.core.engine.cells import Input
from ako.core.hooks.plugin_faults import plugin_in_words

TRIAL: Input[int] = Input("trial of a plugin", default=0)
"""plugin → how often it was tried again; read by whatever lacks an answer because it was suspended."""

FIRST_PAUSE = 3.0
"""The first pause is so many times the limit: of the time with a hook that hangs it has a quarter at the most."""

PASS_LIMITS = 3.0
"""A hook may take so many times the limit in one pass, all questions together."""

LONGEST_PAUSE = 3600.0
"""Seconds of the longest pause; who has answered in time for so long begins with the first one again."""

Held = tuple[str, str] | tuple[str, str, str]
"""Plugin and hook; and, where it is only that, what it was asked about."""


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
        self._held: dict[Held, _Term] = {}
        self._tried: dict[Held, _Term] = {}
        self._past: dict[Held, tuple[float, float]] = {}
        self._trials = 0
        self._taken: dict[tuple[str, str], float] = {}
        self._allowed = inf

    def suspend(self, plugin: str, hook: str, subject: str, why: str, limit: float) -> float:
        """Hold a hook that did not answer within `limit` seconds; give the seconds for which it is not asked."""
        question = (plugin, hook, subject)
        is_known = question in self._tried
        longer = self._hold(question, why, 2 * FIRST_PAUSE * limit)
        return longer if is_known else self._hold((plugin, hook), why, FIRST_PAUSE * limit)

    def _hold(self, what: Held, why: str, first: float) -> float:
        now, tried = self._clock(), self._tried.pop(what, None)
        ended, before = self._past.get(what, (0.0, 0.0))
        if tried is not None:
            before = tried.pause
        elif now - ended > LONGEST_PAUSE:
            before = 0.0
        pause = min(LONGEST_PAUSE, before * 2 or first)
        self._held[what] = _Term(why, tried.since if tried else now, pause, now + pause)
        return pause

    def begin_pass(self, allowed: float) -> None:
        """Begin to count what hooks take; each may take so many seconds until the next pass."""
        self._taken.clear()
        self._allowed = allowed

    def take(self, plugin: str, hook: str, seconds: float) -> float:
        """Note what an answer took; give the seconds for which the hook rests from now on, 0 if it does not."""
        what = (plugin, hook)
        taken = self._taken[what] = self._taken.get(what, 0.0) + seconds
        if taken <= self._allowed or what in self._held:
            return 0.0
        now, tried = self._clock(), self._tried.pop(what, None)
        why = f"{plugin_in_words(plugin, hook)} is suspended: {hook} took {taken:.0f} s in one pass"
        self._held[what] = _Term(why, tried.since if tried else now, taken, now + taken)
        return taken

    @property
    def are_any(self) -> bool:
        """Say whether anything at all is not asked."""
        return bool(self._held)

    def why_held(self, plugin: str, hook: str, subject: str) -> str:
        """Say why a hook is not asked about something; empty if it is."""
        term = self._held.get((plugin, hook)) or self._held.get((plugin, hook, subject))
        return term.why if term is not None else ""

    def release_due(self) -> tuple[tuple[str, int], ...]:
        """Put those on trial whose pause is over; give their plugins, with a number for `TRIAL` that it never had."""
        now = self._clock()
        due = [what for what, term in self._held.items() if term.until <= now]
        for what in due:
            self._tried[what] = self._held.pop(what)
            self._trials += 1
        return tuple((plugin, self._trials) for plugin in dict.fromkeys(what[0] for what in due))

    def settle(self) -> tuple[tuple[str, float], ...]:
        """After everything was asked anew: give the plugins that answer all again, with for how long they had not."""
        now, recovered = self._clock(), dict[str, float]()
        for what, term in self._tried.items():
            self._past[what] = (now, term.pause)
            recovered[what[0]] = max(now - term.since, recovered.get(what[0], 0.0))
        self._tried.clear()
        still = {what[0] for what in self._held}
        return tuple((plugin, seconds) for plugin, seconds in recovered.items() if plugin not in still)

    @property
    def names(self) -> frozenset[str]:
        """Give the plugins of which something is held or on trial; any thread may ask."""
        return frozenset(what[0] for what in (*tuple(self._held), *tuple(self._tried)))

    @property
    def next_due(self) -> float | None:
        """Give the time at which the next one is to be tried again, None if none is held."""
        return min((term.until for term in self._held.values()), default=None)
