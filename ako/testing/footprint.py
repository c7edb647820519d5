"""What code leaves behind in a process: threads, changed modules, handlers, an environment.

A plugin leaves nothing: it is a function of what it is given.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from ako.core.base.own_modules import changed_since, picture
from ako.core.control.hook_audit import auditor

_SHARED = (sys.stdlib_module_names - {"builtins"}) | {"msgspec", "pluggy", "pydantic"}
"""Modules that others use too, beside those that a picture has."""

_ABSENT = object()


class Footprint:
    """The state of a process at one moment, as far as others rely on it; see `left_since`."""

    def __init__(self) -> None:
        auditor()  # which has the interpreter tell of threads: that is no change of a plugin's
        self._threads = set(threading.enumerate())
        self._ours = picture()
        self._modules = {name: _named(module) for name, module in list(sys.modules.items()) if _is_shared(name, module)}
        self._state = dict(_state())

    def left_since(self) -> Iterator[str]:
        """Name everything that is other now than it was then, with who or what it is."""
        for thread in set(threading.enumerate()) - self._threads:
            yield f"it leaves a thread, {thread.name!r}; a plugin has none: what it needs arrives as an argument"
        now = dict(_state())
        for what in self._state:
            if self._state[what] != now[what]:
                yield f"it changes {what}; that belongs to the program"
        for name in changed_since(self._ours):
            yield f"it changes {name}, which others use too; have a function of your own"
        for name, before in self._modules.items():
            module = sys.modules.get(name)
            after = _named(module) if isinstance(module, ModuleType) else {}
            for attribute, value in before.items():
                if after.get(attribute, _ABSENT) is not value:
                    yield f"it changes {name}.{attribute}, which others use too; have a function of your own"


def _is_shared(name: str, module: object) -> bool:
    root = name.partition(".")[0]
    return isinstance(module, ModuleType) and root in _SHARED


def _named(module: ModuleType) -> dict[str, Any]:
    """Give what can be called in a module, and in its classes."""
    found: dict[str, Any] = {}
    for name, value in list(vars(module).items()):
        if not name.startswith("__") and callable(value):
            found[name] = value
        if isinstance(value, type) and value.__module__ == module.__name__:
            found |= {f"{name}.{inner}": method for inner, method in _methods(value)}
    return found


def _methods(owner: type) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(owner).items()):
        if callable(value) or isinstance(value, (classmethod, staticmethod, property)):
            yield name, value


def _state() -> Iterator[tuple[str, object]]:
    yield "the environment (os.environ)", dict(os.environ)
    yield "the working directory", os.getcwd()  # noqa: PTH109 - as text, to be compared
    yield "the recursion limit", sys.getrecursionlimit()
    yield "sys.path", tuple(sys.path)
    yield "sys.meta_path", tuple(map(id, sys.meta_path))
    yield "sys.stdout or sys.stderr", (id(sys.stdout), id(sys.stderr))
    yield "tracing or profiling", (sys.gettrace(), sys.getprofile())
    yield "the handlers of signals", tuple(_handlers().items())
    for name in ("", "ako"):
        log = logging.getLogger(name)
        whose = f"the log of {name}" if name else "the log of all"
        yield (
            whose,
            (log.level, log.disabled, log.propagate, tuple(map(id, log.handlers)), logging.root.manager.disable),
        )


def _handlers() -> Mapping[int, object]:
    return {number: signal.getsignal(number) for number in sorted(signal.valid_signals()) if number != signal.SIGALRM}
