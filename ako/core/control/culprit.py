"""Whose code is at work in the middle of a hook: the plugin's, or ours on its behalf."""

from __future__ import annotations

import sys
from types import FrameType

_NOBODY = sys.stdlib_module_names
"""What is at work for whoever called it."""

_PURE = tuple(f"ako.core.{room}" for room in ("assemble", "base", "hooks", "model", "settings", "settle", "translate"))
"""Rooms of ours that remember nothing, so that they are at work for whoever called them too."""

_ASKING = "ako.core.hooks.calls"
_JUDGING = "ako.core.hooks.judge"


def is_plugins(frame: FrameType | None) -> bool:
    """Say whether it is the code of a plugin that is at work, or what is at work for it.

    It is not where ours has something to bring to its end: in the engine, in the keeping of accounts, in handlers of
    signals. An answer is the plugin's too while it is judged: how long that takes is up to what is in it.
    """
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        top = name.partition(".")[0]
        if name.startswith(_JUDGING):
            return True
        if top == "ako" and not name.startswith("ako.plugins."):
            if name == _ASKING or not name.startswith(_PURE):
                return False
        elif top not in _NOBODY or top == "__main__":
            return True
        frame = frame.f_back
    return False


def may_be_cut(frame: FrameType | None) -> bool:
    """Say whether a plugin may be ended right here: it is at work, and not where a line of its is being logged.

    The lock of a handler of the log is the one that all threads wait for; it is let go when the line is written.
    """
    return is_plugins(frame) and not _is_logging(frame)


def _is_logging(frame: FrameType | None) -> bool:
    while frame is not None:
        top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if top == "logging":
            return True
        if top != "ako" and (top not in _NOBODY or top == "__main__"):
            return False
        frame = frame.f_back
    return False


def is_importing(frame: FrameType | None) -> bool:
    """Say whether a module is being imported right here, such as by a hook that imports when it is first asked."""
    return frame is not None and str(frame.f_globals.get("__name__", "")).startswith("importlib._bootstrap")
