"""`import ako` is all that a plugin needs: the list is true, sorted and complete."""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import ako
import ako.testing
from ako.core.hooks.hookspecs import AkoHooks

SOURCE = ast.parse(Path(str(ako.__file__)).read_text(encoding="utf-8"))


def imported() -> set[str]:
    """Give every name that the module imports."""
    nodes = [node for node in SOURCE.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in nodes for alias in node.names}


def reached() -> Iterator[type]:
    """Give every class that a hook takes or gives, and what those are made of."""
    seen: set[type] = set()
    hooks = [hook for name, hook in vars(AkoHooks).items() if name.startswith("ako_")]
    pending: list[object] = [hint for hook in hooks for hint in typing.get_type_hints(hook).values()]
    while pending:
        hint = pending.pop()
        pending += typing.get_args(hint)
        if not isinstance(hint, type) or hint in seen or not hint.__module__.startswith("ako.core"):
            continue
        seen.add(hint)
        yield hint
        if issubclass(hint, msgspec.Struct):
            pending += typing.get_type_hints(hint).values()


def test_every_name_in_the_list_is_there() -> None:
    assert [name for name in ako.__all__ if not hasattr(ako, name)] == []


def test_everything_imported_is_in_the_list_and_nothing_else_is() -> None:
    assert set(ako.__all__) == imported()
    assert len(set(ako.__all__)) == len(ako.__all__)


def test_the_list_is_sorted() -> None:
    """Constants, then classes, then functions, each by name."""
    kinds = [0 if name.isupper() else 1 if name[0].isupper() else 2 for name in ako.__all__]
    assert list(ako.__all__) == [name for _, name in sorted(zip(kinds, ako.__all__, strict=True))]


def test_what_authors_test_with_is_there_and_says_what_it_is() -> None:
    there = {name: getattr(ako.testing, name) for name in ako.testing.__all__}
    assert list(there) == sorted(there, key=lambda name: (name.islower(), name))
    assert [name for name, value in there.items() if callable(value) and not inspect.getdoc(value)] == []
    with pytest.raises(AttributeError, match="nothing"):
        _ = ako.testing.nothing


def test_the_module_does_nothing_but_import() -> None:
    others = [node for node in SOURCE.body if not isinstance(node, (ast.ImportFrom, ast.Assign, ast.Expr))]
    assert others == []


def test_everything_exported_says_what_it_is() -> None:
    """Constants are described where they are defined."""
    values = {name: getattr(ako, name) for name in ako.__all__}
    silent = [
        name
        for name, value in values.items()
        if (inspect.isclass(value) or inspect.isfunction(value)) and not inspect.getdoc(value)
    ]
    assert silent == []


def test_whatever_hooks_take_or_give_can_be_named() -> None:
    """A type that an author meets but cannot import could not be annotated, built or compared."""
    public = {value for name in ako.__all__ if inspect.isclass(value := getattr(ako, name))}
    assert sorted(cls.__name__ for cls in reached() if cls not in public) == []
