"""Asks plugins: the only place where one is called while the program runs.

Whatever one raises is its fault: told, counted, and turned into `Unknown`, so that its last good result stays and the
others are not disturbed. So is an answer that is judged to be unfit, what it does that is refused (`HookRefused`), and
that it does not answer in time (`HookOverrun`): then it is suspended, and all that it is asked is unknown for a while.

A `Guard` stands by meanwhile.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from ako.core.base.log import about
from ako.core.base.outages import Tenfold
from ako.core.base.refs import Kind
from ako.core.base.tally import Durations
from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.guard import UNGUARDED, HookOverrun
from ako.core.hooks.judge import judge
from ako.core.hooks.judge.faults import Wrong
from ako.core.hooks.judge.index_keys import index_keys
from ako.core.hooks.outcome import SourceObject
from ako.core.hooks.plugin_faults import (
    LONGEST_DOUBT,
    asked_for,
    failed,
    key_of,
    named,
    overran,
    plugin_in_words,
    query_name,
    raised,
    subject_of,
    text_of,
)
from ako.core.hooks.suspension import TRIAL, Suspensions

DEFAULT_LIMIT = 20.0
"""Seconds that a hook may take where no setting says otherwise."""

SLOW = 2.0
"""Seconds after which it is told that a hook has not answered."""

LOOK, AGAIN = 0.5, 1.0
"""Seconds between two looks at a hook that is slow, and before one that was to end is told to again."""

_TOOK = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
_ENDING = "the program is ending"
_log = logging.getLogger(__name__)


class NotAsked(Unknown):
    """Unknown because the plugin is not asked at present."""


class _Unfit(Exception):  # noqa: N818 - its text says what is wrong with an answer
    """Raised here when an answer is judged."""


class Asked:
    """One call of a hook, under way."""

    __slots__ = (
        *("arguments", "before", "began", "hook", "is_cut", "is_pardoned", "is_told", "overrun", "plugin", "refused"),
        "within",
    )

    def __init__(self, plugin: str, hook: str, arguments: Mapping[str, object], began: float) -> None:
        self.plugin = plugin
        self.hook = hook
        self.arguments = arguments
        self.began = began
        self.within = 0.0
        """Seconds that hooks took which it asked itself."""
        self.before: object = None
        self.is_told = False
        self.is_cut = self.is_pardoned = False
        self.overrun = ""
        self.refused = ""

    def own(self, now: float) -> float:
        """Give its seconds, less those of the hooks that it asked; right only while it asks none."""
        return max(0.0, now - self.began - self.within)


class Calls:
    """Asks the plugins of one process; belongs to one thread.

    Args:
        implementations: hook → plugin → what is called.
        clock: seconds, growing.

    Attributes:
        failures: (plugin, hook) → how often it failed.
        first_faults: (plugin, hook) → its first fault, in words.
        durations: how long each hook of each plugin took, less what it asked of other hooks.
        suspensions: who is not asked at present.
        guard: who stands by.
        limit: seconds that a hook may take.
        is_ending: nothing is asked any more.
        strangers: the plugins that are not ours.
        crossing: the plugins whose source objects may name what is in other namespaces.
        lately: those of them that were asked since this was last emptied.
    """

    def __init__(
        self, implementations: Mapping[str, Mapping[str, Callable[..., Any]]], clock: Callable[[], float]
    ) -> None:
        self._implementations = implementations
        self._clock = clock
        self._asked: list[Asked] = []
        self._askers: dict[str, tuple[str, str]] = {}
        self._lines = Tenfold[tuple[str, str, str]]()
        self.failures: Counter[tuple[str, str]] = Counter()
        self.first_faults: dict[tuple[str, str], str] = {}
        self.durations = Durations(_TOOK)
        self.suspensions = Suspensions(clock)
        self.guard = UNGUARDED
        self.limit = DEFAULT_LIMIT
        self.is_ending = False
        self.strangers: frozenset[str] = frozenset()
        self.crossing: frozenset[str] = frozenset()
        self.lately: set[str] = set()

    def ask(self, plugin: str, hook: str, **arguments: object) -> Any:
        """Give the answer of one plugin to one hook; None if it has none to give, or has no such hook.

        Raises:
            Unknown: it failed, its answer cannot be worked with, or it is suspended.
        """
        call = self._implementations[hook].get(plugin)
        if call is None:
            return None
        self._refuse(plugin, hook, arguments)

        def answer() -> Any:
            results = call(**arguments)
            given = results[0] if results else None
            if wrong := judge(hook, given, arguments, crosses=plugin in self.crossing):
                raise _Unfit(f"its answer: {wrong}")
            return given

        return self._answer(Asked(plugin, hook, arguments, self._clock()), answer)

    def query(self, function: Callable[..., Any], view: View, *arguments: object) -> Any:
        """Compute a query that is not of the core: in the midst of the hook that asks it, it is part of that one.

        When what it read has changed, it is computed again without one: then on account of the hook that asked first.

        Raises:
            Unknown: there, as from `ask`. In the midst of a hook whatever it raises.
        """
        if self._asked:
            asked = self._asked[-1]
            self._askers.setdefault(query_name(function), (asked.plugin, asked.hook))
            return function(view, *arguments)
        plugin, hook = self._askers.get(query_name(function)) or (str(getattr(function, "__module__", "")), "a query")
        self._refuse(plugin, hook, {"view": view})
        return self._answer(Asked(plugin, hook, {"view": view}, self._clock()), lambda: function(view, *arguments))

    def index(self, plugin: str, kind: Kind, function: Callable[[Any], Iterable[Hashable]], record: Struct) -> Any:
        """Give the keys that an index of a plugin files an object under, whichever of its hooks is suspended.

        Raises:
            Unknown: it failed; or an index of the plugin hung, and none is asked for a while: of thousands of objects
                each would. Such an object counts as unreadable until it is seen anew.
        """
        arguments = {"source": SourceObject(named(kind, record), record)}
        self._refuse(plugin, "ako_kinds", arguments)

        def answer() -> Any:
            try:
                return index_keys(function(record))
            except Wrong as wrong:
                raise _Unfit(f"what an index gives: {wrong}") from None

        return self._answer(Asked(plugin, "ako_kinds", arguments, self._clock()), answer)

    def _refuse(self, plugin: str, hook: str, arguments: Mapping[str, object]) -> None:
        if self.suspensions.are_any:
            why = self.suspensions.why_held(plugin, hook, subject_of(arguments))
            if why:
                _await_trial(plugin, arguments)
                raise NotAsked(why)
        if self.is_ending:
            raise NotAsked(_ENDING)

    def _answer(self, asked: Asked, answer: Callable[[], Any]) -> Any:
        fault: BaseException | None = None
        words = ""
        given = None
        self._begin(asked)
        try:
            try:
                given = answer()
            except BaseException as anything:
                if self.guard.is_signal(anything):
                    raise
                fault, words = anything, _words_of(anything)  # in its time: they may be the work of the plugin
        except HookOverrun:
            fault = fault or HookOverrun()
        finally:
            self._end(asked)
        if fault is not None or asked.overrun or asked.refused or asked.is_cut:
            raise self._doubt(asked, fault, words) from None
        return given

    # What goes on.

    def _begin(self, asked: Asked) -> None:
        self._asked.append(asked)
        if len(self._asked) == 1:
            self.guard.begin()
        if asked.plugin in self.strangers:
            asked.before = self.guard.state()

    def _end(self, asked: Asked) -> None:
        seconds = self._clock() - asked.began
        own = max(0.0, seconds - asked.within)
        self._asked.pop()
        if self._asked:
            self._asked[-1].within += seconds
        if asked.plugin in self.strangers:
            self.lately.add(asked.plugin)
            asked.refused = asked.refused or self.guard.put_back(asked.before)
        self.durations.observe(own, asked.plugin, asked.hook)
        if own >= SLOW and not asked.is_told:
            self._tell_slow(asked, f"took {own:.1f} s for")
        if asked.plugin in self.strangers and (pause := self.suspensions.take(asked.plugin, asked.hook, own)):
            self._tell_suspended(self.suspensions.why_held(asked.plugin, asked.hook, ""), pause)

    @property
    def current(self) -> Asked | None:
        """Give what is asked just now, of several within each other the innermost; any thread may look."""
        asked = self._asked[-1:]  # one step, whoever else is at it
        return asked[0] if asked else None

    def running(self) -> tuple[str, str, float] | None:
        """Give plugin, hook and seconds of a hook that has been at work for long; any thread may ask."""
        asked = self.current
        seconds = asked.own(self._clock()) if asked else 0.0
        return (asked.plugin, asked.hook, seconds) if asked and seconds >= SLOW else None

    def review(self) -> tuple[float, bool]:
        """Look at what is asked just now: for the guard, while the code of the plugin is at work.

        Tells what is slow, and suspends what is over its limit. Gives the seconds until the next look, and whether
        the hook is to be ended.
        """
        asked = self.current
        if asked is None:
            return LOOK, False
        if self.is_ending and not asked.overrun:
            asked.is_cut = True
        own = asked.own(self._clock())
        if own >= self.limit and not asked.overrun and not asked.is_cut:
            self._suspend(asked)
        if asked.overrun or asked.is_cut:
            return AGAIN, True
        if own >= SLOW and not asked.is_told:
            self._tell_slow(asked, f"has been at work for {own:.1f} s on")
        return min(LOOK, max(self.limit - own, 0.001)), False

    def pardon(self, seconds: float) -> None:
        """Leave so much out of the time of what is asked, in which this process did not run; once for each call."""
        now = self._clock()
        for asked in self._asked:
            if not asked.is_pardoned:
                asked.began, asked.is_pardoned = min(now, asked.began + seconds), True

    def end(self) -> None:
        """Ask nothing more, and end what is asked just now; any thread may call it, and a signal handler."""
        self.is_ending = True
        self.guard.hurry()

    def _doubt(self, asked: Asked, fault: BaseException | None, words: str) -> Unknown:
        """Say what came of a call that has no answer; what is a fault of the plugin is told and counted."""
        if asked.is_cut:
            return NotAsked(_ENDING)
        if asked.overrun:
            _await_trial(asked.plugin, asked.arguments)
            return Unknown(asked.overrun)
        if isinstance(fault, Unknown) and not asked.refused:
            return Unknown(words)
        what = asked.refused or words  # what was refused is a fault, whether the plugin let it pass or not
        told = failed(asked.plugin, asked.hook, subject_of(asked.arguments), what)
        self._count(asked, told)
        self._tell(asked, told, fault)
        return Unknown(told)

    def _count(self, asked: Asked, words: str) -> None:
        self.failures[asked.plugin, asked.hook] += 1
        self.first_faults.setdefault((asked.plugin, asked.hook), words)

    def _suspend(self, asked: Asked) -> None:
        subject = subject_of(asked.arguments)
        asked.overrun = overran(asked.plugin, asked.hook, subject, self.limit)
        pause = self.suspensions.suspend(asked.plugin, asked.hook, subject, asked.overrun, self.limit)
        self._count(asked, asked.overrun)
        self._tell_suspended(asked.overrun, pause, key_of(asked.arguments))

    def _tell_suspended(self, why: str, pause: float, key: str = "") -> None:
        text = "%s; what it said before stays, and it is asked again in %.0f s"
        _log.error(text, why, pause, extra=about(key, reason="PluginSuspended"))

    def _tell(self, asked: Asked, words: str, fault: BaseException | None) -> None:
        """Tell a fault; what is the same for each of many objects not each time. The stack is for authors."""
        key = key_of(asked.arguments)
        if count := self._lines.happened((asked.plugin, asked.hook, type(fault).__name__)):
            times = f" ({count} times by now)" if count > 1 else ""
            _log.error("%s%s", words, times, extra=about(key, reason="PluginFault"))
            if fault is not None:
                _log.debug("where `%s` failed in %s", asked.plugin, asked.hook, exc_info=fault)
        else:
            _log.debug("%s", words)

    def _tell_slow(self, asked: Asked, did: str) -> None:
        asked.is_told = True
        about_what = asked_for(asked.hook, subject_of(asked.arguments))
        fields = about(key_of(asked.arguments), reason="PluginSlow")
        _log.warning("%s %s %s", plugin_in_words(asked.plugin, asked.hook), did, about_what, extra=fields)


def _words_of(fault: BaseException) -> str:
    return text_of(fault, LONGEST_DOUBT) if isinstance(fault, (Unknown, _Unfit)) else raised(fault)


def in_words(asked: Asked) -> str:
    """Name a call: ``ako_translate for host shop.com of the translating plugin `x` ``."""
    of = plugin_in_words(asked.plugin, asked.hook)
    return f"{asked_for(asked.hook, subject_of(asked.arguments))} of {of}"


def _await_trial(plugin: str, arguments: Mapping[str, object]) -> None:
    """Have what lacks an answer now computed again when the plugin is tried again."""
    view = arguments.get("view")
    if isinstance(view, View):
        view.input(TRIAL, plugin)
