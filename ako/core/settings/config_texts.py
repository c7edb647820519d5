"""The files of `--config`, read: what they hold, and not yet what it means."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class ConfigText(NamedTuple):
    """What a file held when it was read.

    Attributes:
        path: as it was given.
        text: its content; None if it could not be read.
        failure: why not.
    """

    path: Path
    text: bytes | None
    failure: str = ""

    def __repr__(self) -> str:
        return f"ConfigText({str(self.path)!r})"  # the text may hold passwords


ConfigTexts = tuple[ConfigText, ...]
"""The files of `--config` in the order of the command line: the last one counts first."""


def read_config_files(paths: Iterable[Path]) -> ConfigTexts:
    """Read the files of `--config`, as they are now."""
    return tuple(map(_read, paths))


def _read(path: Path) -> ConfigText:
    try:
        return ConfigText(path, path.read_bytes())
    except IsADirectoryError:
        return ConfigText(path, None, "is a directory: name the file in it")
    except (OSError, ValueError) as error:  # the last of a path that none can be
        reason = getattr(error, "strerror", None) or str(error)
        return ConfigText(path, None, f"cannot be read: {reason}; name a file that can be")
