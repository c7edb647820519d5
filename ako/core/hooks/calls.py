"""Asks plugins: the only place where one is called while the program runs.

One that raises is logged, counted, and turned into `Unknown`, so that its last good result stays and the others are not
disturbed.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ako.core.base.log import about
from ako.core.base.outages import Tenfold
from ako.core.base.tally import Stopwatch
from ako.core.engine.cells import Unknown
from ako.core.hooks.judge import judge

_TOOK = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
_log = logging.getLogger(__name__)

_RAISED = re.compile(r"plugin (.+?) raised in (\w+): ")


def failing_hook(doubt: str) -> tuple[str, str] | None:
    """Give plugin and hook if a doubt, as `PluginHost` words it, is there because that raised; None if it is not."""
    found = _RAISED.search(doubt)
    return (found[1], found[2]) if found else None


class Calls:
    """Asks the plugins of one process.

    Args:
        implementations: hook → plugin → what is called.
        clock: seconds, growing.
    """

    def __init__(
        self, implementations: Mapping[str, Mapping[str, Callable[..., Any]]], clock: Callable[[], float]
    ) -> None:
        self._implementations = implementations
        self.failures: Counter[tuple[str, str]] = Counter()
        """(plugin, hook) → how often it raised."""
        self._lines = Tenfold[tuple[str, str, type[Exception]]]()
        self._stopwatch = Stopwatch(clock, _TOOK)
        self.durations = self._stopwatch.durations
        """How long each hook of each plugin took, less what it asked of other hooks."""

    def ask(self, plugin: str, hook: str, **arguments: object) -> Any:
        """Give the answer of one plugin to one hook; None if it has none to give, or has no such hook.

        Raises:
            Unknown: it raised, or its answer cannot be worked with.
        """
        call = self._implementations[hook].get(plugin)
        if call is None:
            return None
        begun = self._stopwatch.begin()
        try:
            results = call(**arguments)
            answer = _judged(hook, results[0] if results else None, arguments)
        except Unknown:
            raise
        except Exception as fault:
            self.failures[plugin, hook] += 1
            self._tell(plugin, hook, fault)
            raise Unknown(f"plugin {plugin} raised in {hook}: {type(fault).__name__}: {fault}") from fault
        finally:
            self._stopwatch.end(begun, plugin, hook)
        return answer

    def _tell(self, plugin: str, hook: str, fault: Exception) -> None:
        """Tell what a plugin raised, with its stack; what it raises for each of many objects not each time."""
        if count := self._lines.happened((plugin, hook, type(fault))):
            times = f" ({count} times by now)" if count > 1 else ""
            _log.error(
                "plugin %s raised in %s%s", plugin, hook, times, exc_info=fault, extra=about(reason="PluginFault")
            )
        else:
            _log.debug("plugin %s raised in %s: %r", plugin, hook, fault)


def _judged(hook: str, answer: Any, asked: Mapping[str, object]) -> Any:
    if wrong := judge(hook, answer, asked):
        raise TypeError(f"its answer: {wrong}")
    return answer
