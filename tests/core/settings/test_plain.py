"""Values of settings as they are shown, of whatever type a plugin gives its own."""

from __future__ import annotations

import json
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ako import NamespacedName, Section, setting
from ako.core.settings import ConfigText, Sources, load_settings
from ako.core.settings.plain import changed, plain, shown


class Colour(Enum):
    """One of few words."""

    RED = "red"


class Account(Section):
    """A section in a section."""

    user: str = ""
    password: SecretStr = SecretStr("")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (SecretStr("hush"), "***"),
        (SecretStr(""), ""),
        ({"north": SecretStr("hush")}, {"north": "***"}),
        ({"north": (SecretStr("hush"), SecretStr(""))}, {"north": ["***", ""]}),
        (frozenset("dacb"), ["a", "b", "c", "d"]),
        (frozenset({3, 1}), [1, 3]),
        (NamespacedName("red", "cert"), "red/cert"),
        ({NamespacedName("red", "cert"): timedelta(seconds=3)}, {"red/cert": "0:00:03"}),
        ({"colour": Colour.RED}, {"colour": "red"}),
        (({"on": True}, None), [{"on": True}, None]),
    ],
)
def test_a_value_is_shown_as_json_can_say_it_and_secrets_are_masked(value: Any, shown: Any) -> None:
    assert plain(value) == shown
    assert json.loads(json.dumps(plain(value))) == shown


def test_no_secret_of_a_section_in_a_section_is_shown() -> None:
    assert "hush" not in json.dumps(plain(Account(user="u", password=SecretStr("hush"))))
    assert "hush" not in json.dumps(plain((Account(password=SecretStr("hush")),)))


class Login(Section):
    """Settings of a plugin that keeps secrets in what is no `SecretStr`."""

    pin: str = setting("", "Short.", secret=True)
    old_pins: tuple[str, ...] = setting(("0000",), "Several.", secret=True)
    user: str = setting("", "No secret.")


def test_what_is_declared_as_a_secret_is_shown_nowhere_whatever_its_type_and_length() -> None:
    loaded = load_settings(Sources(flags={"ako.login.pin": "4711", "ako.login.user": "u"}), {"login": Login})
    rows = {helm: row["value"] for helm, row in shown(loaded).items() if helm.startswith("ako.login.")}
    assert rows == {"ako.login.pin": "***", "ako.login.oldPins": "***", "ako.login.user": "u"}
    assert set(changed(loaded)) == {"ako.login.pin", "ako.login.user"}
    assert "4711" not in repr(loaded.settings)
    assert "0000" not in repr(loaded.settings)


def test_a_secret_that_is_not_set_is_shown_as_that() -> None:
    assert shown(load_settings(Sources(), {"login": Login}))["ako.login.pin"]["value"] == ""


def test_each_secret_of_a_list_is_looked_for_in_what_is_told() -> None:
    text = "ako: {login: {oldPins: [first-of-them, second-of-them]}}"
    sources = Sources(config_files=(ConfigText(Path("values.yaml"), text.encode()),))
    load_settings(sources, {"login": Login})
    assert sources.secrecy.masked("it raised: first-of-them, second-of-them") == "it raised: ***, ***"
