"""What the program says of itself: docstrings and their parts, fields, members, constants."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

INTERNAL = "(for the core)"
"""What the docstring of a member says that is public only because another part of the core uses it."""

_SECTION = re.compile(r"^(Args|Attributes|Raises|Example):$", re.MULTILINE)
_ENTRY = re.compile(r"^    (\*{0,2}\w+(?:, \w+)*): +(.*)$")


class Docstring(Struct, frozen=True):
    """A docstring in parts: the text, and what its sections say by name."""

    text: str
    arguments: Mapping[str, str] = {}
    attributes: Mapping[str, str] = {}
    raises: Mapping[str, str] = {}
    example: str = ""


class Field(Struct, frozen=True):
    """A field as its class has it written: its type, its default (empty for none), and the words below it."""

    name: str
    hint: str
    default: str
    words: str = ""

    @property
    def is_of_class(self) -> bool:
        """Say whether it is no field of the instances."""
        return self.hint.startswith("ClassVar")


def own_words(value: object) -> str:
    """Give the docstring that something has itself: that of a base class says nothing about it."""
    text = vars(value).get("__doc__") if isinstance(value, type) else value.__doc__
    return inspect.cleandoc(text or "")


def docstring(text: str) -> Docstring:
    """Take a docstring apart."""
    first, *rest = _SECTION.split(inspect.cleandoc(text))
    found = dict(zip(rest[::2], rest[1::2], strict=True))
    return Docstring(
        text=first.strip(),
        arguments=_entries(found.get("Args", "")),
        attributes=_entries(found.get("Attributes", "")),
        raises=_entries(found.get("Raises", "")),
        example=inspect.cleandoc(found.get("Example", "")),
    )


def _entries(section: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if found := _ENTRY.match(line):
            name = found[1]
            entries[name] = found[2]
        elif name and line.strip():
            entries[name] += f" {line.strip()}"
    return entries


def fields_of(cls: type) -> list[Field]:
    """Give the fields of a class and of its bases, as they are written; those of the bases first."""
    fields: dict[str, Field] = {}
    words: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if _is_ours(base):
            words |= docstring(own_words(base)).attributes
            fields |= {field.name: field for field in _written(base)}
    found = (replace(field, words=field.words or words.get(field.name, "")) for field in fields.values())
    return [field for field in found if not field.name.startswith("_") and INTERNAL not in field.words]


def _written(cls: type) -> Iterator[Field]:
    body = _class(cls).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            default, described = _default(node.value)
            words = " ".join((_text(after) or described).split())
            yield Field(node.target.id, ast.unparse(node.annotation), default, words)


def _default(value: ast.expr | None) -> tuple[str, str]:
    """Give the default that a field is given, and what a setting says of itself beside it."""
    called = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    if not isinstance(value, ast.Call) or called not in {"field", "setting"}:
        return ast.unparse(value) if value else "", ""
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in value.keywords}
    if called == "field":
        return given.get("default", ""), ""
    first, *rest = [ast.literal_eval(one) if isinstance(one, ast.Constant) else ast.unparse(one) for one in value.args]
    return "" if str(first)[:1].isupper() else repr(first), str(rest[0]) if rest else ""


def members(cls: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Give the methods and properties of a class that are for authors, those of its bases too."""
    seen: set[str] = set()
    for base in cls.__mro__:
        for name, value in vars(base).items() if _is_ours(base) else ():
            function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            if name.startswith("_") or name in seen or not inspect.isfunction(function):
                continue
            seen.add(name)
            if INTERNAL not in (inspect.getdoc(function) or ""):
                yield name, function


def origin(name: str, module: str) -> tuple[str, int, str]:
    """Give where something is defined, on which line, and the words below it there, if it is an assignment."""
    body = _statements(module)
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom) and node.module and name in {alias.name for alias in node.names}:
            return origin(name, node.module)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return module, node.lineno, _text(after) or ""
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return module, node.lineno, ""
    raise LookupError(f"{module} has no {name}")


def assigned(name: str, module: str) -> str:
    """Give what a name is assigned to, as it is written."""
    for node in _statements(module):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == name and isinstance(node, ast.Assign | ast.AnnAssign):
            return ast.unparse(node.value) if node.value else ""
    return ""


def _text(node: ast.stmt | None) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return None


def _class(cls: type) -> ast.ClassDef:
    found = (
        node for node in _statements(cls.__module__) if isinstance(node, ast.ClassDef) and node.name == cls.__name__
    )
    return next(found)


@functools.cache
def _statements(module: str) -> tuple[ast.stmt, ...]:
    """Give what stands in a module, that of an `else` included: what is there when it runs."""
    tree = ast.parse(Path(str(importlib.import_module(module).__file__)).read_text(encoding="utf-8"))
    return tuple(one for node in tree.body for one in ([node] if not isinstance(node, ast.If) else node.orelse))


def _is_ours(cls: type) -> bool:
    return cls.__module__.partition(".")[0] == "ako"
