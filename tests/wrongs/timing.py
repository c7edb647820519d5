"""Plugins that take long, wait, or would not end."""

from __future__ import annotations

import sys

from tests.wrongs.wrong import Held, Wrong


def _hangs(name: str, does: str, code: str, *, top: str = "", hook: str = "ako_discover") -> Wrong:
    """Give one that is ended and not asked for a while."""
    says = "is suspended: it had not answered "
    return Wrong(name=name, does=does, code=code, top=top, hook=hook, says=says, held=Held.SUSPENDED)


TIMING = (
    _hangs(
        name="loops",
        does="loops without an end",
        code="while True:\n    pass",
    ),
    _hangs(
        name="loops_on",
        does="loops without an end, and catches every Exception",
        code="while True:\n    try:\n        int(thing.spec.host)\n    except Exception:\n        pass",
        hook="ako_place_backend",
    ),
    _hangs(
        name="matches",
        does="has a regular expression that takes years",
        top="import re",
        code='re.fullmatch("(a+)+b", "a" * 64)',
    ),
    _hangs(
        name="computes",
        does="works out a number of millions of digits, a step at a time",
        code="number = 3\nwhile True:\n    number = number * number % (1 << 4096)",
        hook="ako_report",
    ),
    _hangs(
        name="locks",
        does="waits for a lock that nobody gives back",
        top="import threading\n\nLOCK = threading.Lock()",
        code="LOCK.acquire()\nLOCK.acquire()",
    ),
    Wrong(
        name="sleeps",
        does="sleeps for an hour",
        top="import time",
        code="time.sleep(3600)",
        says=" for Sleeps/default/sleeps",
        held=Held.FAULT if sys.version_info >= (3, 13) else Held.SUSPENDED,  # the interpreter tells of it from then on
        contract="time does I/O",
    ),
    _hangs(
        name="returns_late",
        does="goes on for a moment when its call is ended, and answers then",
        code="try:\n    while True:\n        pass\nexcept BaseException:\n    pass\ngood = Discovery()",
    ),
    _hangs(
        name="swallows",
        does="loops without an end, and catches whatever ends it, until that comes where nothing catches it",
        code="while True:\n    try:\n        int(thing.spec.host)\n    except BaseException:\n        pass",
    ),
    _hangs(
        name="query_loops",
        does="has a query that loops without an end",
        top="def forever(view):\n    while True:\n        pass",
        code="view.ask(forever)",
    ),
    _hangs(
        name="words_loop",
        does="raises an exception whose text is never done",
        top="class Endless(Exception):\n    def __str__(self):\n        while True:\n            pass",
        code="raise Endless",
    ),
)
