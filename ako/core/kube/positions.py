"""Where in a manifest that is written which a message is about: the line of a field, and not only of the object.

Messages are for people, and name fields, hosts, paths and objects in words. What they name is looked for in the object,
in its `spec` and its annotations: a field by its path, else the innermost part that holds most of what is named. It is
a help for who looks, and nothing depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import yaml

from ako.core.base.yaml_documents import YamlDocument
from ako.core.kube.manifests import Manifest, Slip, Written, written_in, yaml_objects

_FIELD = re.compile(r"(?<![\w.])(?:spec|metadata|data|stringData)(?:\.\w[\w-]*|\[\d*\])+")
_STEP = re.compile(r"\[(\d*)\]|\.?(\w[\w-]*)")

_LEAST_STEPS = 2
"""How far a path of a field has to be there: `spec` says nothing."""

_LEAST_LENGTH = 2
"""How long a text has to be to be looked for in a message: `/` stands everywhere."""

_TELLING_KEY = re.compile(r"[A-Z./]")
"""What a key has in it that is no word which messages use anyway, such as `host`."""

_FIRST_WORD = re.compile(r"[a-z]{6,}")


class Positions:
    """Finds lines in manifest files; a file is read again once, when it is first asked about.

    Args:
        given: texts in the place of files.
    """

    def __init__(self, given: Mapping[Path, bytes] = MappingProxyType({})) -> None:
        self._given = given
        self._files: dict[Path, Mapping[int, Written]] = {}

    def line_about(self, path: Path, manifest: Manifest, words: str) -> int:
        """Give the line of what a message is about in an object of a file; that of the object, if it is all of it."""
        found = self._in(path).get(manifest.number)
        document = found.document if found else None
        if found is None or document is None:
            return manifest.line
        return _by_field(document, found.steps, words) or _by_words(document, found.steps, words) or manifest.line

    def line_of(self, path: Path, manifest: Manifest, *steps: object) -> int:
        """Give the line of what keys and indexes lead to in an object of a file, or of the last that is there."""
        found = self._in(path).get(manifest.number)
        return found.document.line_of(*found.steps, *steps) if found and found.document else manifest.line

    def _in(self, path: Path) -> Mapping[int, Written]:
        if path not in self._files:
            written = enumerate(_with_lines(path, self._given.get(path)))
            self._files[path] = {number: found for number, found in written if isinstance(found, Written)}
        return self._files[path]


def _with_lines(path: Path, text: bytes | None) -> Iterator[Written | Slip]:
    """Give what is written in a file, with lines: JSON is YAML too."""
    if path.suffix.lower() != ".json":
        return written_in(path, text)
    try:
        return yaml_objects(path.read_bytes() if text is None else text)
    except OSError:
        return iter(())


def _by_field(document: YamlDocument, above: tuple[object, ...], words: str) -> int:
    """Give the line of the first field that is named by its path, as far as that is there; 0 if there is none."""
    for match in _FIELD.finditer(words):
        found: list[object] = [int(index) if index else name for index, name in _STEP.findall(match[0])]
        there = next((n for n in range(len(found), 0, -1) if document.node_at(*above, *found[:n])), 0)
        if there >= _LEAST_STEPS:
            return document.line_of(*above, *found[:there])
    return 0


def _by_words(document: YamlDocument, above: tuple[object, ...], words: str) -> int:
    """Give the line of the innermost part that holds most of what is named; 0 if nothing is."""
    parts = (document.node_at(*above, "spec"), document.node_at(*above, "metadata", "annotations"))
    counts = [(len(_named_in(part, words.lower())), -n, part) for n, part in enumerate(parts) if part is not None]
    count, _, part = max(counts, default=(0, 0, None), key=lambda entry: entry[:2])
    return _innermost(part, words.lower(), 0) if count and part is not None else 0


def _innermost(node: yaml.Node, words: str, line: int) -> int:
    """Go down to where most is named; of equal parts to the last, for what is behind a path stands after it."""
    best, most = None, 0
    for part, value, part_line in _parts(node):
        count = len(_named_in(value, words) | _named_key(part, words))
        if count and count >= most:
            best, most = (value, part_line), count
    return line if best is None else _innermost(best[0], words, best[1])


def _parts(node: yaml.Node) -> Iterator[tuple[str, yaml.Node, int]]:
    """Give the parts of a node: the key if it has one, the part, and the line that it begins at."""
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), value, key.start_mark.line + 1) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from (("", value, value.start_mark.line + 1) for value in node.value)


def _named_in(node: yaml.Node, words: str) -> set[str]:
    """Give the different texts in a node, and below it, that a message names."""
    if isinstance(node, yaml.ScalarNode):
        text = str(node.value).lower()
        return {text} if _names(words, text) else set()
    return {text for key, value, _ in _parts(node) for text in _named_in(value, words) | _named_key(key, words)}


def _named_key(key: str, words: str) -> set[str]:
    """Give what of a key a message names: all of it, or what it begins with, as `secretName` with a secret."""
    first = _FIRST_WORD.match(key)
    named = {key} if _TELLING_KEY.search(key) else set()
    named |= {first[0]} if first else set()
    return {text.lower() for text in named if _names(words, text.lower())}


def _names(words: str, text: str) -> bool:
    """Say whether a message names a text: as a word, and a path also right behind its host."""
    if len(text) < _LEAST_LENGTH or text not in words:
        return False
    before = "" if text.startswith("/") else r"(?<![\w.-])"
    return re.search(rf"{before}{re.escape(text)}(?![\w-]|\.\w)", words) is not None
