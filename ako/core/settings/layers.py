"""The places that settings come from, each read into the same form: helm key → value and origin.

A layer knows nothing of the others, nor whether a value is good; it finds unknown keys, because only it knows
how its users spell them. `load` puts the layers on top of each other.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ako.core.settings.errors import Fault
from ako.core.settings.foreign_keys import OLDER_SPELLINGS, UNUSED_IN_CONFIG_MAP, is_unused
from ako.core.settings.keys import Key, KeyTable
from ako.core.settings.yaml_file import Leaf, YamlFileError, read_yaml

CONFIG_MAP = "avi-k8s-config"
SECRET = "avi-secret"  # noqa: S105 - the name of the Secret


class Given(NamedTuple):
    """A value and where it was given."""

    value: object
    origin: str


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place gives.

    Attributes:
        values: helm key → value.
        faults: keys that nobody knows, and the like.
        unused: known keys that have no effect here, with their place.
    """

    values: dict[str, Given] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def give(self, key: Key, value: object, origin: str) -> None:
        """Take a value; an empty one is none, as in AKO's chart, which writes every key."""
        is_blank = value is None or (isinstance(value, str) and not value.strip())
        if not is_blank or (key.may_be_blank and value is not None):
            self.values[key.helm] = Given(value, origin)


def flags_layer(flags: Mapping[str, object], table: KeyTable) -> Layer:
    """Read `--set KEY=VALUE` flags, whose keys are helm keys."""
    layer = Layer()
    for name, value in flags.items():
        _take(layer, name, value, "flag --set", table)
    return layer


def variables_layer(environ: Mapping[str, str], table: KeyTable) -> Layer:
    """Read `AKO_<SECTION>__<NAME>` variables; `_` within a part of the name says nothing."""
    layer = Layer()
    keys = {_folded(key.layer_variable): key for key in table.by_helm.values() if key.layer_variable}
    for name, value in sorted(environ.items()):
        if not name.startswith("AKO_") or "__" not in name.removeprefix("AKO_"):
            continue
        key = keys.get(_folded(name))
        if key is None:
            close = _close(_folded(name), keys)
            layer.faults.append(_unknown(name, "", keys[close].layer_variable if close else "", "variable"))
        else:
            layer.give(key, value, f"variable {name}")
    return layer


def ako_variables_layer(environ: Mapping[str, str], table: KeyTable) -> Layer:
    """Read the variables that AKO's own StatefulSet sets, such as `CLUSTER_NAME`."""
    layer = Layer()
    for key in table.by_helm.values():
        if key.variable in environ:
            layer.give(key, environ[key.variable], f"variable {key.variable}")
    return layer


def config_map_layer(data: Mapping[str, str], table: KeyTable) -> Layer:
    """Read the ConfigMap `avi-k8s-config`."""
    return _named_layer(data, [key for key in table.by_helm.values() if not key.in_secret], f"ConfigMap {CONFIG_MAP}")


def secret_layer(data: Mapping[str, str], table: KeyTable) -> Layer:
    """Read the Secret `avi-secret`, whose values often end with the line break of the file they came from."""
    stripped = {name: text.rstrip("\r\n") for name, text in data.items()}
    return _named_layer(stripped, [key for key in table.by_helm.values() if key.in_secret], f"Secret {SECRET}")


def file_layer(path: Path, table: KeyTable) -> Layer:
    """Read a file in the layout of the chart's `values.yaml`."""
    layer = Layer()
    try:
        leaves = read_yaml(path, table.sections)
    except YamlFileError as fault:
        layer.faults.append(Fault(f"--config {path}", "", str(fault)))
        return layer
    for leaf in leaves:
        _take_leaf(layer, leaf, path, table)
    return layer


def _take_leaf(layer: Layer, leaf: Leaf, path: Path, table: KeyTable) -> None:
    origin = f"file {path}, line {leaf.line}"
    if leaf.is_repeated:
        layer.faults.append(Fault(leaf.key, origin, "is given twice in the file"))
    elif leaf.key in table.sections:
        if leaf.value is not None:
            layer.faults.append(Fault(leaf.key, origin, "is a section: it takes keys below it, not a value"))
    else:
        _take(layer, leaf.key, leaf.value, origin, table)


def _take(layer: Layer, helm: str, value: object, origin: str, table: KeyTable) -> None:
    """Take a value by its helm key."""
    newer = OLDER_SPELLINGS.get(helm, helm)
    key = table.by_helm.get(newer)
    if key is not None:
        if newer == helm or newer not in layer.values:
            layer.give(key, value, origin if newer == helm else f"{origin}, as {helm}")
    elif is_unused(helm) or is_unused(helm.partition(".")[0]):
        layer.unused.append(f"{helm} ({origin})")
    else:
        layer.faults.append(_unknown(helm, origin, _suggestion(helm, table), "key"))


def _named_layer(data: Mapping[str, str], keys: Iterable[Key], place: str) -> Layer:
    layer = Layer()
    names = {name: key for key in keys for name in (key.helm, key.config_map)}
    for name, value in data.items():
        key = names.get(name)
        if key is not None:
            layer.give(key, value, f"{place}, key {name}")
        elif name in UNUSED_IN_CONFIG_MAP:
            layer.unused.append(f"{name} ({place})")
        else:
            layer.faults.append(_unknown(name, place, _close(name, names), "key"))
    return layer


def _unknown(name: str, origin: str, suggestion: str, what: str) -> Fault:
    """Report a name that nobody knows; its value is left out, since it may be a secret under a misspelt name."""
    hint = f"; did you mean {suggestion}?" if suggestion else "; `ako config schema` lists the keys"
    if not suggestion and name.startswith("ako."):
        hint = ", and no plugin that is enabled (ako.plugins.enabled) has it"
    return Fault(name, origin, f"unknown {what}{hint}")


def _suggestion(helm: str, table: KeyTable) -> str:
    """Find what was meant: the same name in another section, or the closest spelling."""
    last = helm.rpartition(".")[2].lower()
    elsewhere = [known for known in table.by_helm if known.rpartition(".")[2].lower() == last]
    return elsewhere[0] if len(elsewhere) == 1 else _close(helm, [*table.by_helm, *table.sections])


def _close(name: str, known: Iterable[str]) -> str:
    lowered = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.75)
    return lowered[found[0]] if found else ""


def _folded(variable: str) -> str:
    return "__".join(part.replace("_", "") for part in variable.removeprefix("AKO_").upper().split("__"))
