"""`import ako` is all that a plugin needs: the list is true, sorted and complete."""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ako
import ako.testing
from ako.core import model
from ako.core.hooks.hookspecs import AkoHooks
from tests.contract.reference.reading import fields_of, members, own_words

SOURCE = ast.parse(Path(str(ako.__file__)).read_text(encoding="utf-8"))


def imported() -> set[str]:
    """Give every name that the module imports."""
    nodes = [node for node in SOURCE.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in nodes for alias in node.names} - {"TYPE_CHECKING"}


VALUES = {name: getattr(ako, name) for name in ako.__all__}
PUBLIC = {value for value in VALUES.values() if inspect.isclass(value)}
HOOKS = {name: hook for name, hook in vars(AkoHooks).items() if name.startswith("ako_")}


def functions() -> Iterator[tuple[str, Callable[..., object]]]:
    """Give everything that can be called: hooks, functions, and what classes have for authors."""
    yield from HOOKS.items()
    for name, value in VALUES.items():
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value):
            yield from ((f"{name}.{method}", function) for method, function in members(value))


def leaves(hint: object) -> Iterator[type]:
    """Give the classes that an annotation is made of."""
    if isinstance(hint, type):
        yield hint
    origin = typing.get_origin(hint)
    if isinstance(origin, type):
        yield origin
    parts = hint if isinstance(hint, list) else () if origin is typing.Literal else typing.get_args(hint)
    for part in parts:
        yield from leaves(part)


def met() -> Iterator[tuple[str, type]]:
    """Give every class of ours that an author meets in the annotations of what is exported, and where."""
    for where, annotated in (*VALUES.items(), *functions()):
        if not (inspect.isclass(annotated) or inspect.isfunction(annotated)) or annotated is ako.Settings:
            continue
        shown = {field.name for field in fields_of(annotated)} if inspect.isclass(annotated) else None
        for name, hint in typing.get_type_hints(annotated).items():
            if shown is None or name in shown:
                yield from ((f"{where}: {name}", leaf) for leaf in leaves(hint) if leaf.__module__.startswith("ako"))


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
    """But that what has gone is told by `__getattr__`, of which type checkers must not know."""
    others = [node for node in SOURCE.body if not isinstance(node, (ast.ImportFrom, ast.Assign, ast.Expr))]
    (hidden,) = map(ast.unparse, others)
    assert hidden == ("if not TYPE_CHECKING:\n    from ako.core.hooks.deprecation import attribute as __getattr__")


def test_everything_exported_says_what_it_is() -> None:
    """Constants and other names of types are described where they are defined, which the reference shows."""
    silent = [
        name
        for name, value in VALUES.items()
        if (inspect.isclass(value) or inspect.isfunction(value)) and not own_words(value)
    ]
    silent += [name for name, function in functions() if not inspect.getdoc(function)]
    assert silent == []


def test_no_type_that_an_author_meets_is_without_a_name() -> None:
    """One that cannot be imported could not be annotated, built or compared. The keys of settings have a page."""
    assert {f"{where} is a {kind.__name__}" for where, kind in met() if kind not in PUBLIC} == set()


def test_every_avi_object_that_is_modelled_can_be_built() -> None:
    """With all that is in it, as far as a field of one of ours says so."""
    assert {name for name in model.__all__ if inspect.isclass(getattr(model, name))} <= VALUES.keys()
