"""The reference table of `docs/configuration.md`, made from the settings."""

from __future__ import annotations

import json

from ako.core.settings.foreign_keys import FEATURES, UNUSED, UNUSED_IN_CONFIG_MAP
from ako.core.settings.keys import Key, key_table
from ako.core.settings.plain import plain


def rows() -> list[str]:
    """Give the rows of the table, a setting each."""
    return [_row(key) for key in key_table({}).by_helm.values()]


def unused_keys() -> set[str]:
    """Give what the page must list as accepted but not used."""
    return {*UNUSED, *UNUSED_IN_CONFIG_MAP, *(key for key, feature in FEATURES.items() if not feature.is_refused)}


def refused_rows() -> list[str]:
    """Give the rows of the table of what is refused, a setting each."""
    return [f"| `{key}` | {feature.default or 'empty'} |" for key, feature in FEATURES.items() if feature.is_refused]


def _row(key: Key) -> str:
    place = f"Secret: `{key.config_map}`" if key.in_secret else f"`{key.config_map}`"
    variables = ", ".join(f"`{name}`" for name in (key.layer_variable, key.variable) if name) or "–"
    kind = key.allowed.replace("|", "\\|") or ("text, secret" if key.is_secret else "text")
    default = plain(key.default)
    shown = "–" if default in ("", None, []) else f"`{default if isinstance(default, str) else json.dumps(default)}`"
    return f"| `{key.helm}` | {place} | {variables} | {kind} | {shown} | {key.description} |"
