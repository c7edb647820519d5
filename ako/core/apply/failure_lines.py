"""The lines about requests that failed: hundreds may fail for one reason, for as long as an outage lasts."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ako.core.avi.errors import AviError
from ako.core.base.log import about
from ako.core.base.outages import Clock, Seldom
from ako.core.base.refs import AviRef

_log = logging.getLogger(__name__)


class FailureLines:
    """Tells why a request failed: of each sort of failure at first, then seldom and with how many there were.

    Args:
        clock: seconds, growing.
    """

    def __init__(self, clock: Clock) -> None:
        self._lines = Seldom[tuple[type[AviError], int | None]](clock)

    def tell(self, error: AviError) -> None:
        """Tell a failure; each is there at DEBUG."""
        level, more = self._lines.weigh((type(error), error.status), "and {} more like it since the last line")
        fields = about(reason=type(error).__name__, remedy=error.remedy)
        _log.log(level, "Avi Controller: %s%s", error, more, extra=fields)

    @staticmethod
    def stuck(refs: Sequence[AviRef]) -> None:
        """Tell that the order of a plan is wrong."""
        _log.error("a fault of this program: nothing lets these begin: %s", refs, extra=about(reason="ProgramFault"))
