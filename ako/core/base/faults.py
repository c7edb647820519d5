"""Faults of this program: told with their stack, counted, and then they cost what was at work and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

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

    def take(self, subject: object, fault: Exception) -> str:
        """Tell a fault, with what was at work; give it in a few words."""
        self.count += 1
        _log.error("a fault of this program (%s): %s", self.stage, subject, exc_info=fault)
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
