"""Finds plugins by name among what is installed, and loads them.

A name means one plugin. Two distributions may offer the same: which of them would run is not left to chance, and no
distribution but ours offers a plugin under the name of one of ours.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, distributions

from msgspec import Struct

from ako.core.base.errors import PluginError, ToldToEnd
from ako.core.base.own_modules import changed_since, picture
from ako.core.base.process_state import process_state, put_back
from ako.core.base.version import DISTRIBUTION, version
from ako.core.base.wording import some_of
from ako.core.hooks.deprecation import PluginDeprecation, of_import
from ako.core.settings.enabled import IN_TREE_PLUGINS

GROUP = "ako.plugins"
_OWN_MODULES = "ako.plugins."

Offers = Mapping[str, Sequence[EntryPoint]]
"""Name of a plugin → what is installed under it: one each, or there is a fault."""


class Plugin(Struct, frozen=True):
    """A loaded plugin: the name it is enabled by, its object, and the distribution it came in.

    `remarks` is what there is to tell of its import: uses of what goes away, and what it changed for everybody.
    """

    name: str
    implementation: object
    distribution: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Say whether it is one of ako's own."""
        of = self.implementation
        return str(getattr(of, "__name__", "") or type(of).__module__).startswith(_OWN_MODULES)

    @property
    def title(self) -> str:
        """Give what it is called where there is something wrong with it."""
        return f"plugin {self.name} ({self.distribution})" if self.distribution else f"plugin {self.name}"


def offers() -> Offers:
    """Find every plugin that is installed, by name; that of ako first.

    A distribution whose metadata lies in two places, as that of a checkout does, offers its plugins once.
    """
    found: dict[str, dict[tuple[str, str], EntryPoint]] = {}
    for distribution in distributions():
        for point in _points(distribution):
            found.setdefault(point.name, {}).setdefault((_identity(point), point.value), point)
    return {name: sorted(found[name].values(), key=_place) for name in sorted(found)}


def _place(point: EntryPoint) -> tuple[bool, str, str]:
    return not is_own(point), _identity(point), point.value


def _points(distribution: Distribution) -> Sequence[EntryPoint]:
    try:
        if GROUP not in (distribution.read_text("entry_points.txt") or ""):
            return ()  # most: parsing them all takes longer than all else here
        return tuple(distribution.entry_points.select(group=GROUP))
    except Exception:  # noqa: BLE001 - what another's installer has left there is no reason not to start
        return ()


def metadata_of(point: EntryPoint, field: str) -> str:
    """Give a field of the metadata of a plugin's distribution, empty if it is not there or cannot be read."""
    return _metadata(point.dist).get(field, "") if point.dist is not None else ""


@lru_cache(maxsize=64)
def _metadata(distribution: Distribution) -> Mapping[str, str]:
    """Give what is asked of the metadata of a distribution; to read it takes longer than all else here."""
    try:
        told = distribution.metadata
        return {field: str(told[field]) for field in ("Name", "Version", "Summary") if field in told}
    except Exception:  # noqa: BLE001 - whatever there is in another's metadata
        return {}


def _identity(point: EntryPoint) -> str:
    """Give the name of a distribution as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", metadata_of(point, "Name")).lower()


def is_own(point: EntryPoint) -> bool:
    """Say whether a plugin is one of ako's own."""
    return _identity(point) == DISTRIBUTION and point.value.startswith(_OWN_MODULES)


def distribution_of(point: EntryPoint) -> str:
    """Give the distribution of a plugin with its version, empty if it has none."""
    return f"{metadata_of(point, 'Name')} {metadata_of(point, 'Version')}".strip()


def origin_of(point: EntryPoint) -> str:
    """Give the distribution of a plugin, what it names, and where it lies."""
    where = f", in {point.dist.locate_file('')}" if point.dist else ""
    return f"{distribution_of(point) or 'a distribution without a name'} ({point.value}{where})"


def name_fault(name: str, points: Sequence[EntryPoint]) -> str:
    """Say why a name does not mean one plugin, and what to do; empty if it does."""
    strangers = [point for point in points if not is_own(point)]
    if name in IN_TREE_PLUGINS and strangers:
        offered = " and ".join(map(origin_of, strangers))
        return (
            f"plugin name {name} belongs to {DISTRIBUTION} {version()}, and {offered} offers it too: nothing stands "
            f"in for a plugin of ako. {_uninstall(strangers)}, or have its author choose another name."
        )
    if len(points) < 2:
        return ""
    offered = " and ".join(map(origin_of, points))
    if len({_identity(point) for point in points}) == 1:
        return (
            f"plugin name {name} stands for two things in one distribution: {offered}. Remove what an older version of "
            f"it left behind, or leave {name} out of ako.plugins.enabled until its author has named one otherwise."
        )
    return (
        f"plugin name {name} is offered by {offered}: which of them would run is not left to chance. "
        f"{_uninstall(points)}, so that one is left, or leave {name} out of ako.plugins.enabled."
    )


def _uninstall(points: Sequence[EntryPoint]) -> str:
    names = filter(None, (metadata_of(point, "Name") for point in points))
    commands = " or ".join(dict.fromkeys(f"`pip uninstall {name}`" for name in names))
    return f"Uninstall it ({commands})" if commands else "Remove it"


def load_plugins(names: Sequence[str], found: Offers | None = None) -> tuple[Plugin, ...]:
    """Load plugins by name, in this order.

    Raises:
        PluginError: a name is not installed, it is offered twice, or its module does not import; or a distribution
            offers a name of ours, enabled or not.
    """
    installed = offers() if found is None else found
    if unknown := [name for name in names if name not in installed]:
        raise PluginError(f"ako.plugins.enabled: {unknown_fault(unknown, installed)}")
    judged = dict.fromkeys((*names, *(name for name in IN_TREE_PLUGINS if name in installed)))
    if faults := [fault for name in judged if (fault := name_fault(name, installed[name]))]:
        raise PluginError("\n".join(faults))
    loaded, faults = [], []
    for name in names:
        try:
            loaded.append(load(installed[name][0]))
        except PluginError as fault:
            faults.append(str(fault))
    if faults:
        raise PluginError("\n".join(faults))
    return tuple(loaded)


def unknown_fault(unknown: Sequence[str], installed: Offers) -> str:
    """Say that there is no plugin of some name, and which there are."""
    near = get_close_matches(unknown[0], installed, n=1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    return (
        f"unknown plugin {', '.join(unknown)}{meant}; installed are "
        f"{', '.join(installed) or 'none'}. Install its distribution or correct the name."
    )


def load(point: EntryPoint) -> Plugin:
    """Import one plugin.

    Raises:
        PluginError: that fails, or changes what is ours.
    """
    distribution = distribution_of(point)
    origin = ", ".join(filter(None, (distribution, point.value)))
    before, state = {} if is_own(point) else picture(), process_state()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", PluginDeprecation)
            implementation = point.load()
    except (KeyboardInterrupt, ToldToEnd):
        raise
    except BaseException as fault:  # SystemExit and the like are no way to end ako either
        cause = f"{type(fault).__name__}: {fault}{_hint(fault)}"
        raise PluginError(f"plugin {point.name} ({origin}) does not load: {cause}") from fault
    finally:
        changed_state = put_back(state)
    if changed := changed_since(before):
        raise PluginError(
            f"plugin {point.name} ({origin}) replaces what is not its own when it is imported: {some_of(changed)}. All "
            "others would run with it: its author has to do without, or leave it out of ako.plugins.enabled."
        )
    told = [warning for warning in caught if issubclass(warning.category, PluginDeprecation)]
    for other in caught:
        if other not in told:
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
    remarks = dict.fromkeys(str(one.message) for one in told)
    if changed_state:
        remarks[f"when it was imported {changed_state}; that was put back"] = None
    return Plugin(point.name, implementation, distribution, tuple(remarks))


def _hint(fault: BaseException) -> str:
    """Say what is likely where a plugin imports what `ako` does not have."""
    hint = of_import(fault)
    return f"; {hint}; this is ako {version()}" if hint else ""
