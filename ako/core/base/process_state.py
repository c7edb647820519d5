"""What of this process a plugin could change for everybody without anybody being told: put back when it is done."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

_handler_of: Callable[[int], Any] = import_module("_signal").getsignal
"""Without what makes an enum of each answer; and asked by plain numbers: it is asked six times a hook."""

_TERM, _INT, _ALRM = int(signal.SIGTERM), int(signal.SIGINT), int(signal.SIGALRM)

_PUT: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("the handler of SIGTERM", lambda it: signal.signal(_TERM, it)),
    ("the handler of SIGINT", lambda it: signal.signal(_INT, it)),
    ("the handler of SIGALRM", lambda it: signal.signal(_ALRM, it)),
    ("the limit of recursion", sys.setrecursionlimit),
    ("what is logged", logging.disable),
    ("what is logged", logging.root.setLevel),
    ("what is logged", lambda it: logging.root.handlers.__setitem__(slice(None), it)),
    ("how long sockets wait", socket.setdefaulttimeout),
    ("standard output", lambda it: setattr(sys, "stdout", it)),
    ("standard error", lambda it: setattr(sys, "stderr", it)),
)
"""What each element of a state is, and how it is set."""


def process_state() -> tuple[Any, ...]:
    """Give it as it is."""
    return (
        _handler_of(_TERM),
        _handler_of(_INT),
        _handler_of(_ALRM),
        sys.getrecursionlimit(),
        logging.root.manager.disable,
        logging.root.level,
        (*logging.root.handlers,),
        socket.getdefaulttimeout(),
        sys.stdout,
        sys.stderr,
    )


def put_back(before: tuple[Any, ...]) -> str:
    """Have it as it was; say what was not, empty if all was."""
    now = process_state()
    if now == before:
        return ""
    told = []
    for (what, put), was, is_now in zip(_PUT, before, now, strict=True):
        if was != is_now:
            put(was)
            told.append(what)
    return f"it changed {' and '.join(dict.fromkeys(told))} for everybody"
