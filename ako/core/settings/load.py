"""Settings from all places, validated together: called once at start, and again when one of them changes.

`sources` is imported where it is used: pydantic-settings brings asyncio and all its own sources along, and most who
import this package only hold settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from ako.core.settings.ako_section import Plugins
from ako.core.settings.faults import Fault, SettingsError, faults_of, shown
from ako.core.settings.foreign_keys import FEATURES, why_idle
from ako.core.settings.given import CONFIG_MAP, Given, Sources
from ako.core.settings.keys import KeyTable, key_table, root_of
from ako.core.settings.plugin_names import PluginNames
from ako.core.settings.stray_variables import stray_variables
from ako.core.settings.tree import Settings
from ako.core.settings.values import Endpoint

if TYPE_CHECKING:
    from ako.core.settings.sources import Reader

DEFAULT = "default"
_PAIRS = (
    ("NetworkSettings.subnetIP", "NetworkSettings.subnetPrefix"),
    ("NetworkSettings.subnetPrefix", "NetworkSettings.subnetIP"),
    ("nodePortSelector.value", "nodePortSelector.key"),
)
"""Settings of which the first has no effect without the second."""

BOTH_OR_NONE = (("AKOSettings.namespaceSelector.labelKey", "AKOSettings.namespaceSelector.labelValue"),)
"""Settings of which one alone would have to be passed over, so that more would be served than is asked for."""

_NEEDED = (
    ("ControllerSettings.controllerHost",),
    ("avicredentials.username",),
    ("avicredentials.password", "avicredentials.authtoken"),
)
"""What who talks to the Avi Controller needs, and what may stand in its place."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Valid settings, and how they came about.

    Attributes:
        settings: the tree.
        origins: helm key → where the value was given, or `default`; every key is there.
        warnings: lines for the log.
        notes: lines for the log at DEBUG: what has no meaning here and asks for nothing.
        keys: every key there is, those of plugins included.
        missing: what a command that talks to the Avi Controller cannot do without.
    """

    settings: Settings
    origins: Mapping[str, str]
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = field(repr=False, compare=False)
    keys: KeyTable = field(repr=False, compare=False)
    missing: tuple[Fault, ...] = field(repr=False, compare=False)


def load_settings(
    sources: Sources,
    plugin_sections: Mapping[str, type[BaseModel]] = _NOTHING,
    plugin_names: PluginNames | None = None,
) -> LoadedSettings:
    """Load and validate the settings.

    Args:
        sources: where they are given.
        plugin_sections: name of a plugin → model of `ako.<name>`.
        plugin_names: those that may be given; None: any.

    Raises:
        SettingsError: some of what was given cannot be used; it reports everything that is wrong.
    """
    from ako.core.settings.sources import Reader  # noqa: PLC0415 - see above

    table = key_table(plugin_sections)
    reader = Reader(sources, table)
    sources.secrecy.keep(*_secrets(reader, table))
    faults = [fault for source in reader.sources for fault in source.faults]
    read: dict[str, Any] = {}
    try:
        read = reader.read()
    except ValidationError as error:
        faults += faults_of(error, table, reader.given, reader.place_of)
    faults += (*_refused(reader.features), *_halves(reader.given))
    if plugin_names is not None:
        faults += plugin_names.faults(reader.given)
    # Of what cannot be read nobody knows whether it is in there.
    is_whole = all(source.is_whole for source in reader.sources)
    missing = tuple(_missing(reader.given, table, sources)) if is_whole else ()
    if faults:
        raise SettingsError(faults, missing)
    sections = tuple((plugin, read[root_of(plugin)]) for plugin in plugin_sections)
    settings: Settings = read[root_of("")].model_copy(update={"plugin_sections": sections})
    origins = {helm: reader.given[helm].origin if helm in reader.given else DEFAULT for helm in table.by_helm}
    ignored = dict(_asked_for(reader.features, is_refused=False))
    warnings = (
        *_exposed(sources.flags, table),
        *stray_variables(sources.environ, table),
        *_ignored(ignored),
        *_half_given(reader.given),
        *_without_effect(settings, reader.given),
    )
    notes = (f"{helm} ({place}) has no meaning here: {why_idle(helm)}" for helm, place in reader.idle.items())
    told = (note for helm, note in zip(reader.idle, notes, strict=True) if helm not in ignored)
    return LoadedSettings(settings, MappingProxyType(origins), warnings, tuple(told), table, missing)


def _secrets(reader: Reader, table: KeyTable) -> Iterator[str]:
    """Give what was given for secret keys, whether it counts, can be used, or neither.

    A password that is a word of the names of settings, such as `password`, is not looked for: nobody could read what to
    set any more, and it would show all the better what it is.
    """
    names = " ".join(table.by_helm).lower()
    for source in reader.sources:
        secrets = (given.value for helm, given in source.given.items() if table.by_helm[helm].is_secret)
        yield from (text for secret in secrets for text in _texts(secret) if text.lower() not in names)


def _texts(value: object) -> Iterator[str]:
    """Give what is told in a value, which may be a list or a mapping."""
    if isinstance(value, (list, tuple, Mapping)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)
    else:
        yield str(value)


def enabled_plugins(sources: Sources) -> tuple[str, ...]:
    """Give the names of the plugins to load, whose sections `load_settings` then needs to know.

    Anything wrong in the sources is passed over here: `load_settings` reports it.
    """
    from ako.core.settings.sources import Reader  # noqa: PLC0415 - see above

    given = Reader(sources, key_table({})).given
    try:
        wanted = given["ako.plugins.enabled"].value
        return Plugins.model_validate({"enabled": wanted}).enabled
    except (KeyError, ValidationError):
        return Plugins().enabled


def require_controller(loaded: LoadedSettings) -> Endpoint:
    """Give where the Avi Controller is, for commands that cannot do without.

    Raises:
        SettingsError: the host, the user name, or both password and token are missing.
    """
    endpoint = loaded.settings.controller_settings.controller_host
    if endpoint is None or loaded.missing:
        raise SettingsError(loaded.missing)
    return endpoint


def _missing(given: Mapping[str, Given], table: KeyTable, sources: Sources) -> Iterator[Fault]:
    """Tell what a command that talks to the Avi Controller cannot do without."""
    for needed in _NEEDED:
        if not any(helm in given for helm in needed):
            key = table.by_helm[needed[0]]
            place = _place(sources, in_secret=key.in_secret)
            reason = f"is missing: set it, or {key.config_map} in the {place}, or the variable {key.variable}"
            yield Fault(key.helm, "", reason)


def _place(sources: Sources, *, in_secret: bool) -> str:
    """Name what may be in the cluster, and say of what is not there that it is not: it is looked for by this name."""
    kind, name, data = (
        ("Secret", sources.secret_name, sources.secret) if in_secret else ("ConfigMap", CONFIG_MAP, sources.config_map)
    )
    return f"{kind} {name}" if data is not None else f"{kind} {name} (which is not there)"


def _ignored(features: Mapping[str, Given]) -> Iterator[str]:
    if features:
        told = (f"{helm} ({given.origin}): {FEATURES[helm].reason}" for helm, given in features.items())
        yield f"these settings have no effect: {'; '.join(told)}"


def _asked_for(features: Mapping[str, Given], *, is_refused: bool) -> Iterator[tuple[str, Given]]:
    """Give the settings about what is not there that are not at their default."""
    for helm, given in features.items():
        feature = FEATURES[helm]
        if feature.is_refused == is_refused and not feature.asks_for_nothing(given.value):
            yield helm, given


def _refused(features: Mapping[str, Given]) -> Iterator[Fault]:
    for helm, given in sorted(_asked_for(features, is_refused=True)):
        reason = f"is not supported, and would not be heeded ({FEATURES[helm].reason}): remove it"
        yield Fault(helm, given.origin, reason, shown(given.value), FEATURES[helm].default or "empty")


def _halves(given: Mapping[str, Given]) -> Iterator[Fault]:
    for pair in BOTH_OR_NONE:
        for helm, other in (pair, pair[::-1]):
            if helm in given and other not in given:
                value, origin = given[helm]
                yield Fault(helm, origin, f"says nothing without {other}: give both, or none of them", shown(value))


def _exposed(flags: Mapping[str, object], table: KeyTable) -> Iterator[str]:
    """Warn of secrets on the command line."""
    for helm in flags:
        key = table.by_helm.get(helm)
        if key is not None and key.is_secret:
            yield (
                f"{helm} (flag --set): whoever may list the processes of this machine can read it; give it in a file "
                f"(--config), in the variable {key.layer_variable}, or in the Secret"
            )


def _half_given(given: Mapping[str, Given]) -> Iterator[str]:
    for helm, needed in _PAIRS:
        if helm in given and needed not in given:
            yield f"{helm} ({given[helm].origin}) has no effect without {needed}"


def _without_effect(settings: Settings, given: Mapping[str, Given]) -> Iterator[str]:
    """Warn of values that are understood and change nothing."""
    listed, networks = "NetworkSettings.vipNetworkList", settings.network_settings.vip_network_list
    if len(networks) > 1:
        yield f"{listed} ({given[listed].origin}): entries after the first have no effect: a tree has one address"
    if networks and networks[0].cidr and networks[0].v6cidr:
        yield f"{listed}.0.v6cidr ({given[listed].origin}) has no effect beside cidr: a tree has one address"
