"""Settings from all layers, validated together: called once at start, and again when a layer changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ako.core.settings.ako_section import Plugins
from ako.core.settings.errors import Fault, SettingsError
from ako.core.settings.faults import faults_of
from ako.core.settings.keys import Key, KeyTable, key_table
from ako.core.settings.layers import (
    Given,
    Layer,
    ako_variables_layer,
    config_map_layer,
    file_layer,
    flags_layer,
    secret_layer,
    variables_layer,
)
from ako.core.settings.plugin_names import PluginNames
from ako.core.settings.tree import Settings
from ako.core.settings.values import Endpoint

DEFAULT = "default"
_PAIRS = (
    ("NetworkSettings.subnetIP", "NetworkSettings.subnetPrefix"),
    ("NetworkSettings.subnetPrefix", "NetworkSettings.subnetIP"),
    ("nodePortSelector.value", "nodePortSelector.key"),
)
"""Settings of which the first has no effect without the second."""

M = TypeVar("M", bound=BaseModel)

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sources:
    """Where settings are given.

    Attributes:
        config_file: file in the layout of the chart's `values.yaml`.
        environ: variables of the process.
        config_map: data of the ConfigMap `avi-k8s-config`; None if there is none.
        secret: data of the Secret `avi-secret`, base64 already decoded; None if there is none.
        flags: helm key → value, from the command line.
    """

    config_file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    config_map: Mapping[str, str] | None = None
    secret: Mapping[str, str] | None = field(default=None, repr=False)
    flags: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Valid settings, and how they came about.

    Attributes:
        settings: the tree.
        origins: helm key → where the value was given, or `default`; every key is there.
        warnings: lines for the log.
        keys: every key there is, those of plugins included.
    """

    settings: Settings
    origins: Mapping[str, str]
    warnings: tuple[str, ...]
    keys: KeyTable = field(repr=False, compare=False)


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
    table = key_table(plugin_sections)
    layers = _layers(sources, table)
    given = _merged(layers)
    faults = [fault for layer in reversed(layers) for fault in layer.faults]
    settings = _validated(table, given, faults)
    if plugin_names is not None:
        faults += plugin_names.faults(given)
    if settings is None or faults:
        raise SettingsError(faults)
    origins = {helm: given[helm].origin if helm in given else DEFAULT for helm in table.by_helm}
    warnings = (*_unused(layers), *_half_given(given), *_without_effect(settings, given))
    return LoadedSettings(settings, MappingProxyType(origins), warnings, table)


def enabled_plugins(sources: Sources) -> tuple[str, ...]:
    """Give the names of the plugins to load, whose sections `load_settings` then needs to know.

    Anything wrong in the sources is passed over here: `load_settings` reports it.
    """
    table = key_table({})
    given = _merged(_layers(sources, table))
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
    settings = loaded.settings
    credentials, endpoint = settings.credentials, settings.controller_settings.controller_host
    missing = []
    if not credentials.username:
        missing.append("avicredentials.username")
    if not credentials.password.get_secret_value() and not credentials.authtoken.get_secret_value():
        missing.append("avicredentials.password")
    if endpoint is None:
        missing.insert(0, "ControllerSettings.controllerHost")
    if endpoint is None or missing:
        raise SettingsError([_missing(loaded.keys.by_helm[helm]) for helm in missing])
    return endpoint


def _missing(key: Key) -> Fault:
    place = "Secret" if key.in_secret else "ConfigMap"
    return Fault(
        key.helm, "", f"is missing: set it, or {key.config_map} in the {place}, or the variable {key.variable}"
    )


def _layers(sources: Sources, table: KeyTable) -> list[Layer]:
    """Read every source, lowest precedence first."""
    layers = [] if sources.config_file is None else [file_layer(sources.config_file, table)]
    layers.append(ako_variables_layer(sources.environ, table))
    if sources.config_map is not None:
        layers.append(config_map_layer(sources.config_map, table))
    if sources.secret is not None:
        layers.append(secret_layer(sources.secret, table))
    return [*layers, variables_layer(sources.environ, table), flags_layer(sources.flags, table)]


def _merged(layers: list[Layer]) -> dict[str, Given]:
    return {helm: given for layer in layers for helm, given in layer.values.items()}


def _validated(table: KeyTable, given: Mapping[str, Given], faults: list[Fault]) -> Settings | None:
    """Validate ours and each plugin's section; what is wrong goes to `faults`."""
    sections: list[tuple[str, BaseModel]] = []
    for plugin, model in table.plugin_models.items():
        section = _one(model, plugin, table, given, faults)
        if section is not None:
            sections.append((plugin, section))
    settings = _one(Settings, "", table, given, faults)
    return settings and settings.model_copy(update={"plugin_sections": tuple(sections)})


def _one(model: type[M], owner: str, table: KeyTable, given: Mapping[str, Given], faults: list[Fault]) -> M | None:
    values: dict[str, Any] = {}
    for helm, (value, _) in given.items():
        key = table.by_helm[helm]
        if key.owner == owner:
            _put(values, key.path, value)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults += faults_of(error, owner, table, given)
        return None


def _put(tree: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _unused(layers: list[Layer]) -> tuple[str, ...]:
    unused = [name for layer in reversed(layers) for name in layer.unused]
    return (f"these settings are not used here and have no effect: {', '.join(unused)}",) if unused else ()


def _half_given(given: Mapping[str, Given]) -> Iterator[str]:
    for helm, needed in _PAIRS:
        if helm in given and needed not in given:
            yield f"{helm} ({given[helm].origin}) has no effect without {needed}"


def _without_effect(settings: Settings, given: Mapping[str, Given]) -> Iterator[str]:
    """Warn of values that are understood and change nothing."""
    election = "ako.leaderElection.enabled"
    if settings.ako.leader_election.enabled:
        yield f"{election} ({given[election].origin}) has no effect: there is one replica"
    listed, networks = "NetworkSettings.vipNetworkList", settings.network_settings.vip_network_list
    if len(networks) > 1:
        yield f"{listed} ({given[listed].origin}): entries after the first have no effect: a tree has one address"
    if networks and networks[0].cidr and networks[0].v6cidr:
        yield f"{listed}.0.v6cidr ({given[listed].origin}) has no effect beside cidr: a tree has one address"
