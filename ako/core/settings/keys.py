"""The keys of all settings as users spell them, derived from the models: the one place where names are translated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from ako.core.base.errors import PluginError
from ako.core.settings.tree import Settings

_PLUGIN_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Key:
    """One setting, by all its names.

    Attributes:
        helm: dotted key in helm spelling, such as `L7Settings.shardVSSize`.
        owner: name of the plugin whose section it is in; empty for ours.
        path: its field, from the root of `Settings`, or of the plugin's section; first the name of that root.
        config_map: its key in the ConfigMap, or in the Secret if `in_secret`.
        variable: AKO's own variable for it; empty if there is none.
        allowed: the values it takes, in words; empty if any text does.
        model: the section that declares it.
    """

    helm: str
    owner: str
    path: tuple[str, ...]
    config_map: str
    variable: str
    allowed: str
    description: str
    default: object
    in_secret: bool
    is_secret: bool
    may_be_blank: bool
    model: type[BaseModel]

    @property
    def layer_variable(self) -> str:
        """Give the variable `AKO_<SECTION>__<NAME>`; empty for a key outside all sections."""
        return layer_variable(self.helm) if "." in self.helm else ""


@dataclass(frozen=True, slots=True)
class KeyTable:
    """All keys there are in one run: ours and those of the plugins that were found.

    Attributes:
        by_helm: helm key → key.
        sections: the helm keys that have keys below them.
        helm_by_path: path → helm key, of settings and of sections.
        roots: name of a root → its model: a section of a plugin, and last `Settings`.
    """

    by_helm: Mapping[str, Key]
    sections: frozenset[str]
    helm_by_path: Mapping[tuple[int | str, ...], str]
    roots: Mapping[str, type[BaseModel]]


def key_table(plugin_sections: Mapping[str, type[BaseModel]]) -> KeyTable:
    """Derive the keys of our settings and of the sections of plugins.

    Raises:
        PluginError: a plugin's name is taken or malformed, or its section is not frozen (a fault of the plugin).
    """
    keys = list(_keys_of(Settings, "", "", (root_of(""),)))
    sections: dict[tuple[int | str, ...], str] = {}
    for plugin, model in plugin_sections.items():
        _refuse_unfit(plugin, model, keys)
        keys += _keys_of(model, plugin, f"ako.{plugin}", (root_of(plugin),))
        sections[(root_of(plugin),)] = f"ako.{plugin}"
    sections.update(above for key in keys for above in _sections_above(key))
    return KeyTable(
        by_helm={key.helm: key for key in keys},
        sections=frozenset(sections.values()),
        helm_by_path={**sections, **{key.path: key.helm for key in keys}},
        roots={root_of(plugin): model for plugin, model in plugin_sections.items()} | {root_of(""): Settings},
    )


def layer_variable(helm: str) -> str:
    """Give the variable `AKO_<SECTION>__<NAME>` of a helm key."""
    return f"AKO_{helm.replace('.', '__').upper()}"


def root_of(owner: str) -> str:
    """Give the name of the root of a plugin's section, or of ours; it is no attribute that a model has anyway."""
    return f"ako_{owner}" if owner else "settings"


def helm_name(name: str, field: FieldInfo) -> str:
    """Give the name of a field in helm spelling."""
    return str(_names(field).get("helm") or to_camel(name))


def section_model(field: FieldInfo) -> type[BaseModel] | None:
    """Give the model of a field that is a group of settings, None for a single setting."""
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _keys_of(model: type[BaseModel], owner: str, prefix: str, path: tuple[str, ...]) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        if model is Settings and name == "plugin_sections":
            continue
        helm = f"{prefix}.{helm_name(name, field)}" if prefix else helm_name(name, field)
        group = section_model(field)
        if group is not None:
            yield from _keys_of(group, owner, helm, (*path, name))
        else:
            yield _key(helm, owner, (*path, name), field, model)


def _key(helm: str, owner: str, path: tuple[str, ...], field: FieldInfo, model: type[BaseModel]) -> Key:
    names = _names(field)
    return Key(
        helm=helm,
        owner=owner,
        path=path,
        config_map=str(names.get("config_map") or (helm if owner else helm.rpartition(".")[2])),
        variable=str(names.get("variable", "")),
        allowed=str(names.get("allowed") or ("true, false" if field.annotation is bool else "")),
        description=field.description or "",
        default=field.get_default(call_default_factory=True, validated_data={}),
        in_secret=bool(names.get("in_secret")),
        is_secret=bool(names.get("secret")) or "SecretStr" in str(field.annotation),
        may_be_blank=bool(names.get("may_be_blank")),
        model=model,
    )


def _names(field: FieldInfo) -> Mapping[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _sections_above(key: Key) -> Iterator[tuple[tuple[str, ...], str]]:
    path, helm = key.path, key.helm
    while "." in helm:
        path, helm = path[:-1], helm.rpartition(".")[0]
        yield path, helm


def _refuse_unfit(plugin: str, model: type[BaseModel], keys: list[Key]) -> None:
    if not _PLUGIN_NAME.fullmatch(plugin):
        raise PluginError(f"plugin {plugin!r}: its name must be lower-case letters, digits and `_`")
    if any(key.helm == f"ako.{plugin}" or key.helm.startswith(f"ako.{plugin}.") for key in keys):
        raise PluginError(f"plugin {plugin!r}: ako.{plugin} is a section of the program, choose another name")
    if not model.model_config.get("frozen"):
        raise PluginError(f"plugin {plugin!r}: {model.__name__} must be frozen: derive it from Section")
