"""Settings as plain JSON values in the users' spelling, secrets masked: for who shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from ako.core.base.refs import NamespacedName
from ako.core.base.secrecy import MASK
from ako.core.settings.keys import Key
from ako.core.settings.load import LoadedSettings
from ako.core.settings.tree import Settings
from ako.core.settings.values import DriftPolicy, Endpoint


def shown(loaded: LoadedSettings) -> Mapping[str, Mapping[str, Any]]:
    """Give every setting by its helm key: its `value`, and the `origin` of that."""
    return {
        helm: {"value": plain_value(loaded.settings, loaded.keys.by_helm[helm]), "origin": origin}
        for helm, origin in loaded.origins.items()
    }


def plain_value(settings: Settings, key: Key) -> Any:
    """Give the value of one setting as users would write it; a secret that is set as `***`."""
    found: Any = dict(settings.plugin_sections)[key.owner] if key.owner else settings
    for name in key.path[1:]:
        found = getattr(found, name)
    return plain(found)


def plain(value: Any) -> Any:
    """Turn a value of the tree into what JSON and YAML can say."""
    match value:
        case SecretStr():
            return MASK if value.get_secret_value() else ""
        case Endpoint() | NamespacedName():
            return str(value)
        case DriftPolicy():
            return dict(value.by_kind) or value.default
        case BaseModel():
            return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        case tuple() | list() | frozenset():
            return [plain(item) for item in value]
        case None | bool() | int() | float() | str() | dict():
            return value
    return str(value)


def changed(loaded: LoadedSettings) -> tuple[str, ...]:
    """Give the helm keys of what is not as it is by default, wherever it was given."""
    values = shown(loaded)
    return tuple(helm for helm, key in loaded.keys.by_helm.items() if values[helm]["value"] != plain(key.default))
