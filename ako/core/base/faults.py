"""Faults of this program: told with their stack, counted, and then they cost what was at work and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ako.core.base.log import about
from ako.core.base.outages import Tenfold

_log = logging.getLogger(__name__)


class Faults:
    """Takes the faults of one sort of work.

    Attributes:
        stage: the sort of work, for logs and metrics.
        count: how many faults there were.
    """

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.count = 0
        self._lines = Tenfold[object]()

    def take(self, subject: object, fault: Exception) -> str:
        """Tell a fault, with what was at work; give it in a few words."""
        self.count += 1
        if count := self._lines.happened(_place_of(fault)):
            times = f" ({count} times by now)" if count > 1 else ""
            text = "a fault of this program (%s): %s%s"
            _log.error(text, self.stage, subject, times, exc_info=fault, extra=about(reason="ProgramFault"))
        else:
            _log.debug("a fault of this program (%s): %s: %r", self.stage, subject, fault)
        return f"{type(fault).__name__}: {fault}"

    @contextmanager
    def contained(self, subject: object) -> Iterator[None]:
        """Go on after the block though there is a fault in it; what is to be done about a fault stands there.

        What is meant to end the process does.
        """
        try:
            yield
        except Exception as fault:  # noqa: BLE001 - told; and nothing else may come to harm by it
            self.take(subject, fault)


def _place_of(fault: Exception) -> object:
    """Give where in the program a fault is: hundreds of objects may meet the same one."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return type(fault), trace and (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
