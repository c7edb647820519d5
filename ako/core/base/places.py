"""Where each setting was given, for whoever has to say which one is at fault."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NOWHERE: Mapping[str, str] = MappingProxyType({})


class Places:
    """The places of the settings in force; any thread may ask.

    A setting that stays as it is may move, within its file or from one place to another: what is told is where it was
    when the settings were last read.

    Args:
        origins: helm key → where the value was given, as in `LoadedSettings`.
    """

    def __init__(self, origins: Mapping[str, str] = _NOWHERE) -> None:
        self._origins = origins

    def __repr__(self) -> str:
        return f"Places(of {len(self._origins)} settings)"

    def take(self, origins: Mapping[str, str]) -> None:
        """Take over the places of settings that were read anew."""
        self._origins = origins

    def named(self, helm: str) -> str:
        """Give a setting with its place, such as `avicredentials.password (file v.yaml, line 16)`."""
        origin = self._origins.get(helm, "")
        return f"{helm} ({origin})" if origin else helm
