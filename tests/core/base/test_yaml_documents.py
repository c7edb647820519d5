"""YAML as both readers need it: lines of all keys, keys given twice, and words that repeat nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.yaml_documents import YamlDocument, YamlError, yaml_documents

VALUES = st.recursive(
    st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(), inner, max_size=4),
    max_leaves=20,
)


def only(text: str) -> YamlDocument:
    (document,) = yaml_documents(text.encode())
    return document


def named(value: Any, names: Iterator[int]) -> Any:
    """Give each key a name that is nowhere else."""
    if isinstance(value, dict):
        return {f"key{next(names)}x": named(inner, names) for inner in value.values()}
    return [named(inner, names) for inner in value] if isinstance(value, list) else value


def keys_of(value: Any, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from keys_of(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from keys_of(inner, (*path, index))


@given(VALUES)
def test_every_key_has_its_line(value: Any) -> None:
    value = named(value, iter(range(1000)))
    text = yaml.safe_dump(value)
    document = only(text)
    assert document.value == value
    assert document.repeated == ()
    for path in keys_of(value):
        (line,) = [number for number, line in enumerate(text.split("\n"), 1) if f"{path[-1]}:" in line]
        assert document.line_of(*path) == line


def test_elements_have_lines_and_what_is_not_there_has_that_of_its_parent() -> None:
    document = only("a: 1\nb:\n- x\n-\n  y\n")
    assert [document.line_of("b", 0), document.line_of("b", 1)] == [3, 5]
    assert [document.line_of("b", 2), document.line_of("b", "c", "d"), document.line_of("c")] == [2, 2, 1]


def test_lines_count_through_documents() -> None:
    documents = list(yaml_documents(b"a: 1\n---\n\nb: 2\n---\n"))
    assert [document.value for document in documents] == [{"a": 1}, {"b": 2}, None]
    assert [document.line_of() for document in documents][:2] == [1, 4]


def test_keys_given_twice_are_found_wherever_they_are() -> None:
    document = only("a: 1\nb:\n- c: {d: 1, 'd': 2}\na: 2\na: 3\n")
    assert document.repeated == ((("b", "0", "c", "d"), 3), (("a",), 4), (("a",), 5))


def test_what_is_taken_over_and_bettered_is_not_given_twice() -> None:
    document = only("base: &base {a: 1, b: 2}\nmine:\n  <<: *base\n  a: 3\nyours:\n  <<: *base\n")
    assert document.value["mine"] == {"a": 3, "b": 2}
    assert document.repeated == ()
    assert [document.line_of("mine", "a"), document.line_of("mine", "b")] == [4, 1]


def test_a_repeated_key_that_has_aliases_is_told_once() -> None:
    assert len(only("a: &a {b: 1, b: 2}\nc: *a\nd: [*a, *a]\n").repeated) == 1


def test_time_stamps_are_texts() -> None:
    document = only("2026-01-02: 2026-01-02T03:04:05Z\nb: !!timestamp 2026-01-02\n")
    assert document.value == {"2026-01-02": "2026-01-02T03:04:05Z", "b": "2026-01-02"}


def test_a_colon_may_stand_close_to_what_follows() -> None:
    first, second = yaml_documents(b"a: 1\n---\nb: {c:}\nd: {e:, f: [g:]}\n")
    assert first.value == {"a": 1}
    assert second.value == {"b": {"c": None}, "d": {"e": None, "f": [{"g": None}]}}
    assert second.line_of("d", "f") == 4


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: *hunter2", (1, 4)),
        ("a: 1\nb: !hunter2 x", (2, 4)),
        ("a: !hunter2!x y", (1, 4)),
        ("a: !!int hunter2", (1, 4)),
        ("a: !!float hunter2", (1, 4)),
        ("a: !!bool hunter2", (1, 4)),
        ('a: !!int ""', (1, 4)),
        ("a: 0x_", (1, 4)),
        ('a: "\\hunter2"', (1, 5)),
        ("a:\n  hunter2: b: c", (2, 13)),
        ("a: {hunter2:}\nb: *hunter2", (1, 12)),
        ("? [hunter2]\n: 1", (1, 3)),
        ("a: 1\nb: &b\n  c: *b", (2, 4)),
        ("a: hunter2\nb: \0", (2, 4)),
    ],
)
def test_what_is_not_yaml_is_told_with_its_place_and_not_quoted(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(YamlError) as caught:
        list(yaml_documents(text.encode()))
    assert (caught.value.line, caught.value.column) == place
    assert str(caught.value).endswith(f" (line {place[0]}, column {place[1]})")
    assert "hunter2" not in str(caught.value)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(YamlError):
        list(yaml_documents(b"[" * 900 + b"]" * 900))
