"""The reference for authors of plugins is what the program says of itself, and that is enough."""

from __future__ import annotations

import inspect
import re
from enum import Enum

import pytest

import ako
import ako.testing
from tests.contract.reference.groups import group_of
from tests.contract.reference.page import PAGE, text
from tests.contract.reference.reading import docstring, fields_of, origin, own_words

PAGE_TEXT = PAGE.read_text(encoding="utf-8")
CLASSES = {name: value for name in ako.__all__ if inspect.isclass(value := getattr(ako, name))}
PARTLY = {"Settings"}
"""Its sections are in docs/configuration.md, key by key."""


def test_the_page_is_what_docstrings_and_signatures_say() -> None:
    assert text() == PAGE_TEXT, "`make tables` writes it"


@pytest.mark.parametrize("module", [ako, ako.testing], ids=lambda module: module.__name__)
def test_everything_exported_has_one_entry(module: object) -> None:
    headings = re.findall(r"^### (?:\w+ )?`(\w+)`$", PAGE_TEXT, re.MULTILINE)
    names: list[str] = module.__all__  # type: ignore[attr-defined]
    assert set(names) <= set(headings)
    assert len(headings) == len(set(headings))


def test_anchors_are_different_and_links_lead_to_them() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE_TEXT, re.MULTILINE)
    anchors = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE_TEXT)) <= set(anchors)


def test_every_field_says_what_it_is() -> None:
    silent = [
        f"{name}.{field.name}"
        for name, cls in CLASSES.items()
        if not issubclass(cls, Enum) and name not in PARTLY
        for field in fields_of(cls)
        if not field.words and not field.is_of_class
    ]
    assert silent == []


def test_every_argument_says_what_it_is() -> None:
    """But where there is one, which the first sentence is about."""
    functions = {name: value for name in ako.__all__ if inspect.isfunction(value := getattr(ako, name))}
    taken = {name: set(inspect.signature(function).parameters) for name, function in functions.items()}
    described = {name: set(docstring(own_words(function)).arguments) for name, function in functions.items()}
    assert {
        name: names - described[name] for name, names in taken.items() if len(names) > 1 and names - described[name]
    } == {}


def test_every_constant_says_what_it_is() -> None:
    constants = [name for name in ako.__all__ if name not in CLASSES and not callable(getattr(ako, name))]
    assert [name for name in constants if not origin(name, "ako")[2]] == []


def test_no_attribute_is_described_that_is_not_there() -> None:
    """A field that was renamed would be described under its old name."""
    described = {name: set(docstring(own_words(cls)).attributes) for name, cls in CLASSES.items()}
    there = {name: {field.name for field in fields_of(cls)} | set(dir(cls)) for name, cls in CLASSES.items()}
    assert {name: words - there[name] for name, words in described.items() if words - there[name]} == {}


def test_a_docstring_is_taken_apart() -> None:
    """Sections begin at the margin; an entry goes on where it is indented further."""
    said = docstring("""Do it.

    More of it.

    Args:
        one: the first
            of all.
        **others: all others.

    Raises:
        LookupError: there is none.

    Example:
        do(1)
    """)
    assert (said.text, said.example) == ("Do it.\n\nMore of it.", "do(1)")
    assert said.arguments == {"one": "the first of all.", "**others": "all others."}
    assert said.raises == {"LookupError": "there is none."}


def test_what_no_group_has_is_told_where_to_name_it() -> None:
    with pytest.raises(LookupError, match=r"groups\.py"):
        group_of("somewhere.else")
