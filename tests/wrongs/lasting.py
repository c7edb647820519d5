"""Plugins that no program can hold which runs them: what limits them, and what an operator does."""

from __future__ import annotations

from tests.wrongs.wrong import Held, Wrong

_PROBE = (
    "The liveness probe ends the process when nothing has moved for 60 s; the log of the watchdog names the line. "
    "Mend the object, or delete it; without the plugin all that it serves would go."
)

_AGAIN = (
    "The container is started again, later each time. "
    "Mend the object, or delete it; without the plugin all that it serves would go."
)

LASTING = (
    Wrong(
        name="exits_hard",
        does="ends the process without a word",
        top="import os",
        code="os._exit(7)",
        ends=7,
        contract="it ends the process with code 7",
        says="",
        held=Held.RESTARTED,
        limit=_AGAIN,
    ),
    Wrong(
        name="patches",
        does="replaces a method of ako, so that nothing is there any more for anybody",
        code="ako.View.get = lambda *_: None",
        ends=1,
        contract="it changes ako.",
        says="",
        held=Held.RESTARTED,
        limit="The process ends with 1 before anything is written, and says what was changed. " + _AGAIN,
    ),
    Wrong(
        name="loops_in_c",
        does="loops without an end inside of a function written in C",
        top="import itertools",
        code="sum(itertools.repeat(0))",
        says="",
        held=Held.RESTARTED,
        limit=_PROBE,
        contract="it does not come to an end within ",
    ),
    Wrong(
        name="stops_clock",
        does="stops the clock that limits it, and loops",
        top="import signal",
        code="signal.setitimer(signal.ITIMER_REAL, 0)\nwhile True:\n    pass",
        says="",
        held=Held.RESTARTED,
        limit=_PROBE,
        contract="it does not come to an end within ",
    ),
)
