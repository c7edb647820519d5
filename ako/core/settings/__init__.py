"""One frozen tree of settings, from all its sources.

The way of a value, in order of the files:

1. `given`: the places (`Sources`): flags, variables, Secret, ConfigMap, files (`config_texts`).
2. `sources`: each place is a source of pydantic-settings, the highest first. It translates the names of its users by
   `keys`, notes where each value is written, and finds unknown keys; `foreign_keys` has those of AKO that are not used,
   `chart_keys` those that only a chart reads.
   pydantic-settings lays the sources on each other and validates the whole. Files are one source: `config_files`
   lays them on each other before, as helm does.
3. `tree`, `sections`, `ako_section`: the models it validates with, made of `section` and `value_types`: how each type
   is read (`values`) and what the JSON schema says of it, both by the same expressions (`patterns`).
4. `faults`: what pydantic refused, in the words and with the places of users; `plugin_names`: names of no plugin.
5. `load`: calls all that, and gives the tree, the origins and the warnings (`LoadedSettings`), or every fault.
6. `plain` and `schema`: the tree and its keys for `ako config`. The schema judges a values file as the loader does.

To add a key, declare a field with all its names in `sections` (AKO's) or `ako_section` (ours); a new sort of value
gets its type in `value_types`. To accept a key of AKO without effect, or at its default only, name it in
`foreign_keys`, and in `tests/core/settings/ako_chart.py`, of which the page about AKO's keys is made; to say more of
what is refused, declare the field with a type that refuses, such as `NamespaceFilter`. A key of the chart alone goes
into `chart_keys`. To add a place, give it a field in `given.Sources` and a `Source` in `sources`, and its rank in
`Reader`. A plugin declares its own section with `Section` and `setting`.
"""

from ako.core.settings.config_texts import ConfigText, ConfigTexts, read_config_files
from ako.core.settings.faults import Fault, SettingsError
from ako.core.settings.given import Sources
from ako.core.settings.load import LoadedSettings, enabled_plugins, load_settings, require_controller
from ako.core.settings.plugin_names import PluginNames
from ako.core.settings.section import Section, setting
from ako.core.settings.tree import Settings, waiting_for_a_start
from ako.core.settings.values import DriftAction, DriftPolicy, Endpoint

__all__ = [
    "ConfigText",
    "ConfigTexts",
    "DriftAction",
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
    "read_config_files",
    "require_controller",
    "setting",
    "waiting_for_a_start",
]
