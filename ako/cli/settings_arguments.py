"""The arguments that every command with settings has: `--config FILE` and `--set KEY=VALUE`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ako.core.base.secrecy import Secrecy
from ako.core.base.wording import meant
from ako.core.hooks.loading import load_plugins, offers
from ako.core.hooks.plugin_host import PluginHost
from ako.core.settings import LoadedSettings, PluginNames, Sources, enabled_plugins, load_settings, read_config_files
from ako.core.settings.keys import key_table
from ako.core.settings.near_keys import near_key

_EXAMPLE = "KEY=VALUE, such as L7Settings.shardVSSize=SMALL"


def add_settings_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--config` and `--set` to a command, and what keeps those that are secret out of all that it says."""
    parser.set_defaults(secrecy=Secrecy())
    group = parser.add_argument_group("settings")
    group.add_argument(
        "--config",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="settings in the layout of the chart's values.yaml; repeatable: later files are laid on earlier ones",
    )
    group.add_argument(
        "--set",
        dest="settings_flags",
        type=_flag,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="one setting, such as L7Settings.shardVSSize=SMALL; goes before all other places; repeatable",
    )


def sources_from(args: argparse.Namespace, environ: Mapping[str, str]) -> Sources:
    """Give the places of settings that a command line names; ConfigMap and Secret are added by who reads them."""
    files, flags = read_config_files(args.config), dict(args.settings_flags)
    return Sources(config_files=files, environ=environ, flags=flags, secrecy=args.secrecy)


def load_with_plugins(sources: Sources) -> tuple[LoadedSettings, PluginHost]:
    """Load the plugins that the settings enable, then the settings, the sections of these plugins included.

    Raises:
        PluginError: a plugin cannot be loaded.
        SettingsError: the settings cannot be used; a plugin that is not installed is one of the faults.
    """
    installed = offers()
    host = PluginHost(load_plugins([name for name in enabled_plugins(sources) if name in installed], installed))
    return load_for(sources, host), host


def load_for(sources: Sources, host: PluginHost) -> LoadedSettings:
    """Load the settings of a program whose plugins are decided.

    Raises:
        SettingsError: the settings cannot be used.
    """
    names = PluginNames(installed=tuple(offers()), reading=host.reading, switched=host.switched)
    loaded = load_settings(sources, host.settings_models(), names)
    return replace(loaded, warnings=(*loaded.warnings, *host.remarks))


def _flag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(_without_value(text))
    return key, value


def _without_value(text: str) -> str:
    """Say what is missing; the text itself may be a secret, so that of keys only those are named that there are."""
    table = key_table({})
    if text in table.by_helm:
        return f"{text} has no value: write {text}=VALUE"
    near = near_key(text, table)
    return f"must be KEY=VALUE{meant(f'{near}=VALUE')}" if near else f"must be {_EXAMPLE}"
