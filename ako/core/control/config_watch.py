"""The files of `--config` while running: their contents are looked at, and those that have come to rest are told.

Contents count, not names or times: editors and mounted ConfigMaps put other files in place, and some file systems have
coarse times. What two looks in a row find the same is at rest; a file that is being written, that is away for a moment,
or files of which only some are new already, are not.
"""

from __future__ import annotations

import logging
import stat
import threading
from collections.abc import Callable

from ako.core.settings import ConfigText, ConfigTexts, read_config_files

_log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks: a change is taken after one to two of them, and a pause of a writer may last as long."""


class ConfigFiles:
    """Files that were read, and what has become of them since."""

    def __init__(self, texts: ConfigTexts) -> None:
        self._told = self._last = texts

    def look(self) -> ConfigTexts | None:
        """Give the contents that are at rest if they are others than were told last, else None."""
        before, self._last = self._last, tuple(map(_again, self._last))
        if self._last != before or self._last == self._told:
            return None
        self._told = self._last
        return self._told


def _again(before: ConfigText) -> ConfigText:
    """Read a file again, unless it can be read only once, as a pipe can."""
    try:
        mode = before.path.stat().st_mode
    except (OSError, ValueError):
        mode = stat.S_IFREG
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return before
    (text,) = read_config_files([before.path])
    return text


class ConfigWatch:
    """Looks at files from time to time, on a thread of its own: a file system that hangs stops nobody."""

    def __init__(self, texts: ConfigTexts) -> None:
        self._files = ConfigFiles(texts) if texts else None
        self._stopped = threading.Event()

    def start(self, sink: Callable[[ConfigTexts], None]) -> None:
        """Begin to tell other contents; nothing if there are no files."""
        if self._files is not None:
            args = (self._files, sink)
            threading.Thread(target=self._follow, args=args, name="config files", daemon=True).start()

    def stop(self) -> None:
        """End, without waiting for a look that is under way."""
        self._stopped.set()

    def _follow(self, files: ConfigFiles, sink: Callable[[ConfigTexts], None]) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            try:
                texts = files.look()
            except Exception:  # noqa: BLE001 - a thread that dies would leave the files unwatched without a word
                _log.exception("the files of --config could not be looked at by a fault of this program")
                continue
            if texts is not None and not self._stopped.is_set():
                sink(texts)
