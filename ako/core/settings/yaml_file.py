"""A YAML file as a flat list of settings with line numbers.

Its messages never quote the file: it holds passwords.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml


class YamlFileError(ValueError):
    """The file cannot be read at all."""


class Leaf(NamedTuple):
    """A key of the file with its value.

    Attributes:
        key: dotted.
        value: what YAML makes of it.
        line: counted from 1.
        is_repeated: the same key was there before, which YAML forbids.
    """

    key: str
    value: object
    line: int
    is_repeated: bool


def read_yaml(path: Path, sections: frozenset[str]) -> list[Leaf]:
    """Read a file; mappings that are sections are opened, all else is a leaf.

    Raises:
        YamlFileError: there is no such file, or it is not YAML with a mapping at the top.
    """
    try:
        loader = yaml.SafeLoader(path.read_bytes())
    except OSError as error:
        raise YamlFileError(f"cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise YamlFileError(f"is not YAML: {_place(error)}") from None
    try:
        root = loader.get_single_node()
        if root is None or (isinstance(root, yaml.ScalarNode) and root.tag.endswith(":null")):
            return []
        if not isinstance(root, yaml.MappingNode):
            raise YamlFileError("must have keys at the top, as values.yaml of the chart")
        return list(_leaves(loader, root, "", sections))
    except yaml.YAMLError as error:
        raise YamlFileError(f"is not YAML: {_place(error)}") from None
    finally:
        loader.dispose()


def _leaves(loader: yaml.SafeLoader, node: yaml.MappingNode, prefix: str, sections: frozenset[str]) -> Iterator[Leaf]:
    loader.flatten_mapping(node)  # `<<: *anchor`
    seen: set[str] = set()
    for name_node, value_node in node.value:
        key = f"{prefix}{loader.construct_object(name_node, deep=True)}"
        line = name_node.start_mark.line + 1
        is_repeated = key in seen
        seen.add(key)
        if key in sections and isinstance(value_node, yaml.MappingNode) and not is_repeated:
            yield from _leaves(loader, value_node, f"{key}.", sections)
        else:
            yield Leaf(key, loader.construct_object(value_node, deep=True), line, is_repeated)


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it has bytes that no text has"
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark else str(problem)
