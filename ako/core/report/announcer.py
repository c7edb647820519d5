"""Problems are told once: which of them are news, and their log lines."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator

from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import Problem

_log = logging.getLogger(__name__)


class Announcer:
    """Tells each problem once: a log line, and an Event where there is somebody to read it."""

    def __init__(self) -> None:
        self._told: dict[ObjectRef, frozenset[Problem]] = {}
        self.counts: Counter[str] = Counter()
        """How many problems stand, by reason."""

    def news(self, ref: ObjectRef, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Log the problems of an object that are new, and give them."""
        current, before = frozenset(problems), self._told.get(ref, frozenset())
        fresh = tuple(p for p in dict.fromkeys(problems) if p not in before)
        self._keep(ref, current)
        for problem in fresh:
            _log.warning("%s", problem.message, extra={"key": problem.source.key})
        return fresh

    def forget(self, ref: ObjectRef) -> None:
        """Forget an object that is gone."""
        self._keep(ref, frozenset())

    def _keep(self, ref: ObjectRef, current: frozenset[Problem]) -> None:
        self.counts.subtract(problem.reason for problem in self._told.pop(ref, ()))
        self.counts.update(problem.reason for problem in current)
        if current:
            self._told[ref] = current

    @property
    def open_problems(self) -> Iterator[Problem]:
        """Give every problem that still stands."""
        return (problem for problems in self._told.values() for problem in sorted(problems))
