"""Finds plugins by name among what is installed, and loads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points

from msgspec import Struct

from ako.core.base.errors import PluginError

GROUP = "ako.plugins"


class Plugin(Struct, frozen=True):
    """A loaded plugin: the name it is enabled by, its object, and the distribution it came in."""

    name: str
    implementation: object
    distribution: str = ""


def available_plugins() -> Mapping[str, EntryPoint]:
    """Find every plugin that is installed, by name."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def load_plugins(names: Sequence[str], available: Mapping[str, EntryPoint] | None = None) -> tuple[Plugin, ...]:
    """Load plugins by name, in this order.

    Raises:
        PluginError: a name is not installed, or its module does not import.
    """
    points = available_plugins() if available is None else available
    if unknown := [name for name in names if name not in points]:
        raise PluginError(
            f"ako.plugins.enabled: unknown plugin {', '.join(unknown)}; installed are {', '.join(points) or 'none'}. "
            "Install its distribution or correct the name."
        )
    loaded = []
    for name in names:
        point = points[name]
        try:
            implementation = point.load()
        except Exception as fault:
            raise PluginError(
                f"plugin {name} ({point.value}) does not load: {type(fault).__name__}: {fault}"
            ) from fault
        distribution = f"{point.dist.name} {point.dist.version}" if point.dist else ""
        loaded.append(Plugin(name, implementation, distribution))
    return tuple(loaded)
