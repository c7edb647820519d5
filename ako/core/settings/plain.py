"""Settings as plain JSON values in the users' spelling, secrets masked: for who shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
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
    return plain_of(key, _value(settings, key))


def plain_of(key: Key, value: Any) -> Any:
    """Turn a value of one setting into what JSON and YAML can say: a secret of any type, if it is set, into `***`."""
    told = plain(value)
    return MASK if key.is_secret and told else told


def _value(settings: Settings, key: Key) -> Any:
    found: Any = dict(settings.plugin_sections)[key.owner] if key.owner else settings
    for name in key.path[1:]:
        found = getattr(found, name)
    return found


def plain(value: Any) -> Any:
    """Turn a value of the tree into what JSON and YAML can say."""
    match value:
        case SecretStr():
            return MASK if value.get_secret_value() else ""
        case Endpoint() | NamespacedName():
            return str(value)
        case Enum():
            return plain(value.value)
        case DriftPolicy():
            return dict(value.by_kind) or value.default
        case BaseModel():
            return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        case tuple() | list() | frozenset() | dict():
            return _plain_all(value)
        case None | bool() | int() | float() | str():
            return value
    return str(value)


def _plain_all(values: Collection[Any]) -> Any:
    if isinstance(values, Mapping):
        return {str(plain(name)): plain(item) for name, item in values.items()}
    found = [plain(item) for item in values]
    # The order of a set is another in each process.
    return sorted(found, key=str) if isinstance(values, frozenset) else found


def changed(loaded: LoadedSettings) -> tuple[str, ...]:
    """Give the helm keys of what is not as it is by default, wherever it was given."""
    table, settings = loaded.keys.by_helm, loaded.settings
    return tuple(helm for helm, key in table.items() if plain(_value(settings, key)) != plain(key.default))
