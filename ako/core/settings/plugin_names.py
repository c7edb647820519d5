"""Names of plugins in the settings: one that nobody has would take away what its plugin serves, so it is a fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from ako.core.settings.enabled import IN_TREE_PLUGINS
from ako.core.settings.faults import Fault, shown
from ako.core.settings.given import Given
from ako.core.settings.value_types import EnabledPlugins, SourceNames

T = TypeVar("T")
_ENABLED: TypeAdapter[tuple[str, ...]] = TypeAdapter(EnabledPlugins)
_SOURCES: TypeAdapter[Literal["auto"] | tuple[str, ...]] = TypeAdapter(SourceNames)


@dataclass(frozen=True, slots=True)
class PluginNames:
    """The names that settings may use.

    Attributes:
        installed: every plugin there is.
        reading: the running ones that read sources.
        switched: those of them that `ako.sources` turns on and off; the others always read.
    """

    installed: tuple[str, ...]
    reading: tuple[str, ...]
    switched: tuple[str, ...]

    def faults(self, given: Mapping[str, Given]) -> Iterator[Fault]:
        """Give a fault for each key with a name that nobody has; a value that is no list of names has its own."""
        enabled = _read(_ENABLED, "ako.plugins.enabled", given, IN_TREE_PLUGINS)
        unknown = [name for name in enabled if name not in self.installed]
        if unknown:
            near = get_close_matches(unknown[0], self.installed, n=1)
            meant = f" (did you mean {near[0]}?)" if near else ""
            reason = f"unknown plugin {', '.join(unknown)}{meant}: install its distribution, or correct the name"
            yield _fault("ako.plugins.enabled", reason, self.installed, given)
        elif not self.reading:
            reason = "none of them reads sources: every host would go; to have that, set AKOSettings.deleteConfig"
            yield _fault("ako.plugins.enabled", reason, self.installed, given)
        sources = _read(_SOURCES, "ako.sources", given, "auto")
        if sources != "auto" and (reason := self._wrong_with(sources)):
            yield _fault("ako.sources", reason, ("auto", *(self.switched or self.reading)), given)

    def _wrong_with(self, sources: Iterable[str]) -> str:
        strangers = [name for name in sources if name not in self.reading]
        if strangers:
            return f"{', '.join(strangers)}: no plugin that runs reads sources under this name"
        if self.switched and not set(sources) & set(self.switched):
            return "every host would go; to do without these sources leave them out of ako.plugins.enabled"
        return ""


def _read(kind: TypeAdapter[T], key: str, given: Mapping[str, Given], default: T) -> T:
    try:
        return kind.validate_python(given[key].value)
    except (KeyError, ValidationError):
        return default


def _fault(key: str, reason: str, allowed: Iterable[str], given: Mapping[str, Given]) -> Fault:
    value, origin = given.get(key, Given(None, "default"))
    return Fault(key, origin, reason, value=shown(value), allowed=", ".join(allowed))
