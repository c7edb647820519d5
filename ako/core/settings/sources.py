"""The places that settings come from, as sources of pydantic-settings, and the model that it reads from them.

A source reads its place by the names that its users write there, and gives a tree by the names of our fields, which
pydantic-settings lays on the trees of lower sources. (Its own `EnvSettingsSource` knows one name for a setting and
passes over unknown ones.) A source knows nothing of the others, nor whether a value is good; it finds unknown keys,
because only it knows how its users spell them.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from ako.core.base.secrecy import MASK
from ako.core.base.wording import meant, nearest
from ako.core.settings.chart_keys import CHART_KEYS, wrong_with
from ako.core.settings.config_files import Layers, below, documents_of, merged, names, origins
from ako.core.settings.config_texts import ConfigTexts
from ako.core.settings.faults import Fault, shown
from ako.core.settings.foreign_keys import (
    FEATURES,
    FEATURES_IN_CONFIG_MAP,
    IDLE_IN_CONFIG_MAP,
    OLD_DEFAULTS,
    OLD_SECTIONS,
    OLDER_SPELLINGS,
    why_idle,
)
from ako.core.settings.given import CONFIG_MAP, Given, Sources
from ako.core.settings.keys import Key, KeyTable, layer_variable
from ako.core.settings.near_keys import near_key
from ako.core.settings.patterns import BLANKS, NOTHING, matches


class Source(PydanticBaseSettingsSource):
    """What one place gives.

    Attributes:
        given: helm key → value and where it was given.
        faults: keys that nobody knows, and the like.
        idle: helm key → place, of keys that have no meaning here, whatever their value.
        features: helm key → value and place of settings about what is not there (`foreign_keys.FEATURES`).
        is_whole: whether all of the place could be read.
    """

    def __init__(self, settings_cls: type[BaseSettings], table: KeyTable) -> None:
        super().__init__(settings_cls)
        self.table = table
        self.given: dict[str, Given] = {}
        self.faults: list[Fault] = []
        self.idle: dict[str, str] = {}
        self.features: dict[str, Given] = {}
        self.is_whole = True

    def __call__(self) -> dict[str, Any]:
        """Give all values as a tree."""
        tree: dict[str, Any] = {}
        for helm, (value, _) in self.given.items():
            path = self.table.by_helm[helm].path
            if isinstance(value, dict) and self._is_above(path):
                continue  # a mapping is one value: pydantic-settings would mix it with that of the higher source
            branch = tree
            for name in path[:-1]:
                branch = branch.setdefault(name, {})
            branch[path[-1]] = value
        return tree

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the library's
        """Give one part of the tree."""
        return self().get(field_name), field_name, False

    def take(self, helm: str, value: object, origin: str) -> None:
        """Take a value by its helm key, known, unused or unknown."""
        newer = OLDER_SPELLINGS.get(helm, helm)
        key = self.table.by_helm.get(newer)
        if key is not None:
            if newer == helm or newer not in self.given:
                self.give(key, value, origin if newer == helm else f"{origin}, as {helm}")
        elif helm in FEATURES:
            self.ask(helm, value, origin)
        elif helm.partition(".")[0] in CHART_KEYS:
            if why_idle(helm):
                self.idle[helm] = origin
        else:
            suggestion = near_key(helm, self.table)
            named = helm if suggestion else _without_secret(helm, self.table)
            self.faults.append(_unknown(named, origin, suggestion, "key"))

    def take_named(self, data: Mapping[str, str], place: str, keys: Iterable[Key]) -> None:
        """Take the data of a Kubernetes object, whose names are those of AKO, or helm keys."""
        names = {name: key for key in keys for name in (key.helm, key.config_map)}
        for name, value in data.items():
            if name in names:
                self.give(names[name], value, f"{place}, key {name}")
            elif name in FEATURES_IN_CONFIG_MAP:
                self.ask(FEATURES_IN_CONFIG_MAP[name], value, f"{place}, key {name}")
            elif name in IDLE_IN_CONFIG_MAP:
                self.idle[IDLE_IN_CONFIG_MAP[name]] = f"{place}, key {name}"
            else:
                self.faults.append(_unknown(name, place, nearest(name, names), "key"))

    def ask(self, helm: str, value: object, origin: str) -> None:
        """Take a setting about what is not there; an empty value is none here too."""
        if not FEATURES[helm].is_refused:
            self.idle[helm] = origin
        if not _is_blank(value):
            self.features[helm] = Given(value, origin)

    def give(self, key: Key, value: object, origin: str) -> None:
        """Give a value; an empty one is none, as in AKO's chart, which writes every key."""
        default, _ = OLD_DEFAULTS.get(key.helm, ("", ""))
        if default and isinstance(value, str) and value.strip(BLANKS) == default:
            self.idle[key.helm] = origin
        elif not _is_blank(value) or (key.may_be_blank and value is not None):
            self.given[key.helm] = Given(value, origin)

    def place_of(self, helm: str, within: tuple[int | str, ...]) -> str:  # noqa: ARG002 - files know lines
        """Say where a part of a value was given."""
        return self.given[helm].origin

    def _is_above(self, path: tuple[str, ...]) -> bool:
        """Say whether a higher source has given a setting."""
        found: Any = self.current_state
        for name in path:
            if not isinstance(found, Mapping) or name not in found:
                return False
            found = found[name]
        return True


class Flags(Source):
    """`--set KEY=VALUE`, whose keys are helm keys."""

    def __init__(self, settings_cls: type[BaseSettings], table: KeyTable, flags: Mapping[str, object]) -> None:
        super().__init__(settings_cls, table)
        for name, value in flags.items():
            self.take(name, value, "flag --set")


class Variables(Source):
    """Variables `AKO_<SECTION>__<NAME>`; `_` within a part of the name says nothing.

    `…_FILE` names a file that holds the value instead, for those that are secret.
    """

    def __init__(self, settings_cls: type[BaseSettings], table: KeyTable, environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls, table)
        keys = {_folded(key.layer_variable): key for key in table.by_helm.values() if key.layer_variable}
        features = {_folded(layer_variable(helm)): helm for helm in FEATURES}
        for name, value in sorted(environ.items()):
            if not name.startswith("AKO_") or "__" not in name.removeprefix("AKO_"):
                continue
            key = keys.get(_folded(name))
            filed = keys.get(_folded(name.removesuffix("_FILE")))
            if key is None and filed is not None and filed.is_secret:
                self._give_content(filed, name, value)
            elif key is None and (helm := features.get(_folded(name))):
                self.ask(helm, value, f"variable {name}")
            elif key is None:
                close = nearest(_folded(name), keys)
                self.faults.append(_unknown(name, "", keys[close].layer_variable if close else "", "variable"))
            else:
                self.give(key, _of_variable(key, value), f"variable {name}")

    def _give_content(self, key: Key, name: str, path: str) -> None:
        """Give what is in a file, without the line break that it often ends with."""
        try:
            content = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it holds no text"
            # What is no path may be the secret itself, given by the wrong variable.
            file = f"the file {path}" if path.startswith(("/", "./", "../")) else "the file that it names"
            self.faults.append(Fault(name, "", f"{file} cannot be read: {reason}; name one that can be"))
        else:
            self.give(key, content, f"file {path}, which variable {name} names")


def _of_variable(key: Key, value: str) -> str:
    """Give what a variable holds; one that is filled from a Secret ends with the line break that is in there."""
    return value.rstrip("\r\n") if key.is_secret else value


class AkoVariables(Source):
    """The variables that AKO's own StatefulSet sets, such as `CLUSTER_NAME`."""

    def __init__(self, settings_cls: type[BaseSettings], table: KeyTable, environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls, table)
        for key in table.by_helm.values():
            if key.variable in environ:
                self.give(key, _of_variable(key, environ[key.variable]), f"variable {key.variable}")
        for helm, feature in FEATURES.items():
            if feature.variable in environ:
                self.ask(helm, environ[feature.variable], f"variable {feature.variable}")


class ConfigMap(Source):
    """The ConfigMap `avi-k8s-config`."""

    def __init__(self, settings_cls: type[BaseSettings], table: KeyTable, data: Mapping[str, str]) -> None:
        super().__init__(settings_cls, table)
        self.take_named(data, f"ConfigMap {CONFIG_MAP}", [key for key in table.by_helm.values() if not key.in_secret])


class Secret(Source):
    """The Secret with the credentials, whose values often end with the line break of the file they came from."""

    def __init__(self, settings_cls: type[BaseSettings], table: KeyTable, data: Mapping[str, str], name: str) -> None:
        super().__init__(settings_cls, table)
        stripped = {name: text.rstrip("\r\n") for name, text in data.items()}
        self.take_named(stripped, f"Secret {name}", [key for key in table.by_helm.values() if key.in_secret])


class ConfigFiles(Source):
    """Files in the layout of the chart's `values.yaml`, laid on each other."""

    def __init__(self, settings_cls: type[BaseSettings], table: KeyTable, texts: ConfigTexts) -> None:
        super().__init__(settings_cls, table)
        layers, self.faults, self.is_whole = documents_of(texts)
        found = self._found = dict[str, Layers]()
        if layers:
            self._read_section(layers, "", found)
        for older, newer in OLDER_SPELLINGS.items():
            if _is_later(found.get(older), found.get(newer)):
                del found[newer]
        for helm, written in found.items():
            self.take(helm, merged(written), origins(written))

    def place_of(self, helm: str, within: tuple[int | str, ...]) -> str:
        """Say where a part of a value is written, if one file has all of it."""
        layers = self._found.get(helm, ())
        if not within or len(layers) != 1:
            return super().place_of(helm, within)
        return layers[0]._replace(at=(*layers[0].at, *within)).origin

    def _read_section(self, section: Layers, above: str, found: dict[str, Layers]) -> None:
        for name in names(section):
            layers = below(section, name)
            helm, value = f"{above}{name}", layers[-1].value
            if not above and helm in CHART_KEYS:
                self.faults += _faults_in_chart_key(helm, layers)
            if helm not in self.table.sections and not _is_opened(helm, value):
                found[helm] = layers
            elif isinstance(value, Mapping):
                self._read_section(layers, f"{helm}.", found)
            elif value is not None:
                self.faults.append(Fault(helm, layers[-1].origin, "is a section: it takes keys below it, not a value"))


def _is_opened(helm: str, value: object) -> bool:
    """Say whether a mapping is no setting but holds keys: of the chart alone, or of an old chart."""
    root = helm.partition(".")[0]
    return (root in CHART_KEYS or root in OLD_SECTIONS) and isinstance(value, Mapping) and bool(value)


def _faults_in_chart_key(helm: str, layers: Layers) -> Iterator[Fault]:
    for at, value, reason in wrong_with(CHART_KEYS[helm].schema, merged(layers), helm):
        place = layers
        for name in at.split(".")[1:]:
            if not isinstance(place[-1].value, Mapping) or not below(place, name):
                break
            place = below(place, name)
        yield Fault(at, origins(place), reason, None if "unknown key" in reason else shown(value))


def _is_later(older: Layers | None, newer: Layers | None) -> bool:
    """Say whether an older spelling of a key has a value in a later file than the newer one."""
    if not older or not newer or older[-1].value in (None, ""):
        return False
    return older[-1].rank > newer[-1].rank


class AllSettings(BaseSettings):
    """Our settings and the sections of plugins; each of them is a field, which `Reader` adds."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        super().__init__(sources=sources)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Ask the sources that were handed over, and none that the library has by itself."""
        sources: tuple[PydanticBaseSettingsSource, ...] = init_settings()["sources"]
        return sources


class Reader:
    """All sources of one loading.

    Attributes:
        sources: the highest first.
        given: helm key → the value that counts, and where it was given; what has a default is not here.
        features: the same for settings about what is not there.
        idle: helm key → place, of keys that have no meaning here.
    """

    def __init__(self, places: Sources, table: KeyTable) -> None:
        fields: dict[str, Any] = {root: (model, {}) for root, model in table.roots.items()}
        self._model = create_model("AllSettings", __base__=AllSettings, **fields)
        self.sources = tuple(self._opened(places, table))
        self.given: Mapping[str, Given] = ChainMap(*(source.given for source in self.sources))
        self.features: Mapping[str, Given] = ChainMap(*(source.features for source in self.sources))
        self.idle = {helm: place for source in reversed(self.sources) for helm, place in source.idle.items()}

    def place_of(self, helm: str, within: tuple[int | str, ...]) -> str:
        """Say where a part of the value that counts was given."""
        return next(source for source in self.sources if helm in source.given).place_of(helm, within)

    def read(self) -> dict[str, Any]:
        """Let pydantic-settings merge and validate what the sources give; the result is by roots of the table.

        Raises:
            ValidationError: some values are refused.
        """
        return dict(self._model(self.sources))

    def _opened(self, places: Sources, table: KeyTable) -> Iterator[Source]:
        yield Flags(self._model, table, places.flags)
        yield Variables(self._model, table, places.environ)
        if places.secret is not None:
            yield Secret(self._model, table, places.secret, places.secret_name)
        if places.config_map is not None:
            yield ConfigMap(self._model, table, places.config_map)
        yield AkoVariables(self._model, table, places.environ)
        if places.config_files:
            yield ConfigFiles(self._model, table, places.config_files)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and matches(NOTHING, value))


def _unknown(name: str, origin: str, suggestion: str, what: str) -> Fault:
    """Report a name that nobody knows; its value is left out, since it may be a secret under a misspelt name."""
    hint = meant(suggestion) or "; `ako config schema` lists the keys"
    if name.partition(".")[0] in OLD_SECTIONS:
        instead = f"write {suggestion}" if suggestion else "leave it out"
        return Fault(
            name, origin, f"is of a chart of AKO before 1.2, whose settings were all in one section: {instead}"
        )
    if not suggestion and name.startswith("ako."):
        hint = ", and no plugin that is enabled (ako.plugins.enabled) has it"
    return Fault(name, origin, f"unknown {what}{hint}")


def _without_secret(helm: str, table: KeyTable) -> str:
    """Give a key that nobody knows without its last part, if that stands where a secret was to: it may be one."""
    section = helm.rpartition(".")[0]
    holds_secrets = any(key.is_secret for name, key in table.by_helm.items() if name.rpartition(".")[0] == section)
    return f"{section}.{MASK}" if section and holds_secrets else helm


def _folded(variable: str) -> str:
    return "__".join(part.replace("_", "") for part in variable.removeprefix("AKO_").upper().split("__"))
