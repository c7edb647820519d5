"""Settings: one frozen tree, loaded from all its layers and validated at once.

`load_settings` is the way in; `Section` and `setting` are what a plugin declares its own section with.
"""

from ako.core.settings.at_start import waiting_for_a_start
from ako.core.settings.drift import DriftPolicy
from ako.core.settings.errors import Fault, SettingsError
from ako.core.settings.load import LoadedSettings, Sources, enabled_plugins, load_settings, require_controller
from ako.core.settings.plugin_names import PluginNames
from ako.core.settings.section import Section, setting
from ako.core.settings.tree import Settings
from ako.core.settings.values import Endpoint

__all__ = [
    "DriftPolicy",
    "Endpoint",
    "Fault",
    "LoadedSettings",
    "PluginNames",
    "Section",
    "Settings",
    "SettingsError",
    "Sources",
    "enabled_plugins",
    "load_settings",
    "require_controller",
    "setting",
    "waiting_for_a_start",
]
