"""YAML with the line of every key, and the keys that are given twice: settings and manifests are read with it.

It is read as Kubernetes reads it: time stamps are texts, for JSON has none. No message quotes the text, which may hold
passwords.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import yaml

_TAG = "tag:yaml.org,2002:"
_TIGHT_COLON = "found unexpected ':'"
"""What libyaml says of `{key:}`. YAML allows it, and PyYAML's own parser takes it, which is ten times slower."""


class YamlError(ValueError):
    """The text is not YAML; line and column count from 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(f"{problem} (line {line}, column {column})")
        self.problem = problem
        self.line = line
        self.column = column


class RepeatedKey(NamedTuple):
    """A key that was there before in its mapping, which YAML forbids; `path` leads to it from the top."""

    path: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document of a text.

    Attributes:
        value: what YAML makes of it.
        repeated: keys given twice; who reads a document refuses it for them, in the words of its users.
        root: the node that `value` was made of.
    """

    value: Any
    repeated: tuple[RepeatedKey, ...]
    root: yaml.Node

    def line_of(self, *path: object) -> int:
        """Give the line of what a path of keys and indexes leads to, or of the last part of it that is there."""
        node, line = self.root, self.root.start_mark.line
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node, line = found
        return int(line) + 1

    def node_at(self, *path: object) -> yaml.Node | None:
        """Give the node that a path of keys and indexes leads to, None if that is not there."""
        node: yaml.Node | None = self.root
        for step in path:
            found = _child(node, step) if node is not None else None
            node = found[0] if found else None
        return node


def yaml_documents(text: bytes) -> Iterator[YamlDocument]:
    """Read the documents of a text one by one.

    Raises:
        YamlError: it is not YAML, or something in it holds itself.
    """
    try:
        yield from _read(text)
    except yaml.YAMLError as error:
        raise _told(error, text) from None
    except RecursionError:
        raise YamlError("it is nested too deeply", 1, 1) from None


def _read(text: bytes) -> Iterator[YamlDocument]:
    read = 0
    try:
        for document in _documents(text, _FAST):
            yield document
            read += 1
    except yaml.YAMLError as refusal:
        if getattr(refusal, "problem", "") != _TIGHT_COLON:
            raise
        try:
            yield from islice(_documents(text, _COMPLETE), read, None)
        except yaml.YAMLError:
            raise refusal from None  # whose words quote nothing


def _documents(text: bytes, loader_class: Any) -> Iterator[YamlDocument]:
    loader = loader_class(text)
    try:
        while loader.check_node():
            root = loader.get_node()
            repeated: list[RepeatedKey] = []
            _find_repeated(root, (), repeated, set())  # now: merge keys (`<<`) are not yet mixed with the rest
            loader.deep_construct = True  # so that an alias of what it stands in is refused
            yield YamlDocument(loader.construct_document(root), tuple(repeated), root)
    finally:
        loader.dispose()


def _child(node: yaml.Node, step: object) -> tuple[yaml.Node, int] | None:
    """Give the node that a key or an index leads to, and its line (of a key: the line of the key), counted from 0."""
    if isinstance(node, yaml.MappingNode):
        for name, value in reversed(node.value):  # a key counts before the same one of a merged mapping
            if name.value == str(step):
                return value, name.start_mark.line
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line
    return None


def _find_repeated(node: yaml.Node, path: tuple[str, ...], found: list[RepeatedKey], seen: set[int]) -> None:
    """Look through a node and all below it, through what has an alias only once."""
    if isinstance(node, yaml.ScalarNode) or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, element in enumerate(node.value):
            _find_repeated(element, (*path, str(index)), found, seen)
        return
    names = set()
    for name, value in node.value:
        here = (*path, str(name.value))
        if isinstance(name, yaml.ScalarNode):
            if name.value in names:
                found.append(RepeatedKey(here, name.start_mark.line + 1))
            names.add(name.value)
        _find_repeated(value, here, found, seen)


def _told(error: yaml.YAMLError, text: bytes) -> YamlError:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        problem = ", ".join(part for part in (error.problem, error.context) if part)
        return YamlError(problem, error.problem_mark.line + 1, error.problem_mark.column + 1)
    before = text[: getattr(error, "position", None) or 0]
    problem = f"it has bytes that no text has, {getattr(error, 'reason', 'unreadable')}"
    return YamlError(problem, before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))


def _checked(construct: Callable[[Any, Any], Any], kind: str) -> Callable[[Any, Any], Any]:
    """Let a value that is not of its kind, such as `!!int x` or `0x_`, be a fault of the text."""

    def construct_checked(loader: Any, node: Any) -> Any:
        try:
            return construct(loader, node)
        except (LookupError, ValueError):
            raise yaml.constructor.ConstructorError(None, None, f"is no {kind}", node.start_mark) from None

    return construct_checked


def _refuse_tag(_: Any, node: yaml.Node) -> Any:
    raise yaml.constructor.ConstructorError(None, None, "has a tag that is not known here", node.start_mark)


def _adapted(base: Any) -> Any:
    """Change a safe loader of PyYAML to what we make of YAML."""
    loader: Any = type("_Loader", (base,), {})
    loader.add_constructor(None, _refuse_tag)  # PyYAML would quote it, and it may be a password without quotes
    loader.add_constructor(f"{_TAG}timestamp", base.construct_yaml_str)
    for kind in ("bool", "float", "int"):
        loader.add_constructor(f"{_TAG}{kind}", _checked(base.yaml_constructors[f"{_TAG}{kind}"], kind))
    return loader


_COMPLETE = _adapted(yaml.SafeLoader)
_FAST = _adapted(yaml.CSafeLoader) if yaml.__with_libyaml__ else _COMPLETE
