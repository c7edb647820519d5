"""What the files of `--config` say together.

They are laid on each other as helm does with `-f a -f b`: mappings are merged at every depth; anything else in a later
file, `null` too, takes the place of what earlier files say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ako.core.base.yaml_documents import YamlDocument, YamlError, yaml_documents
from ako.core.settings.config_texts import ConfigText, ConfigTexts
from ako.core.settings.faults import Fault

_ORIGIN = re.compile(r"\bfile (.+?), line (\d+)")
_MOST_CUTS = 20
"""How many sections at the end of a text are left out, one by one, to find some before them that can be read."""


class Layer(NamedTuple):
    """What one file says at some place.

    Attributes:
        rank: the place of the file in the order of the command line.
        at: the keys that lead there.
    """

    rank: int
    path: Path
    document: YamlDocument
    at: tuple[Any, ...]
    value: Any

    @property
    def origin(self) -> str:
        """Say where it is written."""
        return origin(self.path, self.document.line_of(*self.at))


Layers = Sequence[Layer]
"""What the files say at one place, the earliest first: one value that is no mapping, or mappings to be merged."""


def origin(path: Path, line: int) -> str:
    """Say where in a file something is written."""
    return f"file {path}, line {line}"


def located(text: str) -> tuple[Path, int] | None:
    """Give file and line of an origin, the first if it names several; None if it is in no file."""
    found = _ORIGIN.search(text)
    return (Path(found[1]), int(found[2])) if found else None


def names(layers: Layers) -> Iterator[Any]:
    """Give the keys of mappings, each once."""
    return iter(dict.fromkeys(name for layer in layers for name in layer.value))


def below(layers: Layers, name: object) -> Layers:
    """Give what counts of what mappings say of a key: the last value and, if it is a mapping, those it is laid on."""
    found = [layer._replace(at=(*layer.at, name), value=layer.value[name]) for layer in layers if name in layer.value]
    counting = found[-1:]
    for layer in reversed(found[:-1]):
        if not isinstance(layer.value, Mapping) or not isinstance(counting[0].value, Mapping):
            break
        counting.insert(0, layer)
    return counting


def merged(layers: Layers) -> Any:
    """Give the one value that layers make."""
    if len(layers) == 1:
        return layers[0].value
    return {name: merged(below(layers, name)) for name in names(layers)}


def origins(layers: Layers) -> str:
    """Say where a value is written: a mapping may be of several files, the last one is told first."""
    return " over ".join(layer.origin for layer in reversed(layers) if layer.value != {} or len(layers) == 1)


class Parsed(NamedTuple):
    """What the files hold.

    Attributes:
        layers: one for each file, of what of it can be read.
        faults: what is wrong with the files themselves.
        is_whole: whether all of all files could be read.
    """

    layers: Layers
    faults: list[Fault]
    is_whole: bool


def documents_of(texts: ConfigTexts) -> Parsed:
    """Parse the files; what cannot be taken is a fault, and is not among the layers."""
    layers: list[Layer] = []
    faults: list[Fault] = []
    is_whole = True
    seen: set[str] = set()
    for rank, given in enumerate(texts):
        place = os.path.abspath(given.path)  # noqa: PTH100 - `Path` has nothing that takes `..` out without looking
        if place in seen:
            faults.append(_fault(given.path, "is given twice: leave one of them out"))
            continue
        seen.add(place)
        document, reason = _parsed(given)
        if reason:
            is_whole = False
            faults.append(_fault(given.path, reason))
        if document is not None:
            layers.append(Layer(rank, given.path, document, (), document.value))
            repeated = ((".".join(path), origin(given.path, line)) for path, line in document.repeated)
            faults += [Fault(key, place, "is given twice in the file") for key, place in repeated]
    return Parsed(layers, faults, is_whole)


def _fault(path: Path, reason: str) -> Fault:
    return Fault(f"--config {path}", "", reason)


def _parsed(given: ConfigText) -> tuple[YamlDocument | None, str]:
    """Give what can be read of a file, and what is wrong with the file as a whole; what else is wrong is told too."""
    if given.text is None:
        return None, given.failure
    try:
        documents = list(yaml_documents(given.text))
    except YamlError as error:
        return _before(given.text, error.line), f"is not YAML: {error}"
    if not documents or documents[0].value is None:
        return None, "is empty: write {} if it is to set nothing, or leave it out"
    if not isinstance(documents[0].value, Mapping):
        line = documents[0].line_of()
        return None, f"must have keys at the top (line {line}), as values.yaml of the chart"
    if len(documents) > 1:
        return documents[0], f"has a second document (line {documents[1].line_of()}): put all settings into the first"
    return documents[0], ""


def _before(text: bytes, line: int) -> YamlDocument | None:
    """Give the sections before the one that ends a text being YAML; None if none can be read."""
    lines = text.splitlines(keepends=True)
    for _ in range(_MOST_CUTS):
        tops = (number for number, start in enumerate(lines[:line]) if start[:1].strip(b" \t\r\n#-"))
        lines = lines[: max(tops, default=0)]
        try:
            document = next(yaml_documents(b"".join(lines)), None)
        except YamlError as error:
            line = error.line
        else:
            return document if document is not None and isinstance(document.value, Mapping) else None
    return None
