"""Tells of what failed in a stand-in itself, and not in whoever asked it."""

from __future__ import annotations

import threading


def tell(defect: BaseException) -> None:
    """Tell of a defect as Python tells what a thread did not catch: the stack goes to stderr, and a test fails."""
    told = (type(defect), defect, defect.__traceback__, threading.current_thread())
    threading.excepthook(threading.ExceptHookArgs(told))
