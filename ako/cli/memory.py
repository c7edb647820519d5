"""How a process that lives for long keeps its memory."""

from __future__ import annotations

import ctypes
import gc

_ARENA_MAX = -8
"""`M_ARENA_MAX` of glibc's `mallopt`."""

_ARENAS = 2


def keep_for_long() -> None:
    """Look for cycles more seldom, and have threads share their memory.

    What is kept is kept for long and holds hardly any cycles: looking for them as often as by default costs a tenth. Of
    glibc each thread may have an area of its own, which it shares with none: a watch that lists its kind again and
    again makes it grow for long. The memory of other C libraries is left as it is.
    """
    gc.set_threshold(50_000, 20, 50)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, _ARENAS)
