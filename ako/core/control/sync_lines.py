"""One line for each full sync: what was found, what of it others had changed, and how long reading took."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping

from ako.core.base.log import about
from ako.core.base.moment import duration
from ako.core.base.outages import Clock, Seldom
from ako.core.control.reconcile import Reconciler
from ako.core.observe.full_sync import FullSync

_log = logging.getLogger(__name__)


class SyncLines:
    """Follows full syncs; runs on the thinking thread.

    Args:
        reconciler: whose Controller is read.
        clock: seconds, growing.
    """

    def __init__(self, reconciler: Reconciler, clock: Clock) -> None:
        self._reconciler = reconciler
        self._seen = self._told = 0
        self._there: Mapping[str, int] = {}
        self._found: Mapping[str, int] = {}
        self._repaired: Mapping[str, int] = {}
        self._quiet = Seldom[str](clock, at_first=3)

    def follow(self, full_sync: FullSync) -> None:
        """Tell of the last full sync, once all that follows from it is done, or has failed and is tried again later."""
        reconciler = self._reconciler
        if full_sync.count == self._told or not reconciler.is_observed:
            return
        if full_sync.count != self._seen:  # no answer to a write has come in since
            self._seen, self._there = full_sync.count, Counter(ref.type for ref in reconciler.observed.ours())
        if not reconciler.dispatcher.is_busy:
            self._told = full_sync.count
            self._tell(full_sync)

    def _tell(self, full_sync: FullSync) -> None:
        drift = self._reconciler.dispatcher.planner.drift
        found, repaired = Counter(drift.found), Counter(drift.repaired)
        new, mended = found - Counter(self._found), repaired - Counter(self._repaired)
        self._found, self._repaired = found, repaired
        left = new - mended
        total = sum(self._there.values())
        objects = f"{total} object{'' if total == 1 else 's'} of ours"
        parts = [
            f"{objects} found in {duration(full_sync.seconds)}{_by_type(self._there)}",
            f"drift repaired: {_listed(mended)}" if mended else "",
            f"drift found and not repaired: {_listed(left)}" if left else "",
            "" if new or mended else "no drift",
        ]
        # The Controller is read by suspicion too, as often as it comes back: what finds nothing is told seldom then.
        is_news = bool(new or mended) or not full_sync.was_suspicion
        level = logging.INFO if is_news or self._quiet.happened("") is not None else logging.DEBUG
        text = "; ".join(filter(None, parts))
        _log.log(level, "full sync: %s", text, extra=about(reason="FullSync", seconds=full_sync.seconds))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {of}" for of, count in sorted(counts.items()) if count)


def _by_type(counts: Mapping[str, int]) -> str:
    return f" ({_listed(counts)})" if counts else ""
