"""Sees that no plugin has replaced what is ours: after that, nothing that was worked out is to be trusted."""

from __future__ import annotations

import logging

from ako.core.base.errors import Tampered
from ako.core.base.log import about
from ako.core.base.own_modules import Footprint
from ako.core.base.wording import some_of
from ako.core.hooks.calls import Calls

_log = logging.getLogger(__name__)


class Integrity:
    """Looks at what the program consists of before anything is done about what plugins said.

    Args:
        calls: asks the plugins; where all are our own, there is nothing to be looked at.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._footprint: Footprint | None = None

    def begin(self) -> None:
        """Note what the program is like now."""
        if self._calls.strangers:
            self._footprint = Footprint()

    def check(self) -> None:
        """Insist that it is as it was.

        Raises:
            Tampered: it is not. That it is, is looked at only if a plugin of others was asked since the last time.
        """
        asked = sorted(self._calls.lately)
        self._calls.lately.clear()
        if self._footprint is None or not asked or not (changed := self._footprint.changed()):
            return
        text = "a plugin replaced what is not its own: %s; it was one of those that were asked just now: %s. Nothing of"
        text += " what was worked out is to be trusted: nothing more is written, and the process ends"
        _log.critical(text, some_of(changed), some_of(asked), extra=about(reason="PluginTampers"))
        raise Tampered
