"""What of the public interface goes away: it works for two minor versions of the plugin API, and says so.

A plugin that still uses it is told of when it is loaded; what has gone is told with what there is instead.
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ako.core.hooks.needs import PLUGIN_API

_LIVES = 2
"""For how many minor versions what is deprecated works on, that included which deprecates it."""


class PluginDeprecation(FutureWarning):
    """A plugin uses what will go away."""


class Deprecated(NamedTuple):
    """Something that goes away.

    Attributes:
        since: the version of the plugin API from which on it is deprecated.
        instead: what to use, for people.
        value: gives what a deprecated name of `ako` stands for; None for what is no such name.
    """

    since: str
    instead: str
    value: Callable[[], Any] | None = None

    @property
    def gone_in(self) -> str:
        """Give the version of the plugin API in which it is no more."""
        major, minor = _parts(self.since)
        return f"{major}.{minor + _LIVES}"

    def has_gone(self, api: str) -> bool:
        """Say whether it is no more in a version of the plugin API."""
        return _parts(api) >= _parts(self.gone_in)

    def told(self, what: str, api: str) -> str:
        """Give what authors are told of it."""
        if self.has_gone(api):
            return f"{what} went away with plugin API {self.gone_in}: {self.instead}"
        return f"{what} is deprecated since plugin API {self.since} and goes away with {self.gone_in}: {self.instead}"


Table = Mapping[str, Deprecated]
"""`ako.Name`, `ako_hook` or `ako_hook(argument)` → what becomes of it; what has gone stays listed, to be told."""

DEPRECATED: Table = {}


def attribute_of(table: Table, api: str = PLUGIN_API) -> Callable[[str], Any]:
    """Give the `__getattr__` of the module `ako`: old names still mean something, and it is told who asks for them."""

    def given(name: str) -> Any:
        found = table.get(f"ako.{name}")
        if found is None:
            raise AttributeError(f"module 'ako' has no attribute {name!r}")
        text = found.told(f"ako.{name}", api)
        if found.value is None or found.has_gone(api):
            raise AttributeError(text)
        _warn(text)
        return found.value()

    return given


def _warn(text: str) -> None:
    """Warn where the name is asked for; an import asks twice, and once from within Python's own machinery."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith((__name__, "importlib")):
        frame = frame.f_back
    if frame is None:  # an interpreter without frames
        warnings.warn(text, PluginDeprecation, stacklevel=3)
        return
    asks = frame.f_globals.get("__name__", "?")
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    warnings.warn_explicit(
        f"{text} (asked for by {asks})", PluginDeprecation, frame.f_code.co_filename, frame.f_lineno, asks, registry
    )


def of_import(fault: BaseException, table: Table = DEPRECATED, api: str = PLUGIN_API) -> str:
    """Say of an import from `ako` that failed what has become of the name, or what is likely; else empty."""
    if not isinstance(fault, ImportError) or fault.name != "ako":
        return ""
    asked = re.search(r"cannot import name '(\w+)'", str(fault))
    found = table.get(f"ako.{asked[1]}") if asked else None
    if asked and found:
        return found.told(f"ako.{asked[1]}", api)
    return f"it may be written for another plugin API than {api}"


def of_hooks(
    implemented: Mapping[str, tuple[str, ...]], table: Table = DEPRECATED, api: str = PLUGIN_API
) -> Iterator[str]:
    """Tell which of the hooks that a plugin has, with their arguments, go away or have gone."""
    for hook, arguments in implemented.items():
        names = (hook, *(f"{hook}({argument})" for argument in arguments))
        yield from (table[name].told(name, api) for name in names if name in table)


attribute = attribute_of(DEPRECATED)
"""The `__getattr__` of `ako`."""


def _parts(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor)
