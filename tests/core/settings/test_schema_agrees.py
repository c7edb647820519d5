"""`ako config schema` and the program judge every values file alike; and helm, with its own engine, as the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ako.core.settings import patterns, values
from ako.core.settings.chart_keys import CHART_KEYS
from ako.core.settings.foreign_keys import FEATURES, OLDER_SPELLINGS
from ako.core.settings.keys import key_table
from tests.core.settings.judges import (
    SCHEMA,
    helm_chart,
    helm_takes,
    program_refuses,
    schema_takes,
    show,
    validator,
    values_with,
)
from tests.core.settings.value_cases import CASES, stricter

ALL = [(key, value, True) for key, (good, _) in CASES.items() for value in good]
ALL += [(key, value, False) for key, (_, bad) in CASES.items() for value in bad]


def test_the_schema_is_one() -> None:
    validator().check_schema(SCHEMA)
    assert len(ALL) >= 200


@pytest.mark.parametrize("key", CASES)
def test_the_schema_and_the_program_agree(key: str) -> None:
    for value, is_good in [(value, is_good) for name, value, is_good in ALL if name == key]:
        file = values_with(key, value)
        refusal = program_refuses(file)
        assert (schema_takes(file), not refusal) == (is_good, is_good), (value, refusal)
        assert is_good or key.partition(".")[0] in refusal


@pytest.mark.parametrize("first", [0, *(pytest.param(rank, marks=pytest.mark.campaign) for rank in range(1, 40))])
def test_helm_agrees(first: int, tmp_path: Path) -> None:
    chart = helm_chart(tmp_path)
    for key, value, is_good in ALL[first::40]:
        if value is not None:  # helm takes null for: leave this key out
            assert helm_takes(chart, values_with(key, value)) == is_good, (key, value)


def test_the_command_says_the_same(tmp_path: Path) -> None:
    for key, value, is_good in ALL[::80]:
        code, said = show(values_with(key, value), tmp_path)
        assert (code, said.startswith("1 fault")) == ((0, False) if is_good else (64, True)), (key, value, said)


@pytest.mark.parametrize("case", list(stricter()), ids=lambda case: next(iter(case.values)))
def test_only_the_program_refuses_what_json_schema_cannot_say(case: Any) -> None:
    assert schema_takes(case.values)
    assert program_refuses(case.values)


def test_the_newer_of_two_spellings_is_judged() -> None:
    file = {"ControllerSettings": {"controllerIP": "two words", "controllerHost": "avi"}}
    assert schema_takes(file)
    assert not program_refuses(file)


def every_key() -> Iterator[str]:
    yield from key_table({}).by_helm
    yield from CHART_KEYS
    yield from FEATURES
    yield from OLDER_SPELLINGS


WORDS = sorted({word for key in key_table({}).by_helm.values() for word in key.allowed.replace(",", " ").split()})
PARTS = ["10.0.0.0", "/8", "::1", "https://", "avi", ":443", "a/b", "20.1.1", "65535", "7", "0", "LARGE", "null", "ako"]
PARTS += ["-", "--", "[", "]", "{", ",", ".", '"', " ", "\n", "\t", "\u00a0", "\u212a", "ä"]
BITS = st.sampled_from([*WORDS, *patterns.TRUE, *patterns.FALSE, *PARTS])
TEXTS = st.lists(BITS, max_size=4).map("".join) | st.text(
    st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=12
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(0, 300)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | TEXTS
)
NAMES = st.sampled_from(
    ["networkName", "cidr", "v6cidr", "cidrs", "networkUUID", "pool", "name", "enabled", "labels", "x"]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)


def only_the_program_knows(value: object, refusal: str) -> bool:
    """Say whether a value is a text that is JSON, or does not fit another setting."""
    is_json = isinstance(value, str) and value.strip(patterns.BLANKS)[:1] in {"[", "{"}
    return is_json or "is too long" in refusal


@given(st.sampled_from(sorted(every_key())), VALUES)
def test_they_agree_on_any_value(key: str, value: object) -> None:
    file = values_with(key, value)
    refusal = program_refuses(file)
    if schema_takes(file):
        assert not refusal or only_the_program_knows(value, refusal)
    else:
        assert refusal


def judged(pattern: str, text: str) -> bool:
    return patterns.matches(pattern, text)


@given(st.ip_addresses().map(str), st.integers(-1, 130), st.sampled_from(["", "/", "[", "]:443"]))
def test_addresses_and_networks_are_those_of_the_library(address: str, length: int, around: str) -> None:
    assert judged(patterns.ADDRESS, address)
    assert not judged(patterns.ADDRESS, f"{address}{around}x")
    assert judged(patterns.NETWORK, f"{address}/{length}") == (0 <= length <= (128 if ":" in address else 32))


@given(st.from_regex(patterns.ENDPOINT, fullmatch=True))
def test_every_endpoint_of_the_pattern_is_one(text: str) -> None:
    assert values.parse_endpoint(text)


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 5000))
def test_the_numbers_of_a_range_are_those_between(one: int, other: int, number: int) -> None:
    least, most = sorted((one, other))
    assert judged(patterns.whole(patterns.number(least, most)), f" 0{number}") == (least <= number <= most)


def patterns_of(schema: Any) -> Iterator[str]:
    """Give the expressions of the texts that a key may be, but for those that are JSON."""
    for arm in schema.get("anyOf", ()):
        if "pattern" in arm and arm["pattern"] not in {patterns.JSON_LIST, patterns.JSON_MAPPING, patterns.PEM}:
            yield arm["pattern"]


def property_of(key: str) -> Any:
    found: Any = SCHEMA
    for name in key.split("."):
        found = found["properties"][name]
    return found


WRITTEN = [
    (key, pattern)
    for key in sorted({*key_table({}).by_helm, *(key for key, feature in FEATURES.items() if feature.is_refused)})
    for pattern in patterns_of(property_of(key))
]
CLOSE = st.sampled_from(WRITTEN).flatmap(
    lambda one: st.tuples(st.just(one[0]), st.from_regex(one[1]), st.integers(0, 60), BITS | st.just(""))
)


@given(CLOSE)
def test_they_agree_on_texts_that_are_right_and_on_those_that_are_nearly(drawn: tuple[str, str, int, str]) -> None:
    key, text, at, slip = drawn
    for written in (text, text[:at] + slip + text[at + 1 :]):
        file = values_with(key, written)
        refusal = program_refuses(file)
        assert schema_takes(file) == (not refusal) or only_the_program_knows(written, refusal), refusal
